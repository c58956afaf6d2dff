"""One page, or one part of a page, a module; each has `register(services)` or is used by one that has."""
