"""`meerkat-mock chat`: a person types, the mock answers."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import sys
import threading
from typing import TYPE_CHECKING

import click

from meerkat_mock import interrupts
from meerkat_mock.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable

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
        while text := await _ask():
            stream = client.create_session_streaming(text, model=model) if session is None else session.stream(text)
            try:
                async with stream:
                    async for event in stream:
                        screen.event(event)
                session = session or Session(client, stream.result)
            except MeerkatError as error:
                screen.error(str(error))
            screen.end()
    for violation in mock.violations:
        click.echo(plain(str(violation)), err=True)
    return 1 if mock.violations else 0


async def _ask() -> str:
    """Read a line in a thread that an interrupt leaves behind: the loop hears Ctrl-C at once, whoever waits for the end of the line."""
    if sys.stdin.isatty():
        click.echo(click.style("> ", fg="cyan"), nl=False)
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        if not line.done():
            settled()

    def read() -> None:
        try:
            settled = functools.partial(line.set_result, _line())
        except Exception as error:  # whatever it is belongs to the conversation, which would wait for ever
            settled = functools.partial(line.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, settled)

    threading.Thread(target=read, daemon=True).start()
    return await line


def _line() -> str:
    """Read a line, past the buffer of standard input: a thread that holds it when the program ends makes Python crash."""
    try:
        raw = io.FileIO(sys.stdin.fileno(), closefd=False)
    except io.UnsupportedOperation:  # no file at all: it never waits
        return sys.stdin.readline().strip()
    try:
        return raw.readline().decode(errors="replace").strip()
    except OSError as error:
        raise click.ClickException(f"standard input cannot be read ({error.strerror}); type at a terminal, or pipe lines in") from error
