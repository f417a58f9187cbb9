"""The world of a process: what its flags, its environment and its scenario ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.clock import RealClock, VirtualClock
from meerkat_mock.runtime import World

if TYPE_CHECKING:
    from meerkat_mock.process.commandline import CommandLine


def world_for(command: CommandLine) -> World:
    """Return the world of one process: real time and unpredictable ids unless told otherwise."""
    return World(clock=VirtualClock() if command.virtual else RealClock(), seed=None, flags=command.flags)
