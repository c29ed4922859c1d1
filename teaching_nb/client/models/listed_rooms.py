"""Chat rooms as they are stored, and what is read from that. Pure.

A list names document roots. Below each lies the container of a chat, which has the room's name, and below that what was
said. A list of the existing system's version of April 2025 names its rooms itself, and they may have no container.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from teaching_nb.schema.access import is_readable, is_writable
from teaching_nb.schema.records import Document, RootMeta
from teaching_nb.schema.types import simple_chat, text_message
from teaching_nb.schema.types.dynamic_document_roots import TYPE
from teaching_nb.schema.wire import is_uuid

LIST = TYPE.name
CONTAINER = simple_chat.TYPE.name
MESSAGE = text_message.TYPE.name

IDS = "documentRootIds"
ENTRIES = "documentRoots"
"""In the version of April 2025: objects with `id` and `name`."""


class ChatRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A chat room in which the user takes part."""

    id: str
    """That of its document root."""
    name: str
    container_id: str
    """The document that the messages lie below; empty in a list of the version of April 2025 without one."""
    may_write: bool
    messages: tuple[Document, ...]
    """Oldest first."""


def room_ids(data: Any) -> tuple[str, ...]:
    """Return the document roots on a list, each once, as they were put there."""
    present = data if isinstance(data, dict) else {}
    listed = present.get(IDS)
    found = [*(each["id"] for each in _entries(present)), *(listed if isinstance(listed, list) else ())]
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str) and is_uuid(each)))


def with_room(data: Mapping[str, Any], room_id: str) -> dict[str, Any]:
    """Return the data of a list with one more room; all other keys stay."""
    return {"containerType": CONTAINER, **data, IDS: [*(data.get(IDS) or ()), room_id]}


def without_room(data: Mapping[str, Any], room_id: str) -> dict[str, Any]:
    """Return the data of a list without a room; all other keys and entries stay."""
    changed = dict(data)
    if isinstance(data.get(IDS), list):
        changed[IDS] = [each for each in data[IDS] if each != room_id]
    if isinstance(data.get(ENTRIES), list):
        changed[ENTRIES] = [each for each in data[ENTRIES] if not _is_of(each, room_id)]
    return changed


def with_name(data: Mapping[str, Any], room_id: str, name: str) -> dict[str, Any]:
    """Return the data of a list in which an entry with a name has another one."""
    if not isinstance(data.get(ENTRIES), list):
        return dict(data)
    renamed = [{**each, "name": name} if _is_of(each, room_id) else each for each in data[ENTRIES]]
    return {**data, ENTRIES: renamed}


def has_other_container(data: Any) -> str:
    """Return what another program makes the rooms of a list of, if that is no chat; empty for a list of chats."""
    wanted = data.get("containerType") if isinstance(data, dict) else None
    return "" if wanted in {None, "", CONTAINER} else str(wanted)


def rooms_of(
    data: Any, roots: Mapping[str, RootMeta], documents: Iterable[Document], user_id: str
) -> tuple[ChatRoom, ...]:
    """Return the rooms of a list in which a user takes part.

    `roots` are those on the list as the user sees them, `documents` what they see below these, oldest first.
    """
    below: dict[str, list[Document]] = {room_id: [] for room_id in room_ids(data)}
    for document in documents:
        below.get(document.document_root_id, []).append(document)
    names = {entry["id"]: entry.get("name") for entry in _entries(data)}
    found = (_room(roots.get(room_id), names, theirs, user_id) for room_id, theirs in below.items())
    return tuple(room for room in found if room is not None)


def _room(
    root: RootMeta | None, names: Mapping[str, Any], documents: Iterable[Document], user_id: str
) -> ChatRoom | None:
    if root is None or not is_readable(root.own_permission()):
        return None
    theirs = list(documents)
    container = next((each for each in theirs if each.type == CONTAINER and each.parent_id is None), None)
    if container is None and root.id not in names:
        return None
    parent_id = None if container is None else container.id
    own_name = container.data.get("name") if container is not None and isinstance(container.data, dict) else None
    is_mine = container is None or container.author_id == user_id
    return ChatRoom(
        id=root.id,
        name=next((each for each in (own_name, names.get(root.id)) if isinstance(each, str) and each), "Chat room"),
        container_id=parent_id or "",
        may_write=is_writable(root.own_permission()) and (is_mine or is_writable(root.shared_access)),
        messages=tuple(each for each in theirs if each.type == MESSAGE and each.parent_id == parent_id),
    )


def _entries(data: Any) -> Iterator[dict[str, Any]]:
    entries = data.get(ENTRIES) if isinstance(data, dict) else None
    for each in entries if isinstance(entries, list) else ():
        if isinstance(each, dict) and isinstance(each.get("id"), str):
            yield each


def _is_of(entry: Any, room_id: str) -> bool:
    return isinstance(entry, dict) and entry.get("id") == room_id
