"""What the teacher's overview lists: pure functions from the stores to the rows that the browser shows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from teaching_nb.client.stores import NewData
from teaching_nb.schema.documents import live_text_keys
from teaching_nb.schema.hub_kinds import DOCUMENT_LISTS, NO_LISTS, PRESENCE, TOLD_TO_OBSERVERS
from teaching_nb.schema.limits import LISTED_CHARACTERS
from teaching_nb.schema.records import DocumentSummary, StudentGroup, User
from teaching_nb.schema.types import last_run

UNKNOWN = "?"
"""Sign of a person of whom it is not known whether they are here."""
WITHOUT_GROUP = "Without a group"
GROUP_NOT_KNOWN = "Group not known"
"""Of people at an old backend, which does not tell who is in a group."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """Everything that the rows depend on besides the listed records."""

    counts: Mapping[str, int]
    """Room → sockets in it."""
    counts_others: bool = False
    """Whoever observes somebody is counted with them: who has connections may not be here."""
    told: Collection[str] | None = None
    """Rooms whose counts the hub tells us without our joining them; None: all."""
    joined: Collection[str] = frozenset()
    """Rooms that this kernel has joined, for whatever reason: it is counted in them."""
    observed: Collection[str] = frozenset()
    """Rooms that this overview has joined."""
    opened: Collection[str] = frozenset()
    """Documents that are shown below the overview."""
    my_id: str = ""
    sees_everybody: bool = False
    """List people without a group as well."""

    def connections(self, room: str) -> int | None:
        """Return how many sockets are in a room, not counting the one of this kernel; None where that is not known.

        In a room that we are in there is at least one; before that is told, and without a connection, nothing is.
        """
        count = self.counts.get(room, 0)
        if room in self.joined and count:
            return count - 1
        is_told = bool(self.counts) and (self.told is None or room in self.told)
        return count if is_told else None


def told_rooms(groups: Iterable[StudentGroup], user: User | None, lacking: Collection[str]) -> frozenset[str] | None:
    """Return the rooms whose counts a hub tells somebody without their joining them; None: all."""
    if user is None or user.role == "admin":
        return None if user else frozenset()
    own, managed = {user.id}, set[str]()
    for group in groups:
        own.add(group.id)
        if user.id in _ids(group.admin_ids):
            managed.update(_ids(group.user_ids))
    return frozenset(own if PRESENCE in lacking else own | managed)


def group_rows(groups: Collection[StudentGroup], users: Mapping[str, User], scene: Scene) -> list[Row]:
    """Return groups by name with their people, those who are here first."""
    rows: list[Row] = []
    listed: set[str] = set()
    for group in sorted(groups, key=lambda group: (group.name.casefold(), group.id)):
        members = [users[user_id] for user_id in _ids(group.user_ids) if user_id in users and user_id != scene.my_id]
        listed.update(member.id for member in members)
        row = _group_row(group.id, group.name, members, scene)
        # An old backend does not tell who is in a group: that nobody is would not be true.
        rows.append(row if group.user_ids is not UNSET else row | {"about": ""})
    rest = [user for user in users.values() if user.id not in listed and user.id != scene.my_id]
    if scene.sees_everybody and rest:
        is_known = not groups or any(group.user_ids is not UNSET for group in groups)
        rows.append(_group_row("", WITHOUT_GROUP if is_known else GROUP_NOT_KNOWN, rest, scene))
    return rows


def notes_about(groups: Iterable[Row], lacking: Collection[str]) -> list[str]:
    """Return what a hub does not offer to whoever sees these groups, in sentences."""
    is_unknown = any(person["sign"] == UNKNOWN for group in groups for person in group["people"])
    is_told_little = is_unknown and PRESENCE in lacking
    return [NO_LISTS] * (DOCUMENT_LISTS in lacking) + [TOLD_TO_OBSERVERS] * is_told_little


def document_rows(documents: Iterable[DocumentSummary], scene: Scene) -> list[Row]:
    """Return a person's documents, the one that changed last first; how runs ended is no document to be opened."""
    shown = (document for document in documents if document.type != last_run.TYPE.name)
    newest_first = sorted(shown, key=lambda document: (document.updated_at, document.id), reverse=True)
    known = {document.id: document for document in newest_first}
    return [
        {
            "id": document.id,
            "name": document_name(document, known),
            "type": document.type,
            "root_id": document.document_root_id,
            "parent_id": document.parent_id,
            "changed": document.updated_at,
            "connections": scene.connections(document.document_root_id) or 0,
            "is_observed": document.document_root_id in scene.observed,
            "is_open": document.id in scene.opened,
            "number_below": document.number_below,
            **({} if document.data is UNSET else {"data": document.data}),
        }
        for document in newest_first
    ]


