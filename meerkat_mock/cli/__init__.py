"""`meerkat-mock`: playing, serving and looking, on the command line. One module per verb, imported when the verb is called.

Exit codes: 0 good, 1 findings, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

VERBS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "play": "Play a scenario against the mock, the conversation streaming to the terminal.",
        "chat": "Type to the mock; it answers from a scenario.",
        "serve": "Serve the mock to a client in any language.",
        "lint": "Check scenario files.",
        "schema": "Print the JSON Schema of scenario files.",
        "model": "Serve the model of a scenario as an OpenAI-compatible endpoint.",
        "mutate": "List what can go wrong in the scripts of a suite without any test noticing.",
        "conform": "Tell in what a server differs from rkat-rpc, by recorded and generated conversations.",
        "coverage": "Tell which methods, events and errors journals have exercised, and which not.",
        "quirks": "Print where the shipped server departs from its documentation.",
    }
)
"""The verbs and their one-line help; each is `meerkat_mock/cli/<verb>.py` with a click command `command`."""


class _Verbs(click.Group):
    """Finds a verb's module when it is asked for, so that `--help` and every verb start quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one verb's command."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"meerkat_mock.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Call a verb; an interrupt that it leaves to others ends the program as it ends others."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(130)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb of a command line; an unknown one is told the nearest."""
        import difflib

        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; verbs: {', '.join(VERBS)}"
            raise click.UsageError(f"there is no verb {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="meerkat-kit", prog_name="meerkat-mock")
def main() -> None:
    """Play, serve and check Meerkat scenarios.

    Example: meerkat-mock play scenarios/hello.mock.yaml
    """
