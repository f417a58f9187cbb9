"""Mutation of the peer: one scripted thing at a time goes wrong, and a test that does not notice is named."""
