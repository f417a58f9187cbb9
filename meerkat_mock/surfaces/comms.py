"""`comms/send` and `comms/peers`: messages between sessions, and inputs from outside (spec 05, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from meerkat_mock.comms.parties import Parties
from meerkat_mock.comms.refusals import invalid_command, no_authority, no_peer, no_request, send_failed, unreachable
from meerkat_mock.comms.texts import input_text, message_text, progress_text, request_text, with_blocks
from meerkat_mock.session.ingress import peer_turn
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.surfaces.registry import handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat.wire.comms import (
        CommsPeersParams,
        CommsPeersResult,
        CommsSendParams,
        CommsSendParamsInput,
        CommsSendParamsPeerMessage,
        CommsSendParamsPeerRequest,
        CommsSendParamsPeerResponse,
        CommsSendResult,
        CommsSendResultInputAccepted,
        CommsSendResultPeerRequestSent,
        CommsSendResultPeerResponseSent,
    )
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.comms.parties import Party
    from meerkat_mock.mob.peers import Directory
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session

_REFUSED_CONNECTION = "IO error: Connection refused (os error 111)"


class Comms:
    """Carries messages into the lines of sessions."""

    def __init__(self, sessions: SessionBook, directory: Directory) -> None:
        self._sessions = sessions
        self._runtime = sessions.runtime
        self._parties = Parties(sessions, directory)
        self._asked: dict[tuple[str, str], str] = {}
        """Requests that wait for a terminal answer: whose session was asked, by the id of the request, and the peer id of who asked."""

    @handles("comms/peers")
    def peers(self, params: CommsPeersParams) -> CommsPeersResult:
        """Return whom a session can write to."""
        session = self._parties.session(params["session_id"])
        return {"peers": [self._parties.entry(session, peer) for peer in self._parties.peers(session)]}

    @handles("comms/send")
    def send(self, params: CommsSendParams) -> CommsSendResult:
        """Hand a session an input, or send what it says to a peer."""
        session = self._parties.session(params["session_id"])
        if params["kind"] == "input":
            return self._input(session, params)
        if params["kind"] == "peer_message":
            return self._message(session, params)
        if params["kind"] == "peer_request":
            return self._request(session, params)
        if params["kind"] == "peer_response":
            return self._response(session, params)
        # Assumption: what a notice of a peer's coming or going does inside cannot be seen from outside.
        self._arrives(session, self._peer(session, params["to"]))
        return {"kind": "peer_lifecycle_sent", "envelope_id": self._runtime.ids.uuid4()}

    # ---- inputs from outside ---------------------------------------------------------------------------------------------------------

    def _input(self, session: Session, params: CommsSendParamsInput) -> CommsSendResultInputAccepted:
        if not params.get("allow_self_session"):
            raise send_failed("validation failed: self-session input rejected: set allow_self_session=true to override")
        reserved = params.get("stream") == "reserve_interaction"
        self._take_in(session, _content(params, reserved=reserved), steers=params.get("handling_mode") == "steer")
        return {"kind": "input_accepted", "interaction_id": self._runtime.ids.uuid4(), "stream_reserved": reserved}

    def _take_in(self, session: Session, content: str | list[Block], *, steers: bool) -> None:
        """Let an input run, unless the session is one of those that lose it ("Seen live", 6)."""
        quirks = self._runtime.quirks
        if not self._parties.is_member(session):
            if not session.options.keep_alive and quirks.on("input_without_keep_alive_lost"):
                return
            # Assumption: an input that steers a running turn comes after it, like any other.
            if steers and not self._sessions.queue(session).busy and quirks.on("steer_ends_comms"):
                self._parties.silence(session)
                return
        self._run(session, content)

    # ---- between peers ---------------------------------------------------------------------------------------------------------------

    def _message(self, session: Session, params: CommsSendParamsPeerMessage) -> CommsSendResult:
        peer = self._peer(session, params["to"])
        text = message_text(self._parties.me(session).name, params["body"])
        self._run(self._arrives(session, peer), with_blocks(text, _blocks(params)))
        return {"kind": "peer_message_sent", "envelope_id": self._runtime.ids.uuid4(), "acked": False}

    def _request(self, session: Session, params: CommsSendParamsPeerRequest) -> CommsSendResultPeerRequestSent:
        intent = params["intent"]
        if ("command" in params["params"]) != (intent == "supervisor.bridge"):
            raise invalid_command(f"peer_request params do not match typed intent {intent}")
        peer = self._peer(session, params["to"])
        me = self._parties.me(session)
        if not me.answers:
            raise no_authority("PeerRequest")
        recipient = self._arrives(session, peer)
        request_id = self._runtime.ids.uuid4()
        self._asked[recipient.id, request_id] = me.peer_id
        text = request_text(me.peer_id, me.name, intent, request_id, cast("Json", params["params"]))
        self._run(recipient, with_blocks(text, _blocks(params)))
        return {
            "kind": "peer_request_sent",
            "envelope_id": request_id,
            "interaction_id": request_id,
            "request_id": request_id,
            "stream_reserved": params.get("stream") == "reserve_interaction",
        }

    def _response(self, session: Session, params: CommsSendParamsPeerResponse) -> CommsSendResultPeerResponseSent:
        terminal = params["status"] != "accepted"
        if not terminal and params.get("handling_mode") is not None:
            raise invalid_command("handling_mode is forbidden on accepted peer responses")
        peer = self._peer(session, params["to"])
        me = self._parties.me(session)
        if not me.answers:
            raise no_authority("PeerResponse")
        request_id = str(UUID(params["in_reply_to"]))
        if self._asked.get((session.id, request_id)) != peer.peer_id:
            raise no_request(request_id)
        recipient = self._arrives(session, peer)
        result = cast("Json", params.get("result"))
        if terminal:
            del self._asked[session.id, request_id]
            self._submit(recipient, _terminal(me, request_id, params["status"], result))
        else:
            self._run(recipient, with_blocks(progress_text(me.peer_id, request_id, result), _blocks(params)))
        return {"kind": "peer_response_sent", "envelope_id": self._runtime.ids.uuid4(), "in_reply_to": request_id}

    def _peer(self, session: Session, text: str) -> Party:
        """Return the peer with that id. Raises `Fault` -32603 for one that the session cannot write to."""
        peer_id = str(UUID(text))
        for peer in self._parties.peers(session):
            if peer.peer_id == peer_id:
                return peer
        raise no_peer(peer_id)

    def _arrives(self, session: Session, peer: Party) -> Session:
        """Return the session that gets what is sent to a peer. Raises `Fault` -32603: nobody answers outside of this process."""
        if peer.session is not None:
            self._parties.tried(session, peer, None)
            return peer.session
        offline = peer.transport == "inproc"
        self._parties.tried(session, peer, "offline_or_no_ack" if offline else "transport_error")
        if offline:
            raise unreachable(peer.peer_id, "offline_or_no_ack")
        raise unreachable(peer.peer_id, "transport_error", _REFUSED_CONNECTION)

    # ---- what it comes to ------------------------------------------------------------------------------------------------------------

    def _run(self, session: Session, content: str | list[Block]) -> None:
        self._submit(session, TurnInput(TurnRequest(content), "comms"))

    def _submit(self, session: Session, turn: TurnInput) -> None:
        turn.quiet = self._parties.is_member(session)
        self._sessions.queue(session).submit(turn)


def _content(params: CommsSendParamsInput, *, reserved: bool) -> str | list[Block]:
    """Return what an input reads like: blocks stand alone unless a stream is reserved for the answer."""
    blocks = _blocks(params)
    text = input_text(params.get("source") or "rpc", params["body"])
    return blocks if blocks is not None and not reserved else with_blocks(text, blocks)


def _blocks(
    params: CommsSendParamsInput | CommsSendParamsPeerMessage | CommsSendParamsPeerRequest | CommsSendParamsPeerResponse,
) -> list[Block] | None:
    return cast("list[Block] | None", params.get("blocks"))


def _terminal(sender: Party, request_id: str, status: str, result: Json) -> TurnInput:
    """Return the reaction to a peer's last word on a request: an empty prompt, and a lasting notice."""
    response: dict[str, Json] = {
        "peer_id": sender.peer_id,
        "display_name": sender.name,
        "request_id": request_id,
        "status": status,
        "result": result,
    }
    return peer_turn(response)
