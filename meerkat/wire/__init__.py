"""The words of the contract (rkat-rpc 0.6.5): every params, result, event and enumeration, written once as Python types.

Owns the types and the table of methods; knows neither transports nor clients nor the mock, and imports only the standard
library. Importing this package loads no surface: take a type from its module (`meerkat.wire.sessions`) or a row from
`meerkat.wire.methods`.
"""

from __future__ import annotations
