"""Writing down everything that a hub keeps, in the format that `hub load` reads; used by `hub dump`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from teaching_nb.hub.administration.class_file import (
    VERSIONS,
    ActionEntry,
    Content,
    DocumentEntry,
    GroupAccessEntry,
    GroupEntry,
    RootEntry,
    UserAccessEntry,
    UserEntry,
)
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.people import allowed_actions, users
from teaching_nb.hub.store.tables import document_roots as roots_table
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.hub.store.tables import group_permissions, memberships, student_groups, user_permissions
from teaching_nb.hub.store.tables import users as users_table
from teaching_nb.schema import wire


def dump(tx: Connection) -> Content:
    """Return everything but passwords and tokens; live edits are written into their documents first."""
    update_log.materialize(tx, update_log.stale_ids(tx))
    emails = {row.id: row.email for row in tx.execute(select(users_table))}
    return Content(
        version=VERSIONS[-1],
        users=[_user(row) for row in tx.execute(select(users_table).order_by(users_table.c.email))],
        groups=_dump_groups(tx, emails),
        document_roots=_dump_roots(tx, emails),
        documents=[
            DocumentEntry(
                id=row.id,
                document_root_id=row.root_id,
                author=emails[row.author_id],
                type=row.type,
                data=row.data,
                parent_id=row.parent_id,
                shared=row.is_shared_main,
            )
            for row in tx.execute(select(documents_table).order_by(documents_table.c.created_at, documents_table.c.id))
        ],
        allowed_actions=[
            ActionEntry(document_type=action.document_type, action=action.action)
            for action in sorted(allowed_actions.list_all(tx), key=lambda action: (action.document_type, action.action))
        ],
    )


def _user(row: Row[Any]) -> UserEntry:
    shown = users.display_name(row.first_name, row.last_name, row.email)
    return UserEntry(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        role=row.role,
        name=None if row.name == shown else row.name,
        subject=row.subject,
        banned=bool(row.banned),
        ban_reason=row.ban_reason,
        ban_expires=None if row.ban_expires is None else wire.timestamp(row.ban_expires),
    )


def _dump_groups(tx: Connection, emails: dict[str, str]) -> list[GroupEntry]:
    members: dict[str, list[str]] = {}
    admins: dict[str, list[str]] = {}
    for row in tx.execute(select(memberships)):
        members.setdefault(row.group_id, []).append(emails[row.user_id])
        if row.is_admin:
            admins.setdefault(row.group_id, []).append(emails[row.user_id])
    return [
        GroupEntry(
            id=row.id,
            name=row.name,
            description=row.description,
            parent=row.parent_id,
            can_present=row.can_present,
            presented_document=row.presented_document,
            members=sorted(members.get(row.id, [])),
            admins=sorted(admins.get(row.id, [])),
        )
        for row in tx.execute(select(student_groups).order_by(student_groups.c.name, student_groups.c.id))
    ]


def _dump_roots(tx: Connection, emails: dict[str, str]) -> list[RootEntry]:
    of_groups: dict[str, list[GroupAccessEntry]] = {}
    of_users: dict[str, list[UserAccessEntry]] = {}
    for row in tx.execute(select(group_permissions).order_by(group_permissions.c.group_id)):
        of_groups.setdefault(row.root_id, []).append(GroupAccessEntry(group=row.group_id, access=row.access))
    for row in tx.execute(select(user_permissions)):
        of_users.setdefault(row.root_id, []).append(UserAccessEntry(user=emails[row.user_id], access=row.access))
    return [
        RootEntry(
            id=row.id,
            name=row.name,
            access=row.access,
            shared_access=row.shared_access,
            provisional=row.provisional,
            creator=emails.get(row.creator_id),
            group_permissions=of_groups.get(row.id, []),
            user_permissions=sorted(of_users.get(row.id, []), key=lambda entry: entry.user),
        )
        for row in tx.execute(select(roots_table).order_by(roots_table.c.created_at, roots_table.c.id))
    ]
