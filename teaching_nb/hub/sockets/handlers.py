"""The events that clients send: validates them, asks services and live rooms, acknowledges.

Every handler answers, whatever it is sent, and none raises: a refusal is the answer `False` for rooms and
actions, `{ok: false, error}` for live text. What others are to learn goes through the commits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import socketio
from sqlalchemy import Connection

from teaching_nb.errors import InternalError, InvalidInput, OperationalError, TooManyRequests, Unauthorized
from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.access.requested_rooms import room_named, room_of_documents
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Member
from teaching_nb.hub.delivery.transport import Transport
from teaching_nb.hub.documents import presenting
from teaching_nb.hub.identity import cookies
from teaching_nb.hub.identity.origins import Origins
from teaching_nb.hub.live.rooms import LiveRooms
from teaching_nb.hub.rates import Rate
from teaching_nb.hub.room import Room, of_documents, of_root
from teaching_nb.hub.sockets.admission import Admission
from teaching_nb.schema import events, limits, wire

logger = logging.getLogger(__name__)

P = TypeVar("P")

STREAMS_PER_SECOND = 30
"""STREAM_UPDATE messages that one socket may send; more are dropped."""

_Handler = Callable[[Member, Any], Awaitable[Any]]
_Refusal = Callable[[OperationalError], Any]


class SocketHandlers:
    """The event table of the hub."""

    def __init__(
        self, hub: HubContext, *, transport: Transport, admission: Admission, live: LiveRooms, room_changes: RoomChanges
    ) -> None:
        self._hub = hub
        self._origins = Origins(hub.settings)
        self._rooms = hub.rooms
        self._transport = transport
        self._admission = admission
        self._live = live
        self._room_changes = room_changes
        self._streams = Rate(STREAMS_PER_SECOND)
        self._awareness = Rate(limits.AWARENESS_PER_SECOND)
        self._edits = hub.writes_of_users("edits")
        self._tasks: set[asyncio.Task[None]] = set()
        self._register(transport.server)

    def _register(self, server: socketio.AsyncServer) -> None:
        server.on("connect", self._connect)
        server.on("disconnect", self._disconnect)
        table: tuple[tuple[str, _Handler, _Refusal], ...] = (
            (events.JOIN_ROOM, self._join_room, _refused_room),
            (events.LEAVE_ROOM, self._leave_room, _refused_room),
            (events.ACTION, self._action, _refused_room),
            (events.STREAM_UPDATE, self._stream_update, _refused_silently),
            (events.SYNC_DOCUMENT, self._sync_document, OperationalError.to_ack),
            (events.UPDATE_DOCUMENT, self._update_document, OperationalError.to_ack),
            (events.LEAVE_DOCUMENT, self._leave_document, OperationalError.to_ack),
            (events.AWARENESS, self._awareness_update, _refused_silently),
            (events.FOLLOW_PRESENCE, self._follow_presence, _refused_room),
            (events.FOLLOW_DOCUMENTS, self._follow_documents, _refused_room),
        )
        for event, handler, refused in table:
            server.on(event, self._guarded(handler, refused))

    def _guarded(self, handler: _Handler, refused: _Refusal) -> Callable[..., Awaitable[Any]]:
        """Return a handler that answers every payload and lets no exception out."""

        async def guarded(sid: str, *payload: Any) -> Any:
            try:
                member = self._rooms.member(sid)
                if member is None:
                    raise Unauthorized("the connection has ended")
                return await handler(member, payload[0] if payload else None)
            except OperationalError as error:
                return refused(error)
            except Exception:
                logger.exception("%s failed", handler.__name__)
                return refused(InternalError("something went wrong in the hub; it was logged"))

        return guarded

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> None:
        try:
            actor = await self._authenticated(environ, auth)
            wishes = auth if isinstance(auth, dict) else {}
            await self._admit(sid, actor, is_page=wishes.get("only") == "documents")
            if wishes.get("inline") is True:
                self._transport.prefer_inline(sid)
        except Unauthorized as error:
            logger.info("socket refused: %s", error.message)
            raise socketio.exceptions.ConnectionRefusedError("unauthorized") from None
        except OperationalError as error:
            raise socketio.exceptions.ConnectionRefusedError(error.message) from None
        except Exception:
            # Anything else, a TypeError above all, would make python-socketio call this handler again.
            logger.exception("a socket could not be let in")
            raise socketio.exceptions.ConnectionRefusedError("internal server error") from None

    async def _authenticated(self, environ: Mapping[str, Any], auth: Any) -> Actor:
        token = auth.get("token") if isinstance(auth, dict) else None
        return await self._hub.credentials.authenticate(
            environ.get("HTTP_AUTHORIZATION"),
            token=token if isinstance(token, str) else None,
            cookie=self._cookie(environ),
        )

    def _cookie(self, environ: Mapping[str, Any]) -> str | None:
        """Return the session cookie, unless the page of somebody else made a browser send it."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and not self._origins.is_trusted(origin, environ.get("HTTP_HOST")):
            return None
        return cookies.read(environ.get("HTTP_COOKIE"), self._hub.settings.cookie_name)

    async def _admit(self, sid: str, actor: Actor, *, is_page: bool) -> None:
        await self._admission.admit(sid, actor, is_page=is_page)
        if not is_page:
            self._room_changes.has_come(sid)

    async def _disconnect(self, sid: str, _reason: str = "") -> None:
        try:
            member = self._rooms.member(sid)
            if member is not None:
                await self._live.drop_member(member)
                self._rooms.disconnect(sid)
            self._streams.forget(sid)
            self._awareness.forget(sid)
        except Exception:
            logger.exception("cleaning up after a socket failed")

    async def _join_room(self, member: Member, room: Any) -> bool:
        if not wire.is_uuid(room) or (room == member.actor.user_id and not member.actor.is_elevated):
            return False
        return await self._enter(member, lambda tx, person: room_named(tx, person, room))

    async def _enter(self, member: Member, find: Callable[[Connection, PersonFacts], Room | None]) -> bool:
        """Put a socket into a room that it asks for, if the database says that it may be there, now and afterwards."""
        _check_room_limit(member)
        if member.generation != self._rooms.generation:
            await self._admission.re_examine()
        generation, person = member.generation, member.person
        meant = await self._hub.database.read(lambda tx: find(tx, person))
        if meant is None:
            return False
        self._rooms.join(member, meant)
        if generation != self._rooms.generation:
            # Access has changed meanwhile; the room is kept only if it is still allowed.
            await self._admission.re_examine()
        return meant in member.rooms

    async def _leave_room(self, member: Member, room: Any) -> bool:
        if room in (member.actor.user_id, events.ROOM_ALL, events.ROOM_ADMIN):
            return False
        if not wire.is_uuid(room):
            # Nobody is in such a room; the existing backend tells elevated users that they have left it.
            return member.actor.is_elevated
        is_leaving = member.actor.is_elevated
        for present in [joined for joined in member.rooms if joined.name == room]:
            if member.actor.is_elevated or present in member.requested:
                self._rooms.leave(member, present)
                is_leaving = True
        if is_leaving:
            return True
        # A group whose membership has ended: the hub took the socket out before the client asks.
        return all(joined.name != room for joined in member.rooms) and await self._hub.database.read(
            lambda tx: presenting.is_group_with_members(tx, room)
        )

    async def _follow_presence(self, member: Member, payload: Any) -> bool:
        asked = wire.convert(payload, events.FollowPresence)
        is_new = asked.on and not member.follows_presence
        member.follows_presence = asked.on
        if is_new:
            self._room_changes.has_come(member.sid)
        return True

    async def _follow_documents(self, member: Member, payload: Any) -> bool:
        asked = wire.convert(payload, events.FollowDocuments)
        author_id = wire.parse_uuid(asked.user_id, "user")
        if asked.on:
            return await self._enter(member, lambda tx, person: room_of_documents(tx, person, author_id))
        self._rooms.leave(member, of_documents(author_id))
        return True

    async def _stream_update(self, member: Member, payload: Any) -> None:
        if not self._streams.allows(member.sid):
            return
        streamed = wire.convert(payload, events.StreamUpdate)
        is_in_room = of_root(streamed.room_id) in member.rooms
        outcome = await self._hub.database.read(
            lambda tx: presenting.stream(tx, member.actor, streamed, is_in_room=is_in_room)
        )
        await self._hub.commits.tell(outcome, sender_sid=member.sid)

    async def _action(self, member: Member, payload: Any) -> bool:
        if not member.actor.is_elevated:
            return False
        asked = wire.convert(payload, events.Action)
        if member.actor.is_admin:
            outcome = presenting.action_of_admin(asked)
        else:
            outcome = await self._hub.database.read(lambda tx: presenting.action(tx, member.actor, asked))
        await self._hub.commits.tell(outcome, sender_sid=member.sid)
        return True

    async def _sync_document(self, member: Member, payload: Any) -> dict[str, Any]:
        asked = _live_payload(payload, events.SyncDocument)
        if asked.id not in member.live:
            _check_room_limit(member)
        synced = await self._live.sync(member, asked.id, asked.state_vector)
        # Runs after this acknowledgement is on its way.
        asyncio.get_running_loop().call_soon(self._show_present, member, asked.id)
        return _plain(synced)

    def _show_present(self, member: Member, document_id: str) -> None:
        task = asyncio.create_task(self._live.cursors.show_present(member, document_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _update_document(self, member: Member, payload: Any) -> dict[str, Any]:
        # Per person: somebody with many tabs has no more than somebody with one.
        if self._edits is not None and not self._edits.allows(member.actor.user_id):
            limit = self._hub.settings.user_writes_per_second
            raise TooManyRequests(f"too many edits, the limit is {limit} per second; they are to be sent again")
        edit = _live_payload(payload, events.UpdateDocument)
        return {"ok": True, "revision": await self._live.update(member, edit.id, edit.update)}

    async def _leave_document(self, member: Member, payload: Any) -> dict[str, Any]:
        await self._live.leave(member, _live_payload(payload, events.LeaveDocument).id)
        return {"ok": True}

    async def _awareness_update(self, member: Member, payload: Any) -> None:
        if self._awareness.allows(member.sid):
            shown = _live_payload(payload, events.Awareness)
            await self._live.cursors.show(member, shown.id, shown.state)


def _live_payload(payload: Any, as_type: type[P]) -> P:
    converted = wire.convert(payload, as_type)
    wire.parse_uuid(getattr(converted, "id", None))
    return converted


def _check_room_limit(member: Member) -> None:
    count = len(member.requested) + len(member.live)
    if count >= limits.ROOMS_PER_SOCKET:
        raise TooManyRequests(f"too many rooms and documents: {count}, the limit is {limits.ROOMS_PER_SOCKET}")


def _refused_room(_error: OperationalError) -> bool:
    return False


def _refused_silently(_error: OperationalError) -> None:
    return None


def _plain(payload: events.Payload) -> dict[str, Any]:
    plain = wire.to_plain(payload)
    if not isinstance(plain, dict):
        raise InvalidInput("a payload is an object")
    return plain
