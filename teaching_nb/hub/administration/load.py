"""Loading a file of people, groups, roots, permissions and documents; used by `hub load`.

One transaction: a mistake names its path and leaves no trace. Loading again changes nothing; documents
that exist keep the content that people gave them.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, insert, select, update

from teaching_nb.errors import InvalidInput, OperationalError
from teaching_nb.hub import clock
from teaching_nb.hub.administration import load_people
from teaching_nb.hub.administration.class_file import (
    ActionEntry,
    Content,
    DocumentEntry,
    GroupEntry,
    RootEntry,
    UserEntry,
)
from teaching_nb.hub.administration.class_file_checks import check_once
from teaching_nb.hub.administration.class_file_upgrade import upgraded
from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents.roots import opened_authors
from teaching_nb.hub.people import allowed_actions, groups, passwords, permissions, sessions, users
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.identifiers import check_free
from teaching_nb.hub.store.tables import document_roots as roots_table
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.hub.store.tables import student_groups
from teaching_nb.hub.store.tables import users as users_table
from teaching_nb.schema import wire
from teaching_nb.schema.access import as_root, is_access
from teaching_nb.schema.documents import with_line_feeds

_NAMESPACE = uuid.UUID("2f1d7b0e-6c1c-5a52-8d8c-0f8f5d1a7c33")
"""Namespace (`uuid5`) of the ids of documents that a file gives none."""


class _Mistake(Exception):
    """A mistake in the file, and where it is."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


def known_password_hashes(tx: Connection, content: Content) -> dict[str, str]:
    """Return the stored hashes of those whose passwords are in the file."""
    return load_people.known_password_hashes(tx, content.users)


def new_password_hashes(content: Content, known: dict[str, str]) -> dict[str, str]:
    """Return the hashes of the passwords that are not stored yet. Slow on purpose: call it outside of a job."""
    found: dict[str, str] = {}
    for index, entry in enumerate(content.users):
        email = entry.email.strip().lower()
        if entry.password is None or passwords.matches(known.get(email, ""), entry.password):
            continue
        try:
            found[email] = passwords.hashed(entry.password)
        except InvalidInput as error:
            raise InvalidInput(f"{error.message} - at `$.users[{index}].password`") from error
    return found


def load(tx: Connection, content: Content, password_hashes: dict[str, str]) -> str:
    """Bring everything of the file into the database; return a line that says what was done.

    Raises `InvalidInput` with the path of the first mistake.
    """
    check_once(content)
    try:
        counts = _Loader(tx, password_hashes).load(upgraded(content))
    except _Mistake as mistake:
        raise InvalidInput(f"{mistake.message} - at `{mistake.path}`") from mistake
    done = [f"{number} {what}" for what, number in counts.items() if number]
    return f"loaded: {', '.join(done)}" if done else "loaded: nothing had to be changed"


@contextlib.contextmanager
def _at(path: str) -> Iterator[None]:
    """Put a path in front of the place of a mistake."""
    try:
        yield
    except _Mistake as mistake:
        raise _Mistake(mistake.message, path + mistake.path) from mistake
    except OperationalError as error:
        raise _Mistake(error.message, path) from error


