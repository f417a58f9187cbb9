"""`meerkat-mock chat`: a person types, the mock answers."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from meerkat_mock import interrupts
from meerkat_mock.report.plain import plain

if TYPE_CHECKING:
    from meerkat.session import Session


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--model", help="Model of the session.")
def command(file: str | None, model: str | None) -> None:
    """Type to the mock; it answers from a scenario, and without one from `@script[...]` in what you type.

    An empty line or the end of the input ends the conversation.

    Example: meerkat-mock chat scenarios/hello.mock.yaml
    """
    from meerkat_mock.scenario.document import ScenarioError

    try:
        sys.exit(interrupts.run(_chat(file, model)))
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


async def _chat(file: str | None, model: str | None) -> int:
    from meerkat.errors import MeerkatError
    from meerkat.session import Session
    from meerkat_mock.cli.screen import Screen
    from meerkat_mock.mock import MeerkatMock

    mock, screen = MeerkatMock(file), Screen()
    session: Session | None = None
    async with mock.client() as client:
        while text := _ask():
            stream = client.create_session_streaming(text, model=model) if session is None else session.stream(text)
            try:
                async with stream:
                    async for event in stream:
                        screen.event(event)
                session = session or Session(client, stream.result)
            except MeerkatError as error:
                screen.error(str(error))
            screen.end()
    if text is None:
        return 130
    for violation in mock.violations:
        click.echo(plain(str(violation)), err=True)
    return 1 if mock.violations else 0


def _ask() -> str | None:
    """Read a line, on which a conversation waits with all it has. None when Ctrl-C is pressed, which the event loop would hear too late."""
    if sys.stdin.isatty():
        click.echo(click.style("> ", fg="cyan"), nl=False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return sys.stdin.readline().strip()
    except KeyboardInterrupt:
        return None
    finally:
        signal.signal(signal.SIGINT, before)
