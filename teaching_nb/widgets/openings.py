"""Whether something is open that may be closed, and to whom: pure, to the rows that a page shows to teachers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema.access import Access, is_access, is_readable, kind, own_permission
from teaching_nb.schema.records import RootMeta, StudentGroup, User
from teaching_nb.widgets.overview import name_of

Row = dict[str, Any]

WORDS = {"RO": "open", "RW": "open", "None": "closed"}
"""What a permission means to whoever sets it."""


def is_open(model: DocumentModel) -> bool:
    """Tell whether the user may see what a model holds, as far as this kernel knows."""
    facts = model.gate.facts
    access: Any = model.access
    is_refused = bool(facts.awaited or facts.refusal)
    return bool(model.is_loaded) and not is_refused and is_access(access) and is_readable(access)


def opening_rows(root: RootMeta, groups: Iterable[StudentGroup], users: Mapping[str, User], me: User) -> list[Row]:
    """Return the groups that a teacher may open something to, by name, with their students.

    A row says what was said of it (`open`, `closed` or nothing); one of a student also whether they see it.
    """
    of_groups = {permission.group_id: permission.access for permission in root.group_permissions}
    of_users = {permission.user_id: permission.access for permission in root.user_permissions}
    known = list(groups)
    mine = [group for group in known if me.role == "admin" or me.id in (group.admin_ids or ())]
    rows = []
    for group in sorted(mine, key=lambda each: (each.name.casefold(), each.id)):
        people = [users[user_id] for user_id in group.user_ids or () if user_id in users]
        students = sorted(
            (each for each in people if each.role == "student"), key=lambda each: name_of(each).casefold()
        )
        rows.append(
            {
                "id": group.id,
                "name": group.name,
                "said": _word(of_groups.get(group.id)),
                "people": [
                    {
                        "id": student.id,
                        "name": name_of(student),
                        "said": _word(of_users.get(student.id)),
                        "sees": _sees(student.id, root, known, of_groups, of_users),
                    }
                    for student in students
                ],
            }
        )
    return rows


def is_open_to_all(root: RootMeta) -> bool:
    """Tell whether nobody need open it to anybody."""
    return is_readable(root.access)


def _sees(
    user_id: str,
    root: RootMeta,
    groups: Iterable[StudentGroup],
    of_groups: Mapping[str, Access],
    of_users: Mapping[str, Access],
) -> bool:
    theirs = [of_groups[group.id] for group in groups if group.id in of_groups and user_id in (group.user_ids or ())]
    return is_readable(own_permission(root.access, theirs, [of_users[user_id]] if user_id in of_users else []))


def _word(access: Access | None) -> str:
    return "" if access is None else WORDS[kind(access)]
