"""The flat names of the published contract, kept for applications that import them from here; see `meerkat.generated.types`."""
