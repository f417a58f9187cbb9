"""Reads the command line of rkat-rpc, and says what the real one says of a wrong one (spec 01, sections 13.1 and 13.2).

Hand-made rather than with a library because this runs before the first answer of every process a test starts, and because the texts and
exit codes are the server's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.flags import Flags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = "rkat-rpc 0.6.5"
USAGE = "Usage: rkat-rpc [OPTIONS]"
HELP = f"""Meerkat JSON-RPC stdio server

{USAGE}

Options:
      --realm <REALM>                          Join or create this realm
      --isolated                               Use a fresh realm
      --instance <INSTANCE>                    Label of this process
      --realm-backend <REALM_BACKEND>          How a new realm is kept [possible values: jsonl, sqlite]
      --state-root <STATE_ROOT>                Folder of the realms
      --context-root <CONTEXT_ROOT>            Folder of skills, hooks and MCP servers
      --user-config-root <USER_CONFIG_ROOT>    Folder of the user's own conventions
      --tcp <TCP>                              Serve TCP on HOST:PORT instead of the standard streams
      --allow-remote                           Permit a TCP address that is not loopback
      --live-ws <LIVE_WS>                      Serve live channels over WebSocket on HOST:PORT
      --live-ws-scheme <LIVE_WS_SCHEME>        Scheme that live/open advertises [possible values: ws, wss]
      --scenario <FILE>                        Play this scenario (default: $MEERKAT_MOCK_SCENARIO) [mock only]
      --fault <NAME>                           Turn a fault of the scenario on; may be repeated (default: $MEERKAT_MOCK_FAULTS) [mock only]
      --clock <CLOCK>                          Where time comes from [possible values: real, virtual] [mock only]
  -h, --help                                   Print help
  -V, --version                                Print version
"""

_VALUES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "--realm": ("REALM", ()),
    "--instance": ("INSTANCE", ()),
    "--realm-backend": ("REALM_BACKEND", ("jsonl", "sqlite")),
    "--state-root": ("STATE_ROOT", ()),
    "--context-root": ("CONTEXT_ROOT", ()),
    "--user-config-root": ("USER_CONFIG_ROOT", ()),
    "--tcp": ("TCP", ()),
    "--live-ws": ("LIVE_WS", ()),
    "--live-ws-scheme": ("LIVE_WS_SCHEME", ("ws", "wss")),
    "--scenario": ("FILE", ()),
    "--fault": ("NAME", ()),
    "--clock": ("CLOCK", ("real", "virtual")),
}
_SWITCHES = frozenset({"--isolated", "--allow-remote", "--help", "-h", "--version", "-V"})
_REALM = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_UUID = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"


class Refused(Exception):
    """A command line or a start that cannot be served: what goes to stderr, and the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


class CommandLine:
    """A command line, read."""

    __slots__ = ("allow_remote", "faults", "flags", "prints", "scenario", "tcp", "virtual")

    def __init__(
        self,
        flags: Flags,
        *,
        tcp: str | None = None,
        allow_remote: bool = False,
        scenario: str | None = None,
        faults: tuple[str, ...] = (),
        virtual: bool = False,
        prints: str | None = None,
    ) -> None:
        self.flags = flags
        self.tcp = tcp
        self.allow_remote = allow_remote
        self.scenario = scenario
        self.faults = faults
        self.virtual = virtual
        self.prints = prints
        """Text to print instead of serving: help or version."""


class _Found:
    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.switches: set[str] = set()

    def one(self, name: str) -> str | None:
        return self.values[name][-1] if name in self.values else None


def read_command_line(arguments: Sequence[str]) -> CommandLine:
    """Return what the arguments (without the program's name) ask for. Raises `Refused` with the server's own text."""
    found = _sort(arguments)
    if found.switches & {"--help", "-h"}:
        return CommandLine(Flags(), prints=HELP)
    if found.switches & {"--version", "-V"}:
        return CommandLine(Flags(), prints=VERSION + "\n")
    return CommandLine(
        _flags(found),
        tcp=found.one("--tcp"),
        allow_remote="--allow-remote" in found.switches,
        scenario=found.one("--scenario"),
        faults=tuple(found.values.get("--fault", ())),
        virtual=found.one("--clock") == "virtual",
    )


def _sort(arguments: Sequence[str]) -> _Found:
    found = _Found()
    rest = list(arguments)
    while rest:
        name, given, value = rest.pop(0).partition("=")
        if name in _VALUES:
            if not given:
                if not rest or rest[0].startswith("--"):
                    raise _usage(f"a value is required for '{name} <{_VALUES[name][0]}>' but none was supplied", short=True)
                value = rest.pop(0)
            _take(found, name, value)
        elif name in _SWITCHES and not given:
            if name in found.switches:
                raise _usage(f"the argument '{name}' cannot be used multiple times")
            found.switches.add(name)
        else:
            raise _usage(f"unexpected argument '{name}' found")
    return found


def _take(found: _Found, name: str, value: str) -> None:
    placeholder, allowed = _VALUES[name]
    if name in found.values and name != "--fault":
        raise _usage(f"the argument '{name} <{placeholder}>' cannot be used multiple times")
    if allowed and value not in allowed:
        possible = f"\n  [possible values: {', '.join(allowed)}]"
        raise _usage(f"invalid value '{value}' for '{name} <{placeholder}>'{possible}", short=True)
    found.values.setdefault(name, []).append(value)


def _usage(what: str, *, short: bool = False) -> Refused:
    usage = "" if short else f"{USAGE}\n\n"
    return Refused(f"error: {what}\n\n{usage}For more information, try '--help'.", 2)


def _flags(found: _Found) -> Flags:
    realm = found.one("--realm")
    if realm is not None and "--isolated" in found.switches:
        raise Refused("Error: ConflictingSelection", 1)
    if realm is not None:
        _check_realm(realm)
    backend = found.one("--realm-backend")
    return Flags(
        realm=realm,
        isolated="--isolated" in found.switches,
        instance=found.one("--instance"),
        realm_backend=None if backend is None else "jsonl" if backend == "jsonl" else "sqlite",
        state_root=found.one("--state-root"),
        context_root=found.one("--context-root"),
        user_config_root=found.one("--user-config-root"),
        live_ws=found.one("--live-ws"),
        live_ws_scheme="wss" if found.one("--live-ws-scheme") == "wss" else "ws",
    )


def _check_realm(realm: str) -> None:
    import re

    if not re.fullmatch(_REALM, realm) or re.fullmatch(_UUID, realm):
        raise Refused(f'Error: InvalidRealmId("{realm}")', 1)
