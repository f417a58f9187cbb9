"""From results on the wire to the values of `meerkat.types` and its neighbours: one module per surface, plain functions.

What a result must have is checked, and `ProtocolError` `INVALID_RESPONSE` names the place that is wrong: success is never made up. What a
later server may add, unknown fields and unknown values of open sets, passes.
"""