class _Loader:
    """One load: remembers which ids the names of the file stand for."""

    def __init__(self, tx: Connection, password_hashes: dict[str, str]) -> None:
        self._tx = tx
        self._password_hashes = password_hashes
        self._counts: Counter[str] = Counter()
        self._renamed: set[str] = set()
        self._ordinals: Counter[tuple[str, ...]] = Counter()
        self._began = clock.now()

    def load(self, content: Content) -> Counter[str]:
        """Load everything; return how many things of each kind were created or changed."""
        self._renamed = load_people.rename(self._tx, content.users)
        self._counts["users"] += len(self._renamed)
        for index, user in enumerate(content.users):
            with _at(f"$.users[{index}]"):
                self._user(user)
        self._groups(content.groups)
        for index, root in enumerate(content.document_roots):
            with _at(f"$.documentRoots[{index}]"):
                # In the order of the file, also for those who look for the oldest one.
                self._root(root, self._began - len(content.document_roots) + index)
        for index, action in enumerate(content.allowed_actions):
            with _at(f"$.allowedActions[{index}]"):
                self._action(action)
        self._documents(content.documents)
        return self._counts

    def _user(self, entry: UserEntry) -> None:
        row = users.by_email(self._tx, users.checked_email(entry.email))
        if entry.id is not None:
            entry.id = wire.parse_uuid(entry.id)
            if row is not None and row.id != entry.id:
                raise InvalidInput(f"{entry.email} has the id {row.id} here, not {entry.id}")
        if row is None:
            row = users.create(
                self._tx,
                email=entry.email,
                first_name=entry.first_name,
                last_name=entry.last_name,
                role=entry.role,
                user_id=entry.id,
                subject=self._free_subject(entry.subject),
                name=entry.name,
            )
            self._ban(row.id, entry)
            self._counts["users"] += 1
        else:
            self._change_user(row.id, entry)
        password_hash = self._password_hashes.get(row.email)
        if password_hash is not None:
            users.set_password(self._tx, row.id, password_hash)
            sessions.end_signed_in(self._tx, row.id)
            self._counts["passwords"] += 1

    def _free_subject(self, subject: str | None) -> str | None:
        query = select(users_table.c.email).where(users_table.c.subject == subject)
        holder = None if subject is None else self._tx.execute(query).scalar_one_or_none()
        if holder is not None:
            raise InvalidInput(f"the subject {subject!r} belongs to {holder} here")
        return subject

    def _ban(self, user_id: str, entry: UserEntry) -> None:
        if entry.banned:
            expires = None if entry.ban_expires is None else wire.parse_timestamp(entry.ban_expires)
            values = {"banned": True, "ban_reason": entry.ban_reason, "ban_expires": expires}
            self._tx.execute(update(users_table).where(users_table.c.id == user_id), values)

    def _change_user(self, user_id: str, entry: UserEntry) -> None:
        values = {
            "first_name": users.checked_name(entry.first_name, "firstName"),
            "last_name": users.checked_name(entry.last_name, "lastName"),
            "role": users.checked_role(entry.role),
        }
        row = users.by_id(self._tx, user_id)
        if any(getattr(row, key) != value for key, value in values.items()):
            values["name"] = users.display_name(entry.first_name, entry.last_name, entry.email.lower())
            statement = update(users_table).where(users_table.c.id == user_id)
            self._tx.execute(statement, {**values, "updated_at": clock.now()})
            self._counts["users"] += user_id not in self._renamed

    def _groups(self, entries: list[GroupEntry]) -> None:
        ids = []
        for index, entry in enumerate(entries):
            with _at(f"$.groups[{index}]"):
                ids.append(self._group(entry))
        # Parents may stand below their children in the file.
        for index, (entry, group_id) in enumerate(zip(entries, ids, strict=True)):
            if entry.parent is not None:
                with _at(f"$.groups[{index}].parent"):
                    self._parent(group_id, entry.parent)

    def _group(self, entry: GroupEntry) -> str:
        if entry.id is None:
            group_id = self._group_named(entry.name)
        else:
            entry.id = wire.parse_uuid(entry.id)
            group_id = self._existing_group(entry.id)
        wire.check_keepable(entry.presented_document, "presentedDocument")
        values = {"name": entry.name, "description": entry.description, "can_present": entry.can_present}
        if group_id is None:
            group_id = groups.insert_group(
                self._tx, name=entry.name, description=entry.description, parent_id=None, group_id=entry.id
            )
            values["presented_document"] = entry.presented_document if entry.can_present else None
            self._counts["groups"] += 1
        self._update_group(group_id, values)
        self._members(group_id, entry)
        return group_id

    def _update_group(self, group_id: str, values: dict[str, Any]) -> None:
        row = self._tx.execute(select(student_groups).where(student_groups.c.id == group_id)).one()
        if any(getattr(row, key) != value for key, value in values.items()):
            statement = update(student_groups).where(student_groups.c.id == group_id)
            self._tx.execute(statement, {**values, "updated_at": clock.after(row.updated_at)})

    def _members(self, group_id: str, entry: GroupEntry) -> None:
        admins = [email.lower() for email in entry.admins]
        for key, emails in (("members", entry.members), ("admins", entry.admins)):
            for index, email in enumerate(emails):
                with _at(f".{key}[{index}]"):
                    is_admin = email.lower() in admins
                    if groups.set_member(self._tx, group_id, self._user_id(email), is_admin=is_admin):
                        self._counts["memberships"] += 1

    def _parent(self, group_id: str, name: str) -> None:
        parent_id = self._group_id(name)
        if group_id in _ancestors(self._tx, parent_id):
            raise InvalidInput(f"group {name!r} would be below itself")
        self._update_group(group_id, {"parent_id": parent_id})

    def _root(self, entry: RootEntry, created_at: int) -> None:
        entry.id = wire.parse_uuid(entry.id)
        values: dict[str, Any] = {
            "access": as_root(_access(entry.access, "access")),
            "shared_access": as_root(_access(entry.shared_access, "sharedAccess")),
            "provisional": entry.provisional,
        }
        settings = document_roots.RootSettings(access=entry.access, shared_access=entry.shared_access, name=entry.name)
        row = document_roots.find(self._tx, entry.id)
        if row is None:
            document_roots.insert_root(self._tx, None, entry.id, settings)
            values["creator_id"] = None if entry.creator is None else self._user_id(entry.creator)
            values["created_at"] = created_at
            values["confirmed_at"] = None if entry.provisional else created_at
            self._tx.execute(update(roots_table).where(roots_table.c.id == entry.id), values)
            self._counts["document roots"] += 1
        else:
            # What has been confirmed since stays so.
            values["provisional"] = row.provisional and entry.provisional
            values["confirmed_at"] = None if values["provisional"] else row.confirmed_at or self._began
            values["name"] = entry.name or row.name
            if any(getattr(row, key) != value for key, value in values.items()):
                values["access_changed"] = change_numbers.next_number(self._tx)
                self._tx.execute(update(roots_table).where(roots_table.c.id == entry.id), values)
                self._counts["document roots"] += 1
            after = document_roots.meta(self._tx, entry.id)
            self._counts["people's own documents opened to others"] += opened_authors(self._tx, row, after)
        self._permissions(entry)

    def _permissions(self, entry: RootEntry) -> None:
        for index, of_user in enumerate(entry.user_permissions):
            with _at(f".userPermissions[{index}]"):
                access = permissions.checked_access(of_user.access)
                subject = self._user_id(of_user.user)
                done = permissions.put(self._tx, OF_USERS, root_id=entry.id, subject_id=subject, access=access)
                self._counts["permissions"] += done.access_changed
        for index, of_group in enumerate(entry.group_permissions):
            with _at(f".groupPermissions[{index}]"):
                access = permissions.checked_access(of_group.access)
                subject = self._group_id(of_group.group)
                changed = permissions.put(self._tx, OF_GROUPS, root_id=entry.id, subject_id=subject, access=access)
                self._counts["permissions"] += changed.access_changed

    def _action(self, entry: ActionEntry) -> None:
        if allowed_actions.find(self._tx, entry.document_type, entry.action) is None:
            allowed_actions.create(self._tx, entry.document_type, entry.action)
            self._counts["allowed actions"] += 1

    def _documents(self, entries: list[DocumentEntry]) -> None:
        """Load documents, parents before children, whatever their order in the file."""
        waiting = list(enumerate(entries))
        named = {entry.id.lower() for entry in entries if entry.id is not None}
        while waiting:
            later = []
            for index, entry in waiting:
                parent_id = entry.parent_id.lower() if entry.parent_id else None
                if parent_id in named and documents.find_row(self._tx, parent_id) is None:
                    later.append((index, entry))
                    continue
                with _at(f"$.documents[{index}]"):
                    self._document(entry, self._began - len(entries) + index)
            if len(later) == len(waiting):
                raise InvalidInput(f"the documents below each other form a circle - at `$.documents[{later[0][0]}]`")
            waiting = later

    def _document(self, entry: DocumentEntry, created_at: int) -> None:
        root_id = wire.parse_uuid(entry.document_root_id, "documentRootId")
        if document_roots.find(self._tx, root_id) is None:
            raise InvalidInput(f"there is no document root {root_id}")
        documents.check_type(entry.type)
        wire.check_keepable(entry.data, "data")
        author_id = self._user_id(entry.author)
        parent_id = wire.parse_uuid(entry.parent_id, "parentId") if entry.parent_id else None
        self._check_parent(parent_id, root_id)
        present = self._present(entry, root_id, author_id)
        document_id, ordinal = self._identity(entry, root_id, author_id, parent_id)
        # The first document without an id stands for the main one, whoever has created that.
        is_known = entry.id is None and parent_id is None and ordinal == 1 and bool(present)
        if is_known or documents.find_row(self._tx, document_id) is not None:
            return
        check_free(self._tx, document_id)
        is_main = parent_id is None and not present
        owner = documents.SHARED if entry.shared else author_id
        values = {
            "id": document_id,
            "author_id": author_id,
            "root_id": root_id,
            "parent_id": parent_id,
            "type": entry.type,
            "data": with_line_feeds(entry.type, entry.data),
            "main_key": documents.main_key(root_id, owner, entry.type) if is_main else None,
            "is_shared_main": entry.shared and is_main,
            "revision": 1,
            "created_at": created_at,
            "updated_at": created_at,
            "changed": change_numbers.next_number(self._tx),
        }
        self._tx.execute(insert(documents_table), values)
        self._counts["documents"] += 1

    def _present(self, entry: DocumentEntry, root_id: str, author_id: str) -> list[Any]:
        """Return what there is already in the place of a document: the author's own, or the one that is shared."""
        if entry.shared:
            row = documents.shared_main(self._tx, root_id=root_id, document_type=entry.type)
            return [] if row is None else [row]
        return documents.candidates(self._tx, root_id=root_id, document_type=entry.type, author_id=author_id)

    def _identity(self, entry: DocumentEntry, root_id: str, author_id: str, parent_id: str | None) -> tuple[str, int]:
        """Return the id of a document, derived from its place in the file when it has none, and its ordinal there."""
        if entry.id is not None:
            return wire.parse_uuid(entry.id), 0
        key = (root_id, author_id, entry.type, parent_id or "")
        self._ordinals[key] += 1
        ordinal = self._ordinals[key]
        return str(uuid.uuid5(_NAMESPACE, "|".join((*key, str(ordinal))))), ordinal

    def _check_parent(self, parent_id: str | None, root_id: str) -> None:
        if parent_id is None:
            return
        parent = documents.find_row(self._tx, parent_id)
        if parent is None:
            raise InvalidInput(f"there is no document {parent_id}")
        if parent.root_id != root_id:
            raise InvalidInput(f"the parent {parent_id} belongs to another document root")

    def _user_id(self, email: str) -> str:
        row = users.by_email(self._tx, email)
        if row is None:
            raise InvalidInput(f"no user has the e-mail {email[:80]!r}")
        user_id: str = row.id
        return user_id

    def _group_id(self, name: str) -> str:
        found = self._existing_group(name.lower()) or self._group_named(name)
        if found is None:
            raise InvalidInput(f"no group has the name or id {name[:80]!r}")
        return found

    def _existing_group(self, group_id: str) -> str | None:
        query = select(student_groups.c.id).where(student_groups.c.id == group_id)
        return self._tx.execute(query).scalar_one_or_none()

    def _group_named(self, name: str) -> str | None:
        found = self._tx.execute(select(student_groups.c.id).where(student_groups.c.name == name)).scalars().all()
        if len(found) > 1:
            raise InvalidInput(f"{len(found)} groups have the name {name[:80]!r}; name one by its id")
        return found[0] if found else None


def _ancestors(tx: Connection, group_id: str) -> set[str]:
    """Return a group and everything above it."""
    found: set[str] = set()
    current: str | None = group_id
    while current is not None and current not in found:
        found.add(current)
        query = select(student_groups.c.parent_id).where(student_groups.c.id == current)
        current = tx.execute(query).scalar_one_or_none()
    return found


def _access(access: str, what: str) -> str:
    if not is_access(access):
        raise InvalidInput(f"unknown {what} {access[:40]!r}; use RO_DocumentRoot, RW_DocumentRoot or None_DocumentRoot")
    return access
