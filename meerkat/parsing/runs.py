"""Run results (spec 02, section 6; spec 08, 7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat.events.base import Usage
from meerkat.parsing.fields import Fields
from meerkat.types.runs import ExtractionError, RunResult, SchemaWarning
from meerkat.types.skills import SkillQuarantineDiagnostic, SkillRuntimeDiagnostics, SourceHealthSnapshot

if TYPE_CHECKING:
    from meerkat.wire.base import Json


def parse_run_result(raw: Json) -> RunResult:
    """Return the result of a turn. Raises `ProtocolError` `INVALID_RESPONSE` for a wrong count, usage or session."""
    run = Fields("Invalid run result", raw)
    extraction_error = run.optional_record("extraction_error")
    skill_diagnostics = run.optional_record("skill_diagnostics")
    return RunResult(
        session_id=run.name("session_id"),
        text=run.text("text"),
        turns=run.integer("turns"),
        tool_calls=run.integer("tool_calls"),
        usage=_usage(run.record("usage")),
        terminal_cause_kind=run.optional_text("terminal_cause_kind"),
        session_ref=run.optional_text("session_ref"),
        structured_output=run.raw.get("structured_output"),
        extraction_error=None if extraction_error is None else _extraction_error(extraction_error),
        schema_warnings=[_schema_warning(warning) for warning in run.records("schema_warnings")] if run.has("schema_warnings") else None,
        skill_diagnostics=None if skill_diagnostics is None else _skill_diagnostics(skill_diagnostics),
    )


def _usage(usage: Fields) -> Usage:
    return Usage(
        usage.integer("input_tokens"),
        usage.integer("output_tokens"),
        usage.optional_integer("cache_creation_tokens"),
        usage.optional_integer("cache_read_tokens"),
    )


def _extraction_error(error: Fields) -> ExtractionError:
    return ExtractionError(error.optional_text("last_output") or "", error.integer("attempts"), error.optional_text("reason") or "")


def _schema_warning(warning: Fields) -> SchemaWarning:
    return SchemaWarning(warning.text("provider"), warning.text("path"), warning.text("message"))


def _skill_diagnostics(diagnostics: Fields) -> SkillRuntimeDiagnostics:
    health = diagnostics.record("source_health")
    return SkillRuntimeDiagnostics(
        SourceHealthSnapshot(
            health.text("state"),
            health.number("invalid_ratio"),
            health.integer("invalid_count"),
            health.integer("total_count"),
            health.integer("failure_streak"),
            health.flag("handshake_failed"),
        ),
        [_quarantined(skill) for skill in diagnostics.optional_records("quarantined")],
    )


def _quarantined(skill: Fields) -> SkillQuarantineDiagnostic:
    key = skill.record("key")
    return SkillQuarantineDiagnostic(
        key.text("source_uuid"),
        key.text("skill_name"),
        skill.text("location"),
        skill.text("error_code"),
        skill.text("error_class"),
        skill.text("message"),
        skill.integer("first_seen_unix_secs"),
        skill.integer("last_seen_unix_secs"),
    )
