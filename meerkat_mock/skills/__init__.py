"""Skills: texts that a model is given when it needs them, from the sources that the server reads (spec 05, section 5)."""
