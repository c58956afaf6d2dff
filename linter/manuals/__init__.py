"""Manuals of packages as evidence: fetched by release, read into a local index, asked for the passage next to a fact."""