def with_change(documents: Iterable[DocumentSummary], news: NewData) -> tuple[DocumentSummary, ...]:
    """Return the list with what one of the documents holds now; one that is not listed changes nothing."""

    def changed(document: DocumentSummary) -> DocumentSummary:
        if document.id != news.id or news.updated_at < document.updated_at:
            return document
        if live_text_keys(document.type):
            return msgspec.structs.replace(document, updated_at=news.updated_at)
        data = news.data if len(json.dumps(news.data)) <= LISTED_CHARACTERS else UNSET
        return msgspec.structs.replace(document, data=data, updated_at=news.updated_at)

    return tuple(changed(document) for document in documents)


def document_name(document: DocumentSummary, known: Mapping[str, DocumentSummary]) -> str:
    """Return the slug of a document's root, without one what the document calls itself, and which file it is in.

    A thread of comments is called as the document that it is about, unless its own root has another slug. One that has
    none of these is called by the beginning of the root's id.
    """
    about = known.get(str(document.data.get("about"))) if isinstance(document.data, dict) else None
    if about is not None and document.root_name in {None, "", about.root_name}:
        document = about
    name = document.root_name or _own_name(document) or f"root {document.document_root_id[:8]}"
    return name + _file_words(document, known)


def _file_words(document: DocumentSummary, known: Mapping[str, DocumentSummary]) -> str:
    """Return which file a document is in, by the names down to it; empty where it is in none."""
    at, path = known.get(document.parent_id or ""), ""
    if at is not None and at.type == "file":
        seen: set[str] = set()
        while at is not None and at.id not in seen and at.parent_id is not None:
            seen.add(at.id)
            path = f"{_own_name(at) if _is_named(at) else '?'}{'/' if path else ''}{path}"
            at = known.get(at.parent_id)
    return f": {path}" if path else ""


def _own_name(document: DocumentSummary) -> str:
    """Return what a document calls itself; empty where it does not."""
    data: Any = document.data
    return str(data["name"]) if _is_named(document) else ""


def name_of(user: User) -> str:
    """Return how to call a person."""
    return user.name or f"{user.first_name} {user.last_name}".strip() or user.email


def _ids(listed: Any) -> list[str]:
    return listed if isinstance(listed, list) else []


def _is_named(document: DocumentSummary) -> bool:
    return isinstance(document.data, dict) and isinstance(document.data.get("name"), str)


def _group_row(group_id: str, name: str, members: Iterable[User], scene: Scene) -> Row:
    people = [_person_row(user, scene) for user in members]
    people.sort(key=lambda row: (not scene.connections(row["id"]), row["name"].casefold(), row["id"]))
    # People without a group have no common room: their connections are those of its people.
    each = [scene.connections(row["id"]) for row in people]
    all_of_them = None if None in each else sum(count or 0 for count in each)
    connections = scene.connections(group_id) if group_id else all_of_them
    return {"id": group_id, "name": name, "about": _group_words(each, connections, scene), "people": people}


def _group_words(each: Collection[int | None], connections: int | None, scene: Scene) -> str:
    """Return how many are here, or how many they are where that is not known of each."""
    here, known = sum(bool(count) for count in each), None not in each and not scene.counts_others
    words = f"{here} of {len(each)} here" if known else f"{len(each)} people" if len(each) != 1 else "1 person"
    if connections is None:
        return words
    return " · ".join([words, "1 connection" if connections == 1 else f"{connections} connections"])


def _presence(count: int | None, scene: Scene) -> tuple[str, str]:
    """Return a sign, and words. Where others are counted with a person, it is only known that somebody is there."""
    if count is None:
        return UNKNOWN, "not known"
    if not count:
        return "○", "away"
    sign, here = ("◐", "here or observed") if scene.counts_others else ("●", "here")
    return sign, f"{here}, 1 connection" if count == 1 else f"{here}, {count} connections"


def _person_row(user: User, scene: Scene) -> Row:
    sign, presence = _presence(scene.connections(user.id), scene)
    return {
        "sign": sign,
        "presence": presence,
        "id": user.id,
        "name": name_of(user),
        "role": user.role,
        "is_observed": user.id in scene.observed,
    }
