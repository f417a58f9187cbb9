"""Models of the endpoint under the names that an application uses.

A server's configuration may give a self-hosted model any name but one of its own catalogue. So every model of the catalogue gets a
*stand-in*, a self-hosted model whose name is marked; requests are changed to ask for it (`pointing` knows where), and answers to show the
name that was asked for.
Names outside of the catalogue are configured as they are. Limits: `provider` shows `self_hosted`, the listings of models and of the
configuration show the stand-ins, and a stand-in has every capability that a self-hosted model can have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.scenario.models import Scenario

MARK: Final = "meerkat-mock-"
SERVER: Final = "meerkat-mock"
_MARKED: Final = re.compile(rb'"' + MARK.encode() + rb'([^"\\]*)"')
_CONFIGURATION: Final = b'"self_hosted":{"'


class StandIns:
    """The names of one server. `catalogue` maps a model of the server to its provider."""

    def __init__(self, catalogue: Mapping[str, str]) -> None:
        self._catalogue = dict(catalogue)

    def configuration(self, url: str, default: str, names: Iterable[str]) -> JsonObject:
        """Return the patch that points every model at the endpoint: those of the catalogue, the default one, and `names`."""
        own = {name: name for name in (*names, default) if name not in self._catalogue}
        marked = {MARK + name: name for name in self._catalogue}
        server: JsonObject = {"transport": "openai_compatible", "base_url": url, "api_style": "chat_completions"}
        models: JsonObject = {name: _model(remote) for name, remote in {**marked, **own}.items()}
        hosted: JsonObject = {"servers": {SERVER: server}, "models": models}
        return {"self_hosted": hosted, "agent": {"model": MARK + default if default in self._catalogue else default}}

    def provider_of(self, model: str) -> str:
        """Return the provider that a model has without the endpoint."""
        return self._catalogue.get(model, "self_hosted")

    def exchange(self, owner: JsonObject) -> None:
        """Put the stand-in in place of the model that an object names under `model`, and its provider with it."""
        model = owner.get("model")
        if not isinstance(model, str) or model not in self._catalogue:
            return
        owner["model"] = MARK + model
        if owner.get("provider") == self._catalogue[model]:
            owner["provider"] = "self_hosted"

    @staticmethod
    def to_application(line: bytes) -> bytes:
        """Return a line of the server with the models that were asked for; the configuration stays as it is."""
        return line if _CONFIGURATION in line.replace(b" ", b"") else _MARKED.sub(rb'"\1"', line)


def _model(remote: str) -> JsonObject:
    can: JsonObject = dict.fromkeys(
        ("vision", "image_tool_results", "inline_video", "supports_temperature", "supports_thinking", "supports_reasoning"), True
    )
    sizes: JsonObject = {"context_window": 200_000, "max_output_tokens": 32_000}
    return {"server": SERVER, "remote_model": remote, "display_name": remote, "family": "custom", **sizes, **can}


def names_in(scenario: Scenario) -> Iterator[str]:
    """Yield the models that a scenario names in full: in `models`, in `config`, in a `match`, in an `expect`."""
    for model in scenario.models:
        yield model.id
    hosted = scenario.config.get("self_hosted")
    models = hosted.get("models") if isinstance(hosted, dict) else None
    yield from models if isinstance(models, dict) else ()
    for session in scenario.sessions:
        yield from _named(session.match.model)
        for turn in session.turns:
            yield from _named(turn.expect.model if turn.expect is not None else None)


def _named(matcher: Json) -> Iterator[str]:
    if isinstance(matcher, str):
        # a pattern like `claude-*` names no model
        yield from () if set(matcher) & set("*?[") else (matcher,)
    elif isinstance(matcher, dict) and isinstance(choices := matcher.get("one_of"), list):
        for choice in choices:
            yield from _named(choice)
