"""One module per row of the table; each has `figures()`, which measures and returns its figures."""
