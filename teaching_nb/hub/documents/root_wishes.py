"""What people ask of a root when they open a document below it, and what becomes of that.

The word of an elevated person counts at once. As long as none of them has opened a root it is provisional, and what
others may do there is the least that anybody has asked for. Nobody's own documents are opened to others by a wish:
that is an explicit act (`roots.change`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from teaching_nb.errors import InvalidInput, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.access.facts import own_access
from teaching_nb.hub.access.ownership import governs_root
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import personal as personal_documents
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents import shared as shared_documents
from teaching_nb.hub.documents.roots import NewRoot, RootSettings
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import permissions
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import document_roots as roots_table
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.access import Access, as_root, is_access, is_writable, kind, lesser
from teaching_nb.schema.records import RootMeta, Sharing
from teaching_nb.schema.roots import shared_root_id

NOT_OPENED_YET = "your teacher has not opened this yet"
NOT_OPENED_CODE = "NOT_OPENED_YET"


def not_opened_yet() -> NotFound:
    """Return the error for a hand-out that no elevated person has made yet."""
    return NotFound(NOT_OPENED_YET, code=NOT_OPENED_CODE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody who opens a document asks of its root."""

    root_id: str
    type_name: str
    settings: RootSettings | None
    """Access values that the root is to have; None leaves them."""
    is_shared: bool
    """Whether the document that everybody opens is wanted, instead of their own."""
    own_root_id: str | None = None
    """The root of each person's own documents of the same name, when this one is for what is shared."""

    @property
    def shared_access(self) -> Access:
        """Return the `sharedAccess` that is asked for."""
        wanted = self.settings.shared_access if self.settings else None
        return as_root(wanted) if is_access(wanted) else "None_DocumentRoot"

    @property
    def is_hand_out(self) -> bool:
        """Tell whether a document is wanted that elevated people make and everybody else reads."""
        return self.is_withheld or (self.is_shared and kind(self.shared_access) == "RO")

    @property
    def is_withheld(self) -> bool:
        """Tell whether nobody but elevated people is to see the document until it is opened to them."""
        wanted = self.settings.access if self.settings else None
        return self.is_shared and is_access(wanted) and kind(as_root(wanted)) == "None"

    @property
    def twin_id(self) -> str:
        """Return the other root of the same name: of own documents for shared ones, and the other way round."""
        return self.own_root_id or shared_root_id(self.root_id, self.type_name)

    def check(self) -> None:
        """Raise `InvalidInput` when the two roots do not belong together."""
        if self.own_root_id is None:
            return
        if not self.is_shared or shared_root_id(self.own_root_id, self.type_name) != self.root_id:
            raise InvalidInput(f"ownRootId {self.own_root_id} does not belong to the shared root {self.root_id}")


def is_pending(tx: Connection, actor: Actor, root: Row[Any], wish: Wish) -> bool:
    """Tell whether a wish would change anything about a root that exists."""
    return bool(_pending(tx, actor, root, wish)) or _lacks_access(tx, actor, root, wish)


def follow(tx: Connection, actor: Actor, wish: Wish, *, staff_group_id: str | None = None) -> Outcome[RootMeta] | None:
    """Bring a root into being, or into the state that a wish gives it; None when nothing is to do.

    Raises `NotFound` when the root is missing and nothing says how it should be, or when it is to be a hand-out
    and nobody has given one out.
    """
    root = document_roots.find(tx, wish.root_id)
    if root is not None:
        values = _pending(tx, actor, root, wish)
        changed = _changed(tx, root, wish, values) if values else None
        return _let_in(tx, actor, root, wish, changed)
    if wish.settings is None:
        raise NotFound("Document root not found")
    if wish.is_hand_out and not actor.is_elevated:
        raise not_opened_yet()
    settings = NewRoot(**msgspec.structs.asdict(wish.settings))
    own = _prepared(tx, wish)
    if own is not None:
        settings = msgspec.structs.replace(settings, access=_access_as(own))
    created = document_roots.create(tx, actor, wish.root_id, settings, staff_group_id=staff_group_id)
    outcome = Outcome(created.record, (*created.notifications, *_with_permissions(tx, own, wish)))
    made = document_roots.find(tx, wish.root_id)
    assert made is not None
    return _let_in(tx, actor, made, wish, outcome)


