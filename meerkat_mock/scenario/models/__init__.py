"""The format as types, one module per part of a scenario: file, builder, recorder and strategies all speak through these."""
