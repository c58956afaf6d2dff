"""Training of what `corpus.meaning` ships; never imported when serving."""
