"""Skills that the server knows (spec 05)."""

from __future__ import annotations

from typing import Any

from meerkat.client.base import Surface
from meerkat.parsing.fields import Fields


class Skills(Surface):
    """The method about skills."""

    async def list_skills(self) -> list[dict[str, Any]]:
        """Return the skills (`skills/list`)."""
        answer = await self._request("skills/list", {})
        return [skill.raw for skill in Fields("Invalid skills/list response", answer).records("skills")]
