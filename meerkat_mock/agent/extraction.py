"""Structured output after the main run: `extraction` of the run grammar (spec 03, 6.1 and 6.4; spec 02, section 7).

Nothing that goes wrong here fails the turn: it ends the extraction, and the result says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.agent import events, images
from meerkat_mock.agent.boundary import boundary
from meerkat_mock.agent.compaction import compaction
from meerkat_mock.agent.failure import Failure, ModelFailure
from meerkat_mock.agent.hooks import hooks_at
from meerkat_mock.agent.llm_call import llm_call
from meerkat_mock.agent.run import assistant_message, user_message
from meerkat_mock.agent.schema_faults import BadSchema
from meerkat_mock.agent.structured import Invalid, read_structured

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import OutputSchema
    from meerkat_mock.agent.run import Run

ASK = (
    "Provide the final output as valid JSON matching the required schema. Output ONLY the JSON, no additional text or markdown formatting."
)
ASK_AGAIN = (
    "The previous output was invalid: {error}. Please provide valid JSON matching the schema. Output ONLY the JSON, no additional text."
)


class _Broken(Exception):
    """Ends the extraction at once; `str()` is the reason."""


async def extraction(run: Run, wanted: OutputSchema) -> None:
    """Say what follows `run_completed` when an output schema is set, and leave value or error in the record."""
    attempts = 0
    ask = ASK
    while True:
        attempts += 1
        try:
            run.add(user_message(ask))
            await _attempt(run)
            run.record.structured_output = read_structured(run.reply.text, wanted)
        except Invalid as invalid:
            reason = str(invalid)
            if attempts <= run.spec.structured_output_retries:
                ask = ASK_AGAIN.replace("{error}", reason)
                continue
        except (_Broken, Failure) as broken:
            reason = broken.provider_text if isinstance(broken, ModelFailure) else str(broken)
        except BadSchema as bad:
            reason = f"Invalid output schema: {bad}"
        else:
            run.record.extracted = True
            await run.say([events.extraction_succeeded(run.session_id, run.record)])
            return
        run.record.extraction_error = {"last_output": run.record.text, "attempts": attempts, "reason": reason}
        await run.say([events.extraction_failed(run.session_id, run.record)])
        return


async def _attempt(run: Run) -> None:
    """One call of the model, without tools, until its reply stands in the transcript: `x_attempt` of the grammar."""
    await _within_budget(run)
    await compaction(run)
    await boundary(run)
    await hooks_at(run, "pre_llm_request")
    run.record.turns += 1  # a call that comes to nothing counts, too (spec 02, section 7)
    await llm_call(run, "extraction", compaction)
    await _within_budget(run)
    await hooks_at(run, "post_llm_response")
    await _answered(run)
    await hooks_at(run, "turn_boundary")


async def _within_budget(run: Run) -> None:
    exhausted = run.budget.exhausted()
    if exhausted is not None:
        await run.say([events.budget_warning(exhausted)])
        raise _Broken(f"extraction budget exceeded: {exhausted}")


async def _answered(run: Run) -> None:
    reply = run.reply
    if reply.calls:
        names = ", ".join(call.name for call in reply.calls)
        raise _Broken(f"structured output extraction returned tool calls instead of JSON: {names}")
    stored = [images.stored_image(run, image) for image in reply.images]
    run.add(assistant_message(reply, stored))
    await run.say([images.appended(image) for image in stored])