def sharing_of(tx: Connection, actor: Actor, root: Row[Any], wish: Wish) -> Sharing:
    """Return how a document is shared, for whoever may have asked for something else."""
    is_kept = actor.is_elevated and wish.is_shared and _is_less(root.shared_access, wish.shared_access)
    return Sharing(
        shared_access=root.shared_access,
        is_confirmed=not root.provisional,
        is_elsewhere=_is_elsewhere(tx, root, wish),
        kept_private=personal_documents.count_authors(tx, root.id) if is_kept else 0,
    )


def _pending(tx: Connection, actor: Actor, root: Row[Any], wish: Wish) -> dict[str, Any]:
    """Return the columns of a root that a wish changes."""
    if wish.settings is None:
        return {}
    if actor.is_elevated:
        return _word(tx, actor, root, wish)
    return _lowered(root, wish) if root.provisional else {}


def _lowered(root: Row[Any], wish: Wish) -> dict[str, Any]:
    """Return the columns that a person who is not elevated changes: they can lower what a provisional root shares."""
    shared = lesser(root.shared_access, wish.shared_access)
    return {} if shared == root.shared_access else {"shared_access": shared}


def _word(tx: Connection, actor: Actor, root: Row[Any], wish: Wish) -> dict[str, Any]:
    """Return the columns that an elevated person changes."""
    assert wish.settings is not None
    if not _may_decide(tx, actor, root):
        return {}
    shared = _openable(tx, root, wish)
    if root.provisional:
        settings = document_roots.confirmation(actor, root, wish.settings)
        return {**settings, "shared_access": shared}
    values: dict[str, Any] = {}
    if wish.is_shared and shared != root.shared_access:
        values["shared_access"] = shared
    if root.creator_id is None and wish.is_shared:
        # Who has decided once must not lose that by it.
        values["creator_id"] = actor.user_id
    if values or _is_elsewhere(tx, root, wish) or _is_cluttered(tx, root, wish):
        values["confirmed_at"] = clock.now()
    return values


def _may_decide(tx: Connection, actor: Actor, root: Row[Any]) -> bool:
    """Tell whether an elevated person may decide: no other has so far, or they govern the root."""
    if root.provisional or root.creator_id is None:
        return document_roots.may_change(tx, actor, root)
    return governs_root(root.creator_id, actor.user_id, actor.role, own_access(tx, actor.user_id, root.id, root.access))


def _openable(tx: Connection, root: Row[Any], wish: Wish) -> Access:
    """Return the access to share: what was asked for, but no more than now while people have own documents there."""
    is_more = _is_less(root.shared_access, wish.shared_access)
    if not is_more or _clears(tx, wish):
        return wish.shared_access
    return root.shared_access if personal_documents.count_authors(tx, root.id) else wish.shared_access


def _clears(tx: Connection, wish: Wish) -> bool:
    """Tell whether people's own documents can be moved out of the root, to that of own documents of the same slug."""
    return wish.own_root_id is not None and personal_documents.is_safe(tx, wish.own_root_id)


def _is_cluttered(tx: Connection, root: Row[Any], wish: Wish) -> bool:
    """Tell whether there are people's own documents where only what is shared should be."""
    return _clears(tx, wish) and bool(personal_documents.ids_below(tx, root.id))


def _changed(tx: Connection, root: Row[Any], wish: Wish, values: dict[str, Any]) -> Outcome[RootMeta]:
    notifications = _cleared(tx, root, wish, values)
    own = _prepared(tx, wish) if "provisional" in values else None
    if own is not None:
        values["access"] = _access_as(own)
        notifications += _with_permissions(tx, own, wish)
    tells_anybody = values.keys() != {"confirmed_at"}
    if tells_anybody:
        values["access_changed"] = change_numbers.next_number(tx)
    tx.execute(update(roots_table).where(roots_table.c.id == root.id), values)
    changed = document_roots.meta(tx, root.id)
    if tells_anybody:
        notifications.append(document_roots.told_to_all(changed))
    return Outcome(changed, tuple(notifications), access_changed=tells_anybody)


