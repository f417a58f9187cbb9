"""Mobs as a whole: making, looking, lifecycle, the log, the supervisor, and streams (spec 04, sections 4, 5, 13, 15 and 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.mob.definition import stored_definition
from meerkat_mock.mob.driving import Driver
from meerkat_mock.mob.ending import Undertaker
from meerkat_mock.mob.keys import key_of, peer_id_of
from meerkat_mock.mob.mob import MobBook
from meerkat_mock.mob.peers import Directory
from meerkat_mock.mob.refusals import Refusal, actor_gone, no_transition, rotation_incomplete
from meerkat_mock.mob.scripted import MemberModel
from meerkat_mock.mob.spawning import Spawner
from meerkat_mock.mob.storage import MobStorage
from meerkat_mock.mob.streams import MemberStream, MobStream, MobStreamTable, Wire
from meerkat_mock.mob.tools import MemberTools
from meerkat_mock.session.locators import parsed_uuid
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.connection import Connection
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session
    from meerkat_mock.surfaces.registry import Call, Params

DEFAULT_PAGE = 100


class MobWorld:
    """What the surfaces of mobs share: the book, whoever makes, drives and ends members, and who is wired to whom.

    `first` is the state of the process where this is that of a further connection.
    """

    def __init__(self, sessions: SessionBook, first: MobWorld | None = None) -> None:
        self.sessions = sessions
        self.runtime = sessions.runtime
        self.mobs = MobBook(sessions.runtime.clock, sessions.runtime.ids)
        self.books: list[MobBook] = [] if first is None else first.books
        """The books of all connections, that of the process first."""
        self.books.append(self.mobs)
        self.driver: Driver = Driver(sessions) if first is None else first.driver
        self.spawner = Spawner(self.mobs, sessions, self.driver)
        self.undertaker = Undertaker(self.mobs, sessions, self.driver, self.spawner).watch()
        self.directory = Directory(self.books)
        if first is not None:
            self.storage: MobStorage = first.storage
            self.storage.share(self.mobs)
            return
        self.storage = MobStorage(sessions.runtime.store, sessions, sessions.runtime.clock)
        self.storage.attach(self.mobs)
        sessions.surroundings.tool_sources.append(lambda session: MemberTools(session, self._ask))
        sessions.runtime.model = MemberModel(sessions.runtime.model, self.books, sessions, self.driver, self._ask)

    def leave(self) -> None:
        """Go with the connection whose state this was."""
        self.books.remove(self.mobs)
        self.undertaker.look_away()

    def find(self, mob_id: str) -> Mob | None:
        """Return a mob that any connection knows, as the earliest of them does."""
        return next((mob for book in self.books if (mob := book.get(mob_id)) is not None), None)

    def all_mobs(self) -> list[Mob]:
        """Return the mobs that any connection knows by id, each once."""
        known = {mob.id: mob for book in reversed(self.books) for mob in book}
        return [known[mob_id] for mob_id in sorted(known)]

    def _ask(self, method: str, params: JsonObject) -> Json:
        """Call a method of this runtime that never waits. Raises `Fault`."""
        handler = self.runtime.handlers.get(method)
        if handler is None:
            raise Fault(-32601, f"Method not found: {method}")
        return cast("Json", handler.run(params))


def mob_id_in(params: Params) -> str:
    """Return `mob_id`. Raises `Refusal` when it is blank (spec 04, section 2.1)."""
    mob_id: str = params["mob_id"]
    if not mob_id.strip():
        raise Refusal("mob_id must not be empty")
    return mob_id


class Mobs:
    """Answers for whole mobs."""

    def __init__(self, world: MobWorld) -> None:
        self.world = world
        self._mobs = world.mobs
        self._runtime = world.runtime
        self._tables: dict[int, MobStreamTable] = {}
        world.runtime.at_connection_end(self._forget)

    # ---- making and looking ----------------------------------------------------------------------------------------------------------

    @handles("mob/create")
    def create(self, params: Params) -> JsonObject:
        """Make a mob; it runs at once and is empty."""
        definition = stored_definition(params["definition"])
        _check_messages(definition)
        return {"mob_id": self._mobs.make(definition).id}

    @handles("mob/list")
    async def list_all(self, params: Params) -> JsonObject:
        """List the mobs by id, each in its turn of its line."""
        rows: list[Json] = []
        for mob in self._mobs:
            if not mob.dead:
                async with mob.line:
                    pass
            if self._mobs.get(mob.id) is mob:
                rows.append({"mob_id": mob.id, "status": mob.phase})
        return {"mobs": rows}

    @handles("mob/status")
    async def status(self, params: Params) -> JsonObject:
        """Tell the phase of a mob."""
        mob = await self._readable(mob_id_in(params))
        return {"mob_id": mob.id, "status": mob.phase}

    @handles("mob/snapshot")
    async def snapshot(self, params: Params) -> JsonObject:
        """Return phase and raw roster."""
        mob = await self._readable(mob_id_in(params))
        members: list[Json] = [member.roster_entry(mob.wires) for member in mob.roster]
        return {"mob_id": mob.id, "status": mob.phase, "members": members}

    @handles("mob/events")
    async def events(self, params: Params) -> JsonObject:
        """Return a page of the log."""
        async with self._mobs.entered(params["mob_id"]) as mob:
            after, limit = params.get("after_cursor", 0), params.get("limit", DEFAULT_PAGE)
            return {"events": mob.log.page(after, limit, strict=params.get("strict", False))}

    async def _readable(self, mob_id: str) -> Mob:
        """Return a mob in its turn; reads of a dead one answer, too (spec 04, section 0). Raises `Refusal`."""
        mob = self._mobs.find(mob_id)
        if not mob.dead:
            async with self._mobs.entered(mob_id):
                pass
        return mob

    # ---- life ------------------------------------------------------------------------------------------------------------------------

    @handles("mob/lifecycle")
    async def lifecycle(self, params: Params) -> JsonObject:
        """Stop, resume, complete, reset or destroy a mob."""
        action: str = params["action"]
        async with self._mobs.entered(mob_id_in(params)) as mob:
            done: JsonObject = {"mob_id": mob.id, "action": action, "ok": True}
            if action == "destroy":
                return {**done, "destroy_report": await self.world.undertaker.destroy(mob)}
            if action == "resume":
                self.world.undertaker.resume(mob)
            elif action == "stop":
                await self.world.undertaker.stop(mob)
            elif action == "complete":
                await self.world.undertaker.complete(mob)
            else:
                await self.world.undertaker.reset(mob)
            return done

    @handles("mob/destroy")
    async def destroy(self, params: Params) -> JsonObject:
        """Remove a mob and all that belongs to it."""
        async with self._mobs.entered(mob_id_in(params)) as mob:
            return {"mob_id": mob.id, "ok": True, "destroy_report": await self.world.undertaker.destroy(mob)}

    @handles("mob/rotate_supervisor")
    async def rotate_supervisor(self, params: Params) -> JsonObject:
        """Give the supervisor a new key."""
        async with self._mobs.entered(mob_id_in(params)) as mob:
            if mob.phase == "Destroyed":
                raise no_transition(mob.phase, mob.phase)
            self._check_rotation(mob)
            before, mob.epoch = mob.epoch, mob.epoch + 1
            mob.log.touch()
            peer_id = peer_id_of(key_of(self._runtime.ids.uuid4()))
            report: JsonObject = {"previous_epoch": before, "current_epoch": mob.epoch, "public_peer_id": peer_id}
            return {"mob_id": mob.id, "ok": True, "report": report}

    def _check_rotation(self, mob: Mob) -> None:
        """Refuse a new key when a restored member cannot take it (spec 04, section 15). Raises `Fault` -32024."""
        hollow = [member.identity for member in mob.roster if member.hollow]
        if hollow:
            raise rotation_incomplete(mob.epoch, hollow[0], peer_id_of(key_of(self._runtime.ids.uuid4())))

    # ---- streams ---------------------------------------------------------------------------------------------------------------------

    @handles("mob/stream_open")
    async def stream_open(self, params: Params, call: Call) -> JsonObject:
        """Open a stream of what one member, or every member, does from now on."""
        mob = await self._subscribed(params["mob_id"])
        identity: str | None = params.get("agent_identity")
        wire = Wire(call.connection, self._runtime.ids.uuid4())
        table = self._table(call.connection)
        if identity is None:
            polls = self._runtime.quirks.on("mob_stream_polls_roster")
            table.opened(wire.stream_id, MobStream(wire, mob, self._runtime.clock, table.ended, polls=polls))
        else:
            readers = self._member_session(mob, identity).readers
            table.opened(wire.stream_id, MemberStream(wire, readers, table.ended))
        return {"stream_id": wire.stream_id, "opened": True}

    async def _subscribed(self, mob_id: str) -> Mob:
        try:
            return await self._readable(mob_id)
        except Refusal as refusal:
            raise Refusal(f"Mob not found: {refusal.message}") from refusal

    def _member_session(self, mob: Mob, identity: str) -> Session:
        prefix = "Failed to subscribe to member events: "
        if mob.dead:
            raise Refusal(f"{prefix}{actor_gone().message}")
        try:
            session = mob.member(identity).session
        except Refusal as refusal:
            raise Refusal(f"{prefix}{refusal.message}") from refusal
        if session.live is None:
            why = f"failed to subscribe to agent events for '{identity}': stream not found: session {session.id}"
            raise Refusal(f"{prefix}internal error: {why}")
        return session

    @handles("mob/stream_close")
    def stream_close(self, params: Params, call: Call) -> JsonObject:
        """Close a stream of this connection; an unknown id is no error."""
        stream_id = parsed_uuid(params["stream_id"])
        if stream_id is None:
            raise Fault(-32602, f"Invalid stream_id: {params['stream_id']}")
        return {"stream_id": stream_id, "closed": True, "already_closed": self._table(call.connection).close(stream_id)}

    def _table(self, connection: Connection) -> MobStreamTable:
        return self._tables.setdefault(connection.number, MobStreamTable())

    def _forget(self, connection: Connection) -> None:
        if (table := self._tables.pop(connection.number, None)) is not None:
            table.drop_all()


def _check_messages(definition: JsonObject) -> None:
    """Refuse step messages with blocks of unknown type (spec 04, section 4.1)."""
    flows = cast("dict[str, dict[str, dict[str, JsonObject]]]", definition["flows"])
    for _, flow in sorted(flows.items()):
        for _, step in sorted(flow["steps"].items()):
            blocks = step["message"]
            if isinstance(blocks, list) and any(isinstance(block, dict) and block.get("type") == "unknown" for block in blocks):
                raise Refusal("invalid mob definition: invalid flow step message: unknown content block type")
