"""Places that say incompatible things (CON): what each document claims, compared by `linter.consistency`. One rule a file."""
