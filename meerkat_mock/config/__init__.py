"""The configuration of a realm: what it may hold, how it is read and merged, what is refused, where it is kept (spec 05, section 2)."""
