"""What a hub must say and to whom, computed from the access algebra alone: the model of the stateful tests.

People, groups, roots, documents and tabs go by short names. Knows neither hub nor wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from teaching_nb.schema.access import (
    Access,
    Kind,
    as_group,
    as_root,
    as_user,
    effective_access,
    is_readable,
    is_writable,
    own_permission,
)

Notice = tuple[str, str, str]
"""What a tab is told: event, document, and the text, revision or reason that comes with it."""
Told = dict[str, list[Notice]]
"""Tab → what it is told."""


@dataclass
class Root:
    """A document root."""

    access: Kind
    shared: Kind
    groups: dict[str, Kind] = field(default_factory=dict)
    users: dict[str, Kind] = field(default_factory=dict)


@dataclass
class Document:
    """A document of type `code`."""

    root: str
    author: str
    text: str
    parent: str | None = None
    revision: int = 1
    is_live: bool = False


@dataclass
class Tab:
    """One socket."""

    person: str
    requested: set[str] = field(default_factory=set)
    live: dict[str, Access] = field(default_factory=dict)


class Model:
    """Everything that decides about who may do, read and hear what."""

    def __init__(self, roles: dict[str, str], members: dict[str, dict[str, bool]]) -> None:
        self.roles = roles
        self.members = members
        """Group → member → whether they are group admin."""
        self.roots: dict[str, Root] = {}
        self.documents: dict[str, Document] = {}
        self.tabs: dict[str, Tab] = {}

    def is_elevated(self, person: str) -> bool:
        """Tell whether somebody is a teacher or an admin."""
        return self.roles[person] != "student"

    def looks_after(self, person: str, author: str) -> bool:
        """Tell whether a person may see what is hidden from others: as an admin, or as one who manages the author."""
        if self.roles[person] == "admin":
            return True
        administered = [group for group in self.members.values() if group.get(person)]
        return self.is_elevated(person) and (person == author or any(author in group for group in administered))

    def own(self, person: str, root: str) -> Access:
        """Return the own permission of a person below a root."""
        there = self.roots[root]
        groups = [kind for group, kind in there.groups.items() if person in self.members[group]]
        users = [kind for user, kind in there.users.items() if user == person]
        return own_permission(
            as_root(f"{there.access}_DocumentRoot"),
            [as_group(f"{kind}_StudentGroup") for kind in groups],  # type: ignore[arg-type]  # one of the nine words
            [as_user(f"{kind}_User") for kind in users],  # type: ignore[arg-type]  # one of the nine words
        )

    def effective(self, person: str, name: str) -> Access:
        """Return the effective access of a person to a document."""
        document = self.documents[name]
        shared = as_root(f"{self.roots[document.root].shared}_DocumentRoot")
        return effective_access(self.own(person, document.root), shared, is_own=person == document.author)

    def may_hear(self, person: str, name: str) -> bool:
        """Tell whether a person may be told of a document: by access, as an admin, or as a manager of somebody else."""
        author = self.documents[name].author
        is_other = self.roles[person] == "admin" or person != author
        return is_readable(self.effective(person, name)) or (is_other and self.looks_after(person, author))

    def live_access(self, person: str, name: str) -> Access | None:
        """Return what a person may do with a document that they follow live; None when it is hidden from them."""
        if name not in self.documents:
            return None
        access = self.effective(person, name)
        if is_readable(access):
            return access
        return "RO_User" if self.may_hear(person, name) else None

    def shown(self, person: str, name: str) -> str | None:
        """Return the text that a root load shows: empty for an author who is shut out, None for others."""
        document = self.documents[name]
        if is_readable(self.effective(person, name)):
            return document.text
        return "" if person == document.author else None

    def granted_rooms(self, person: str) -> set[str]:
        """Return the rooms that a person is in without asking."""
        is_admin = self.roles[person] == "admin"
        groups = {group for group, members in self.members.items() if is_admin or person in members}
        return {person, "all", *groups, *(["admin"] if is_admin else [])}

    def may_join(self, person: str, room: str) -> bool:
        """Tell whether a person may be in a room that they ask for."""
        if room == person and not self.is_elevated(person):
            # They are in it all the same; the existing backend does not let them ask.
            return False
        if self.roles[person] == "admin" or room in self.granted_rooms(person):
            return True
        if room in self.roles:
            return self.is_elevated(person) and room != person and self.looks_after(person, room)
        if room not in self.roots:
            return False
        own = self.own(person, room)
        sees_shared = is_readable(own) and self.roots[room].shared != "None"
        return sees_shared or (self.is_elevated(person) and is_writable(own))

    def hearers(self, name: str, caller: str | None = None) -> set[str]:
        """Return the tabs that are told of a document: those in its rooms whose people may hear of it."""
        document = self.documents[name]
        root = self.roots[document.root]
        rooms = {"admin", document.author, document.root, *([caller] if caller else [])}
        rooms |= {"all"} if root.shared != "None" else set()
        rooms |= {subject for subject, kind in {**root.groups, **root.users}.items() if kind != "None"}
        return {
            name_of_tab
            for name_of_tab, tab in self.tabs.items()
            if rooms & (tab.requested | self.granted_rooms(tab.person)) and self.may_hear(tab.person, name)
        }

    def followers(self, name: str) -> set[str]:
        """Return the tabs that follow a document live."""
        return {name_of_tab for name_of_tab, tab in self.tabs.items() if name in tab.live}

    def below(self, name: str) -> list[str]:
        """Return the descendants of a document."""
        children = [child for child, document in self.documents.items() if document.parent == name]
        return [*children, *(deeper for child in children for deeper in self.below(child))]

    def changed(self, name: str, caller: str | None, *, sender: str | None = None, by_tab: str | None = None) -> Told:
        """Count one change of a document, and return who is told of it.

        `sender` is the tab that a REST request names as its own; `by_tab` is the one that edited live.
        """
        document = self.documents[name]
        document.revision += 1
        followers = self.followers(name) if document.is_live else set()
        told: Told = {tab: [("DOCUMENT_UPDATE", name, "")] for tab in followers - {by_tab}}
        for tab in self.hearers(name, caller) - followers - {sender}:
            told[tab] = [("CHANGED_DOCUMENT", name, f"{document.revision} {document.text}")]
        return told

    def removed(self, names: Iterable[str], caller: str, sender: str | None = None) -> Told:
        """Delete documents, and return who is told of it."""
        told: Told = {}
        names = list(names)
        for name in names:
            for tab in self.hearers(name, caller) - {sender}:
                told.setdefault(tab, []).append(("DELETED_RECORD", name, ""))
        for name in names:
            del self.documents[name]
        return told

    def settled(self) -> Told:
        """Bring all tabs into step with what they may do now, and return what they are told of it."""
        told: Told = {}
        for name_of_tab, tab in self.tabs.items():
            kept = {room for room in tab.requested if self.may_join(tab.person, room)}
            tab.requested = kept - self.granted_rooms(tab.person)
            for name, before in list(tab.live.items()):
                reason = self._follow(tab, name, before, self.live_access(tab.person, name))
                if reason:
                    told.setdefault(name_of_tab, []).append(("DOCUMENT_CLOSED", name, reason))
        return told

    def _follow(self, tab: Tab, name: str, before: Access, now: Access | None) -> str:
        """Keep a live document, or give it up; returns the reason that the tab is told, if any."""
        if now is None:
            del tab.live[name]
            return "access" if name in self.documents else "deleted"
        if is_writable(now) and not is_writable(before):
            del tab.live[name]
            return "resync"
        tab.live[name] = now
        return "read-only" if is_writable(before) and not is_writable(now) else ""