def _lacks_access(tx: Connection, actor: Actor, root: Row[Any], wish: Wish) -> bool:
    """Tell whether an elevated person cannot write what is withheld from everybody, themself included."""
    is_asked = actor.is_elevated and wish.is_withheld
    return is_asked and not is_writable(own_access(tx, actor.user_id, root.id, root.access))


def _let_in(
    tx: Connection, actor: Actor, root: Row[Any], wish: Wish, outcome: Outcome[RootMeta] | None
) -> Outcome[RootMeta] | None:
    """Give an elevated person who withholds something the permission to write it, as they may do themself."""
    root = document_roots.find(tx, root.id) or root
    if not _lacks_access(tx, actor, root, wish):
        return outcome
    given = permissions.put(tx, OF_USERS, root_id=root.id, subject_id=actor.user_id, access="RW_User")
    before = outcome.notifications if outcome else ()
    return Outcome(document_roots.meta(tx, root.id), (*before, *given.notifications), access_changed=True)


def _prepared(tx: Connection, wish: Wish) -> Row[Any] | None:
    """Return the root of own documents of the same slug, if it says who may do what: no student's counts.

    Whoever is shut out of a root that was prepared for one class alone is shut out of what is shared under the slug,
    too. Who may only read their own documents any more, after the end of an exam, is not.
    """
    # What is withheld is opened by permissions of its own, and by nothing that was said of something else.
    is_asked = wish.own_root_id is not None and not wish.is_withheld
    own = document_roots.find(tx, wish.own_root_id or "") if is_asked else None
    return None if own is None or own.provisional else own


def _access_as(own: Row[Any]) -> Access:
    return "None_DocumentRoot" if kind(own.access) == "None" else "RW_DocumentRoot"


def _with_permissions(tx: Connection, own: Row[Any] | None, wish: Wish) -> list[Notification]:
    """Give the root of a wish the permissions of another that decide who is shut out of it."""
    if own is None:
        return []
    is_closed, told = kind(own.access) == "None", list[Notification]()
    for row in permissions.of_root(tx, OF_USERS, [own.id]):
        if is_closed or kind(row.access) == "None":
            put = permissions.put(tx, OF_USERS, root_id=wish.root_id, subject_id=row.user_id, access=row.access)
            told += put.notifications
    for row in permissions.of_root(tx, OF_GROUPS, [own.id]):
        if is_closed or kind(row.access) == "None":
            given = permissions.put(tx, OF_GROUPS, root_id=wish.root_id, subject_id=row.group_id, access=row.access)
            told += given.notifications
    return told


def _cleared(tx: Connection, root: Row[Any], wish: Wish, values: dict[str, Any]) -> list[Notification]:
    """Move people's own documents out of a root that is for sharing, and give hand-outs of students back to them."""
    if "provisional" in values:
        shared_documents.give_back(tx, root, values["shared_access"], of_type=wish.type_name)
    if not _clears(tx, wish):
        return []
    assert wish.own_root_id is not None
    personal = personal_documents.ids_below(tx, root.id)
    return personal_documents.move(tx, personal, wish.own_root_id, name=root.name)


def _is_elsewhere(tx: Connection, root: Row[Any], wish: Wish) -> bool:
    """Tell whether an elevated person has meant the other root of the same name last, for documents of this type."""
    is_theirs = documents_table.c.is_shared_main | (documents_table.c.author_id == roots_table.c.creator_id)
    query = (
        select(roots_table.c.confirmed_at)
        .join(documents_table, documents_table.c.root_id == roots_table.c.id)
        .where(roots_table.c.id == wish.twin_id, ~roots_table.c.provisional)
        .where(documents_table.c.type == wish.type_name, is_theirs)
    )
    confirmed_at = tx.execute(query.limit(1)).scalar_one_or_none()
    if confirmed_at is None:
        return False
    return bool(root.provisional) or confirmed_at > (root.confirmed_at or 0)


def _is_less(access: Access, other: Access) -> bool:
    return kind(access) != kind(other) and lesser(access, other) == access
