"""What sessions find under the roots of a process: hook entries of `.rkat/config.toml`, and instructions in `AGENTS.md`.

Only roots that were given by flag are looked into, never the working directory of whoever runs a test. Files are read when an agent is
built. Assumption: a file that cannot be read counts as none, as the server starts with defaults over a broken configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.config.hooks import HOOKS
from meerkat_mock.config.kinds import Unreadable
from meerkat_mock.config.toml import BrokenToml, read_toml

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject
    from meerkat_mock.flags import Flags

_CONFIG: Final = Path(".rkat") / "config.toml"
_INSTRUCTIONS: Final = "AGENTS.md"
_INSTRUCTION_BYTES: Final = 1 << 20


def hook_entries(flags: Flags) -> list[JsonObject]:
    """Return the hook entries of the user's and then of the project's configuration (spec 01, section 14)."""
    roots = dict.fromkeys(root for root in (flags.user_config_root, flags.context_root) if root is not None)
    return [entry for root in roots for entry in _entries(Path(root) / _CONFIG)]


def _entries(file: Path) -> list[JsonObject]:
    if not file.is_file():
        return []
    try:
        hooks = cast("JsonObject", HOOKS.read(read_toml(file).get("hooks", {})))
    except (BrokenToml, Unreadable, OSError):
        return []
    return cast("list[JsonObject]", hooks["entries"])


def project_instructions(flags: Flags) -> str:
    """Return `AGENTS.md` of the context root, empty when there is none (spec 02, section 2.7)."""
    if flags.context_root is None:
        return ""
    file = Path(flags.context_root) / _INSTRUCTIONS
    try:
        if not file.is_file() or file.stat().st_size > _INSTRUCTION_BYTES:
            return ""
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
