"""What the flags of the executable mean, and what it says of wrong ones (spec 01, sections 13.1 and 13.2)."""

from __future__ import annotations

import pytest

from meerkat_mock.process.commandline import HELP, Refused, read_command_line


def refused(*arguments: str) -> tuple[str, int]:
    with pytest.raises(Refused) as raised:
        read_command_line(arguments)
    return str(raised.value), raised.value.code


def test_every_flag_is_read_after_a_space_or_an_equals_sign() -> None:
    roots = "--realm=r1 --instance i --realm-backend jsonl --state-root=s --context-root c --user-config-root=u"
    roads = "--tcp 127.0.0.1:7 --allow-remote --live-ws 127.0.0.1:0 --live-ws-scheme wss"
    own = "--scenario f.mock.yaml --fault a --fault=b --clock virtual"
    read = read_command_line(f"{roots} {roads} {own}".split())
    assert (read.tcp, read.allow_remote, read.scenario, read.faults, read.virtual) == ("127.0.0.1:7", True, "f.mock.yaml", ("a", "b"), True)
    flags = read.flags
    assert (flags.realm, flags.isolated, flags.instance, flags.realm_backend) == ("r1", False, "i", "jsonl")
    assert (flags.state_root, flags.context_root, flags.user_config_root) == ("s", "c", "u")
    assert (flags.live_ws, flags.live_ws_scheme) == ("127.0.0.1:0", "wss")


def test_without_flags_it_serves_the_standard_streams_in_real_time() -> None:
    read = read_command_line([])
    assert (read.tcp, read.scenario, read.virtual, read.prints, read.flags.realm_backend) == (None, None, False, None, None)


@pytest.mark.parametrize(("flag", "text"), [("--help", HELP), ("-h", HELP), ("--version", "rkat-rpc 0.6.5\n"), ("-V", "rkat-rpc 0.6.5\n")])
def test_help_and_version_are_printed_instead_of_serving(flag: str, text: str) -> None:
    assert read_command_line([flag]).prints == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bogus"], "unexpected argument '--bogus' found\n\nUsage: rkat-rpc [OPTIONS]"),
        (["serve"], "unexpected argument 'serve' found\n\nUsage: rkat-rpc [OPTIONS]"),
        (["--realm"], "a value is required for '--realm <REALM>' but none was supplied"),
        (["--tcp", "--isolated"], "a value is required for '--tcp <TCP>' but none was supplied"),
        (
            ["--realm-backend", "redis"],
            "invalid value 'redis' for '--realm-backend <REALM_BACKEND>'\n  [possible values: jsonl, sqlite]",
        ),
        (["--isolated", "--isolated"], "the argument '--isolated' cannot be used multiple times\n\nUsage: rkat-rpc [OPTIONS]"),
        (["--realm=a", "--realm=b"], "the argument '--realm <REALM>' cannot be used multiple times\n\nUsage: rkat-rpc [OPTIONS]"),
    ],
)
def test_a_wrong_flag_exits_with_2_and_the_text_of_the_server(arguments: list[str], said: str) -> None:
    assert refused(*arguments) == (f"error: {said}\n\nFor more information, try '--help'.", 2)


def test_a_realm_excludes_isolation() -> None:
    assert refused("--realm", "r", "--isolated") == ("Error: ConflictingSelection", 1)


@pytest.mark.parametrize("realm", ["bad:name", "", "_x", "a" * 65, "01a204b5-d92b-74e3-a101-38224cbfc896"])
def test_a_realm_has_a_name_of_its_own(realm: str) -> None:
    assert refused(f"--realm={realm}") == (f'Error: InvalidRealmId("{realm}")', 1)
