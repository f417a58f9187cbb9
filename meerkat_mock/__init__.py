"""A toolkit that plays the Meerkat server in your tests: scenarios, a pytest fixture, strategies, a drop-in executable."""
