"""What an rkat-rpc process is started with (spec 01, section 13.1), and the realm that follows from it (section 14)."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from meerkat_mock.ids import IdSource

Backend = Literal["sqlite", "jsonl"]


class Flags:
    """The command line of a server. Paths are kept as they were given."""

    __slots__ = (
        "context_root", "instance", "isolated", "live_ws", "live_ws_scheme", "realm", "realm_backend", "state_root", "user_config_root",
    )  # fmt: skip

    def __init__(
        self,
        *,
        realm: str | None = None,
        isolated: bool = False,
        instance: str | None = None,
        realm_backend: Backend | None = None,
        state_root: str | None = None,
        context_root: str | None = None,
        user_config_root: str | None = None,
        live_ws: str | None = None,
        live_ws_scheme: Literal["ws", "wss"] = "ws",
    ) -> None:
        self.realm = realm
        self.isolated = isolated
        self.instance = instance
        self.realm_backend: Backend | None = realm_backend
        self.state_root = state_root
        self.context_root = context_root
        self.user_config_root = user_config_root
        self.live_ws = live_ws
        self.live_ws_scheme: Literal["ws", "wss"] = live_ws_scheme


class Realm:
    """The realm a server serves: its id, where it would lie on disk, and how it is kept."""

    __slots__ = ("backend", "id", "root")

    def __init__(self, id: str, root: str, backend: Backend) -> None:
        self.id = id
        self.root = root
        self.backend: Backend = backend

    @property
    def manifest_path(self) -> str:
        """Path of the realm's manifest."""
        return os.path.join(self.root, "realm_manifest.json")

    @property
    def config_path(self) -> str:
        """Path of the realm's configuration file."""
        return os.path.join(self.root, "config.toml")

    @property
    def sessions_sqlite_path(self) -> str:
        """Path of the session database."""
        return os.path.join(self.root, "sessions.sqlite3")

    @property
    def sessions_jsonl_dir(self) -> str:
        """Folder of the sessions of a jsonl realm."""
        return os.path.join(self.root, "sessions_jsonl")


DEFAULT_STATE_ROOT = "/meerkat-mock/realms"
"""Where an in-memory mock says that its realms lie; nothing is written there."""


def realm_of(flags: Flags, ids: IdSource) -> Realm:
    """Return the realm of these flags; without `--realm` a fresh one, as each start of the server makes."""
    realm_id = flags.realm or f"realm-{ids.uuid7()}"
    root = os.path.join(flags.state_root or DEFAULT_STATE_ROOT, realm_id)
    return Realm(realm_id, root, flags.realm_backend or "sqlite")
