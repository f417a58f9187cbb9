"""Text projections and usage."""

from __future__ import annotations

import pytest

from meerkat_mock.agent.ports import Usage, text_of


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ("as it is", "as it is"),
        ([], ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": ""}, {"type": "text", "text": "b"}], "a\nb"),
        (
            [{"type": "image", "media_type": "image/png"}, {"type": "video", "media_type": "video/mp4"}],
            "[image: image/png]\n[video: video/mp4]",
        ),
        ([{"type": "unknown"}], ""),
    ],
)
def test_content_is_projected_to_text(blocks: str | list[dict[str, object]], text: str) -> None:
    assert text_of(blocks) == text  # type: ignore[arg-type]


def test_cache_counters_stay_unknown_until_somebody_reports_them() -> None:
    usage = Usage(1, 2)
    usage.add(Usage(1, 1))
    assert usage.event() == {"input_tokens": 2, "output_tokens": 3, "cache_creation_tokens": None, "cache_read_tokens": None}
    assert usage.result() == {"input_tokens": 2, "output_tokens": 3, "total_tokens": 5}
    usage.add(Usage(0, 0, 4, 5))
    assert usage.result() == {"input_tokens": 2, "output_tokens": 3, "total_tokens": 5, "cache_creation_tokens": 4, "cache_read_tokens": 5}
