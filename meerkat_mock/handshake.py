"""What the server says of itself. Apart from the surface that says it, since a process answers before its surfaces are there."""

from __future__ import annotations

from typing import Final

from meerkat.wire.methods import CATALOGUE, CONTRACT_VERSION
from meerkat_mock.constant import Constant

INITIALIZE_RESULT: Final = Constant(
    server_info={"name": "meerkat-rpc", "version": "0.6.5"},
    contract_version=CONTRACT_VERSION,
    methods=["initialized", *CATALOGUE],
)
"""The answer to `initialize`, the same for every client and configuration."""
