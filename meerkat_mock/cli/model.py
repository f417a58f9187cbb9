"""`meerkat-mock model`: the model of a scenario as an OpenAI-compatible endpoint, for a real server."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat_mock.scenario.document import Document
    from meerkat_mock.world.model import AnswersModelRequests, ModelAnswer, ModelRequest


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
        document = read(file) if file else None
        player = Player(document)
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for line in _limits(document) if document else ():
        click.echo(line, err=True)
    try:
        with ModelEndpoint(Telling(player), port=port) as url:
            click.echo(f"serving {file or 'inline scripts'} at {url}/v1/chat/completions")
            threading.Event().wait()
    except KeyboardInterrupt:
        sys.exit(130)


class Telling:
    """A player that says on standard error which parts of an answer no endpoint can say: they are left out."""

    def __init__(self, player: AnswersModelRequests) -> None:
        self._player = player

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the player's answer."""
        from meerkat_mock.realserver.findings import unsaid

        answer = self._player.answer(request)
        for part in unsaid(answer):
            click.echo(f"mock only: {part} is left out of the answer", err=True)
        return answer


def _limits(document: Document) -> Iterator[str]:
    """Yield what of a scenario no endpoint can play: it sees messages, tools and a model, and answers one caller like another."""
    for index, session in enumerate(document.scenario.sessions):
        unseen = [name for name in ("labels", "provider") if session.match.given(name)]
        if unseen:
            where, names = document.where("sessions", index), " and ".join(unseen)
            yield f"{where}: mock only: no request to a model shows {names}, so this script is never chosen here"
    for index, _mob in enumerate(document.scenario.mobs):
        yield f"{document.where('mobs', index)}: mock only: no request to a model shows which member of a mob asks"
