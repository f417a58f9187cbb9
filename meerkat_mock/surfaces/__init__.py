"""The answering side, one module per surface: handlers and the state they keep.

A handler is a method marked with `handles`; it gets decoded params (and the `Call`, if it asks for it) and returns the result, or raises
`Fault`. Parsing, the error for bad params, correlation, journal, contract check and cancellation happen around it, once, for all.
A handler is synchronous unless it truly waits.
"""

from __future__ import annotations

from meerkat_mock.surfaces.registry import Call, Fault, Handler, Handlers, handles

__all__ = ["Call", "Fault", "Handler", "Handlers", "handles"]
