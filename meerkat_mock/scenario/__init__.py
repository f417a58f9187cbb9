"""Scenario files, format 1: what the model and the world do, read strictly, matched and played."""
