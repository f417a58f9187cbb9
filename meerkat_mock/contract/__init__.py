"""The contract as a judge: reads params as the server does and checks every line that crosses, by the types of `meerkat.wire`.

Owns reading and checking; knows no session, no scenario and no transport.
"""

from __future__ import annotations
