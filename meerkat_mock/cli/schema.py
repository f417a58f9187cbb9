"""`meerkat-mock schema`: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of scenario files.

    Example: meerkat-mock schema > mock.schema.json
    """
    from meerkat_mock.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
