"""A conversation on a terminal: prompts, text as it streams, tools and what they answered. Colours only on a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from meerkat.events import (
    ExtractionFailed,
    ExtractionSucceeded,
    ReasoningDelta,
    Retrying,
    RunFailed,
    TextDelta,
    ToolCallRequested,
    ToolExecutionCompleted,
)
from meerkat_mock.report.plain import plain

if TYPE_CHECKING:
    from meerkat.events import Event


class Screen:
    """Writes one conversation after another."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._open = False
        """True while a line is being streamed."""

    def begin(self, name: str) -> None:
        """Begin a conversation."""
        self._line(click.style(plain(f"== {name} =="), bold=True))

    def prompt(self, text: str) -> None:
        """Show what the client says."""
        self._line(click.style("> ", fg="cyan") + plain(text))

    def error(self, text: str) -> None:
        """Show an error answer."""
        self._line(click.style("! ", fg="red") + plain(text))

    def event(self, event: Event) -> None:
        """Show one event of a run; most say nothing that a person would want to read."""
        match event:
            case TextDelta(delta=delta):
                self._stream(delta)
            case ReasoningDelta(delta=delta):
                self._stream(delta, dim=True)
            case ToolCallRequested(name=name, args=args):
                self._line(_styled(f"  {name}", "yellow") + plain(f" {json.dumps(args, ensure_ascii=False)}"))
            case ToolExecutionCompleted(name=name, result=result):
                self._line(_styled(f"  {name}", "yellow") + plain(f" -> {result}"))
            case Retrying(attempt=attempt, error=error):
                self._line(_styled(f"  retry {attempt}: {error}", "red"))
            case RunFailed(error=error):
                self._line(_styled(f"  failed: {error}", "red"))
            case ExtractionSucceeded(structured_output=value):
                self._line(plain(f"  = {json.dumps(value, ensure_ascii=False)}"))
            case ExtractionFailed(reason=reason):
                self._line(_styled(f"  no structured output: {reason}", "red"))
            case _:
                pass

    def words(self, text: str) -> None:
        """Show words as they are spoken or written on a live channel."""
        self._stream(text)

    def note(self, text: str) -> None:
        """Show what happens on a live channel beside words."""
        self._line(_styled(f"  {text}", "yellow"))

    def end(self) -> None:
        """Finish the last line."""
        if self._open and not self._quiet:
            click.echo()
        self._open = False

    def _stream(self, text: str, *, dim: bool = False) -> None:
        if not self._quiet:
            click.echo(click.style(plain(text), dim=True) if dim else plain(text), nl=False)
            self._open = True

    def _line(self, text: str) -> None:
        self.end()
        if not self._quiet:
            click.echo(text)


def _styled(text: str, colour: str) -> str:
    return click.style(plain(text), fg=colour)
