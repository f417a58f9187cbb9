"""`meerkat-mock play`: a scenario played against the mock by a built-in client, the conversation streaming to the terminal."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from meerkat_mock import interrupts
from meerkat_mock.report.plain import plain

if TYPE_CHECKING:
    from meerkat.client import MeerkatClient
    from meerkat_mock.cli.screen import Screen
    from meerkat_mock.mock import MeerkatMock
    from meerkat_mock.scenario.prompting import Part


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print every line that crosses the wire as JSON.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Override a variable of the scenario; may be repeated.")
def command(file: str, as_json: bool, variables: tuple[str, ...]) -> None:
    """Play a scenario against the mock with a built-in client.

    A turn's `prompt:` is sent, else a prompt that meets its `expect`. Tools that an application would bring are stood in for.

    Example: meerkat-mock play scenarios/hello.mock.yaml
    """
    from meerkat_mock.scenario.document import ScenarioError
    from meerkat_mock.scenario.prompting import NoPrompt

    try:
        sys.exit(interrupts.run(_play(file, dict(_variable(text) for text in variables), as_json=as_json)))
    except (ScenarioError, NoPrompt) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _variable(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not given:
        raise click.BadParameter(f"{text!r} is no NAME=VALUE")
    return name, value


async def _play(file: str, variables: dict[str, str], *, as_json: bool) -> int:
    from meerkat_mock.cli.play_live import converse_live, live_tools
    from meerkat_mock.cli.screen import Screen
    from meerkat_mock.mock import MeerkatMock
    from meerkat_mock.scenario.prompting import parts_of, tools_of

    mock = MeerkatMock(file, vars=dict(variables))
    document = mock.script.document()
    screen = Screen(quiet=as_json)
    async with mock.client(live_ws=bool(document.scenario.live)) as client:
        for tool, answer in {**dict.fromkeys(live_tools(document), "done"), **tools_of(document)}.items():
            _bring(client, tool, answer)
        for part in parts_of(document):
            await _converse(client, part, screen)
        await converse_live(client, document, screen)
    mock.stop()
    return _close(mock, screen, as_json=as_json)


def _bring(client: MeerkatClient, tool: str, answer: str) -> None:
    """Register a stand-in for a tool of an application."""

    @client.tool(tool, description=f"stand-in for {tool}", input_schema={"type": "object"})
    async def _(arguments: dict[str, Any]) -> str:
        return answer


async def _converse(client: MeerkatClient, part: Part, screen: Screen) -> None:
    from meerkat.errors import MeerkatError
    from meerkat.session import Session

    screen.begin(part.name)
    session: Session | None = None
    for prompt in part.prompts:
        screen.prompt(prompt)
        options: dict[str, Any] = {"model": part.model, "labels": part.labels or None}
        options |= {"system_prompt": part.system_prompt, "output_schema": part.output_schema}
        try:
            stream = client.create_session_streaming(prompt, **options) if session is None else session.stream(prompt)
            async with stream:
                async for event in stream:
                    screen.event(event)
            if session is None:
                session = Session(client, stream.result)
        except MeerkatError as error:
            screen.error(str(error))
            if session is None:
                return


def _close(mock: MeerkatMock, screen: Screen, *, as_json: bool) -> int:
    from meerkat_mock.violations import MockViolations

    if as_json:
        for line in mock.journal:
            click.echo(json.dumps({"line": line.number, "direction": line.direction, "message": line.message}, ensure_ascii=False))
    try:
        mock.assert_clean()
    except MockViolations as violations:
        screen.end()
        click.echo(plain(str(violations)), err=True)
        return 1
    screen.end()
    return 0
