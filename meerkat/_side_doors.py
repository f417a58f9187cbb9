"""Side doors: names that four modules have always let applications import, though their homes are elsewhere.

`from meerkat.session import RunResult` goes on working. Each name is fetched from its home when it is first asked for; a type
checker does not see these ways in and points to the home.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from meerkat._doors import door

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def side_door(module: str) -> Callable[[str], object]:
    """Return the `__getattr__` of `module`."""
    return door(module, _ROOMS[module])[1]


_ROOMS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "meerkat.client": {
            "meerkat": (
                "AttributedEvent BlobPayload CONTRACT_VERSION Capability CapabilityUnavailableError ConfigEnvelope ContentBlock "
                "ContentInput DeferredSession DeletedMobProfile EventEnvelope EventSourceIdentity EventStream EventSubscription "
                "ExternalEventOutcome ExtractionError HelpExecutionMode McpLiveOpResponse McpServerConfig MeerkatError Mob "
                "MobDefinitionInput MobEventsResult MobHelperResult MobKickoffMemberSnapshot MobMemberSnapshot MobProfile "
                "MobReadyMemberSnapshot MobSpawnManyFailedResult MobSpawnManyResult MobSpawnManyResultEntry "
                "MobSpawnManySpawnedResult MobSpawnSpec MobTurnStartParams ModelsCatalogResponse PeerCorrelationId PeerId "
                "RunResult ScheduleListResult ScheduleOccurrencesResult ScheduleRecord ScheduleToolCall ScheduleToolsResult "
                "SchemaWarning Session SessionAssistantBlock SessionDetails SessionForkResult SessionHistory SessionMessage "
                "SessionSummary SessionToolCall SessionToolResult SkillKey SkillQuarantineDiagnostic SkillRef "
                "SkillRuntimeDiagnostics SourceHealthSnapshot StoredMobProfile ToolRegistry TranscriptEditRunningBehavior "
                "TranscriptReplacement Usage WireAuthBindingRef WireBudgetSplitPolicy WireMemberLaunchMode WireMobBackendKind "
                "WireMobProfile WireMobRuntimeMode WireRuntimeBinding WireToolAccessPolicy WireToolFilter parse_event"
            ),
            "meerkat.generated.types": "LiveRefreshResult LiveRefreshStatus MobRotateSupervisorResult WireContentInput",
            "meerkat.mob": "MobLifecycleAction MobMember MobMemberRef MobSpawnResult WorkOrigin",
            "meerkat.streaming": "RPC_STDOUT_LIMIT_BYTES",
            "meerkat.types": "ResolvedModelCapabilities",
        },
        "meerkat.mob": {
            "meerkat": (
                "EventSubscription MobSpawnManyResult WireAuthBindingRef WireBudgetSplitPolicy WireMemberLaunchMode "
                "WireMobBackendKind WireMobProfile WireMobRuntimeMode WireRuntimeBinding WireToolAccessPolicy WireToolFilter"
            ),
            "meerkat.generated.types": "WireContentInput",
            "meerkat.types": "ResolvedModelCapabilities",
        },
        "meerkat.session": {
            "meerkat": (
                "ContentBlock PeerCorrelationId PeerId RunResult SessionForkResult SessionHistory SkillKey SkillRef "
                "TranscriptEditRunningBehavior TranscriptReplacement"
            ),
        },
        "meerkat.streaming": {
            "meerkat": "Event MeerkatError TextDelta UnknownEvent parse_event",
        },
    }
)
