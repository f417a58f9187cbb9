"""`meerkat-mock serve`: the mock for a client in any language, on the standard streams or over TCP."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("scenario", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--stdio", is_flag=True, help="Serve one client on stdin and stdout (the default).")
@click.option("--tcp", metavar="HOST:PORT", help="Serve any number of clients over TCP.")
@click.option("--allow-remote", is_flag=True, help="Permit a TCP address that is not loopback.")
@click.option("--live-ws", metavar="HOST:PORT", help="Serve live channels over WebSocket.")
@click.option("--realm", help="Realm to serve.")
@click.option("--state-root", metavar="DIR", help="Folder in which realms are kept.")
@click.option("--fault", multiple=True, metavar="NAME", help="Turn a fault of the scenario on; may be repeated.")
@click.option("--clock", type=click.Choice(["real", "virtual"]), default="real", show_default=True)
def command(
    scenario: str | None,
    stdio: bool,
    tcp: str | None,
    allow_remote: bool,
    live_ws: str | None,
    realm: str | None,
    state_root: str | None,
    fault: tuple[str, ...],
    clock: str,
) -> None:
    """Serve the mock to a client in any language.

    Example: meerkat-mock serve --tcp 127.0.0.1:7000 scenarios/hello.mock.yaml
    """
    from meerkat_mock.process.commandline import Refused, read_command_line
    from meerkat_mock.process.prelude import Prelude
    from meerkat_mock.process.serving import run

    if stdio and tcp:
        raise click.UsageError("--stdio and --tcp exclude each other")
    values = {"--tcp": tcp, "--live-ws": live_ws, "--realm": realm, "--state-root": state_root, "--scenario": scenario, "--clock": clock}
    arguments = [part for name, value in values.items() if value for part in (name, value)]
    arguments += [part for name in fault for part in ("--fault", name)] + (["--allow-remote"] if allow_remote else [])
    try:
        sys.exit(run(read_command_line(arguments), Prelude()))
    except Refused as refused:
        click.echo(str(refused), err=True)
        sys.exit(refused.code)
