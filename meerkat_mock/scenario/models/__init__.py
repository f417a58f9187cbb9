"""The format as types, one module per part of a scenario: file, builder, recorder and strategies all speak through these."""

from meerkat_mock.scenario.models.faults import Fault, RpcError, Stub, Verify, When, Wire
from meerkat_mock.scenario.models.mobs import MemberScript, MobScript, Spawn, Step
from meerkat_mock.scenario.models.rounds import FAILURES, Call, Fail, Image, Pace, Round, Usage
from meerkat_mock.scenario.models.scenario import CONTRACT, FORMAT, Defaults, Scenario, from_data, no_scenario, to_data
from meerkat_mock.scenario.models.sessions import Expect, Match, SessionScript, Turn
from meerkat_mock.scenario.models.timelines import LiveScript, LiveStep, Moment, ScheduleScript

__all__ = [
    "CONTRACT",
    "FAILURES",
    "FORMAT",
    "Call",
    "Defaults",
    "Expect",
    "Fail",
    "Fault",
    "Image",
    "LiveScript",
    "LiveStep",
    "Match",
    "MemberScript",
    "MobScript",
    "Moment",
    "Pace",
    "Round",
    "RpcError",
    "Scenario",
    "ScheduleScript",
    "SessionScript",
    "Spawn",
    "Step",
    "Stub",
    "Turn",
    "Usage",
    "Verify",
    "When",
    "Wire",
    "from_data",
    "no_scenario",
    "to_data",
]
