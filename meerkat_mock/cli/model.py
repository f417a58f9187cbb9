"""`meerkat-mock model`: the model of a scenario as an OpenAI-compatible endpoint, for a real server."""

from __future__ import annotations

import sys
import threading

import click


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one.")
def command(file: str | None, port: int) -> None:
    """Serve the model of a scenario as an OpenAI-compatible chat-completions endpoint on 127.0.0.1.

    Point a self-hosted server entry of rkat-rpc's configuration at the address it prints.

    Example: meerkat-mock model scenarios/hello.mock.yaml --port 8000
    """
    from meerkat_mock.scenario.document import ScenarioError
    from meerkat_mock.scenario.player import Player
    from meerkat_mock.scenario.reader import read
    from meerkat_mock.world.http import ModelEndpoint

    try:
        player = Player(read(file) if file else None)
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    try:
        with ModelEndpoint(player, port=port) as url:
            click.echo(f"serving {file or 'inline scripts'} at {url}/v1/chat/completions")
            threading.Event().wait()
    except KeyboardInterrupt:
        sys.exit(130)
