"""`meerkat-mock conform`: whether a server behaves as rkat-rpc was recorded, and as the mock says where nothing was."""

from __future__ import annotations

import shlex
import signal
import sys
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meerkat_mock import interrupts
from meerkat_mock.conform import GOLDENS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from meerkat_mock.conform.campaign import Campaign, Generated, Recorded, Verdict

_NEEDS_HYPOTHESIS = (
    "generated conversations need Hypothesis: pip install 'meerkat-kit[hypothesis]', or --generated 0 for recorded ones only"
)


@click.command()
@click.option("--server", required=True, metavar="CMD", help="The command that starts the server; it takes the flags of rkat-rpc.")
@click.option(
    "--recordings", type=click.Path(exists=True, path_type=Path), default=GOLDENS, show_default="those that come with the package",
    help="A recorded conversation, or a folder of them.",
)  # fmt: skip
@click.option("--only", multiple=True, metavar="PATTERN", help="Play only recordings of this name, like 'sessions/*'; may be repeated.")
@click.option("--skip", multiple=True, metavar="PATTERN", help="Do not play recordings of this name; may be repeated.")
@click.option("--generated", type=click.IntRange(0), default=50, show_default=True, help="How many conversations to generate.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which conversations are generated.")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Servers that run at the same time.")
@click.option("--patience", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds that a message may be late.")
@click.option("--shorten", type=click.IntRange(0), default=20, show_default=True, help="How many new differences to cut down.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML to this file, too.")
def command(
    server: str,
    recordings: Path,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    generated: int,
    seed: int,
    jobs: int,
    patience: float,
    shorten: int,
    as_json: bool,
    junit: Path | None,
) -> None:
    """Play recorded and generated conversations against a server, and tell in what it differs from rkat-rpc.

    Each is agreed, a known difference (a row of `meerkat-mock quirks` explains it), or a new difference, with the shortest conversation
    that shows it. Ends with 1 if there is a new one, or if the server does not answer at all.

    Example: meerkat-mock conform --server rkat-rpc-mock --only 'transport/*' --generated 10
    """
    from meerkat_mock.conform import reporting
    from meerkat_mock.conform.campaign import Campaign
    from meerkat_mock.conform.roads import ChildProcess, ServerFailed

    words = _words(server)
    if junit is not None and not junit.parent.is_dir():
        raise click.BadParameter(f"there is no folder {junit.parent} to write {junit.name} into", param_hint="--junit")
    try:
        conversations: list[Recorded | Generated] = [*_recorded(recordings, only, skip), *_generated(seed, generated)]
        if not conversations:
            raise click.UsageError("nothing to play: no recording is left, and --generated is 0")
        verdicts = interrupts.run(
            _judged(Campaign(ChildProcess.command(*words), jobs=jobs, patience=patience, shorten=shorten), conversations)
        )
    except ServerFailed as error:
        click.echo(f"{shlex.join(words)}: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    click.echo(reporting.as_json(verdicts) if as_json else reporting.as_text(verdicts))
    if junit is not None:
        _write(junit, reporting.as_junit(verdicts))
    sys.exit(1 if any(verdict.state == "new difference" for verdict in verdicts) else 0)


def _write(junit: Path, text: str) -> None:
    try:
        junit.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(junit), error.strerror or str(error)) from error


def _words(server: str) -> list[str]:
    try:
        words = shlex.split(server)
    except ValueError as error:
        raise click.BadParameter(f"{server!r} is no command: {error}", param_hint="--server") from error
    if not words:
        raise click.BadParameter("expected a command like 'rkat-rpc'", param_hint="--server")
    return words


def _recorded(place: Path, only: Sequence[str], skip: Sequence[str]) -> Iterator[Recorded]:
    """Yield the recordings of a file or folder whose names are wanted, sorted by name."""
    from meerkat_mock.conform.campaign import Recorded
    from meerkat_mock.conform.golden import Golden, NoGolden

    folder = place if place.is_dir() else place.parent
    for path in sorted(place.rglob("*.jsonl")) if place.is_dir() else [place]:
        name = path.relative_to(folder).with_suffix("").as_posix()
        if _matches(name, only, default=True) and not _matches(name, skip, default=False):
            try:
                golden = Golden.read(path, name)
                if not golden.lines:
                    raise NoGolden("it holds no line")
                yield Recorded(golden)
            except (NoGolden, OSError) as error:
                raise click.UsageError(f"{path} is no recorded conversation: {error}") from error


def _matches(name: str, patterns: Sequence[str], *, default: bool) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns) if patterns else default


def _generated(seed: int, count: int) -> Iterator[Generated]:
    if not count:
        return
    try:
        from meerkat_mock.conform.generating import conversations
    except ModuleNotFoundError as error:
        raise click.UsageError(_NEEDS_HYPOTHESIS) from error
    from meerkat_mock.conform.campaign import Generated

    with _interrupted_between() as between:
        made = conversations(seed, count, between)
    for number, steps in enumerate(made):
        yield Generated(f"generated/{seed}-{number}", steps)


@contextmanager
def _interrupted_between() -> Generator[Callable[[], None]]:
    """Keep an interrupt back until the function is called that this yields: a mock that plays along must not be torn apart."""
    pressed: list[int] = []

    def between() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, lambda number, _frame: pressed.append(number))
    try:
        yield between
    finally:
        signal.signal(signal.SIGINT, before)


async def _judged(campaign: Campaign, conversations: Sequence[Recorded | Generated]) -> list[Verdict]:
    from rich.console import Console
    from rich.progress import Progress

    await campaign.greet()
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("playing", total=len(conversations))
        return await campaign.judge(conversations, lambda _: progress.advance(bar))
