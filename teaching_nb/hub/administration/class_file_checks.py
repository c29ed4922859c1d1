"""What can be seen of a file for `hub load` before anything is stored: two entries for one thing. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.administration.class_file import Content

Named = tuple[str, str | None, str]
"""Path, the name that counts, and what it is in words."""


def check_once(content: Content) -> None:
    """Raise `InvalidInput` with both paths when two entries are about one person, group, root, document or permission.

    Which of the two was meant nobody can tell, and the second would undo the first in silence.
    """
    for names in (_people(content), _accounts(content), _groups(content), _roots(content), _documents(content)):
        _check_different(names)
    for index, root in enumerate(content.document_roots):
        place = f"$.documentRoots[{index}]"
        users = ((f"{place}.userPermissions[{at}].user", entry.user) for at, entry in enumerate(root.user_permissions))
        _check_different((path, _folded(email), f"permission of {email!r}") for path, email in users)
        groups = (
            (f"{place}.groupPermissions[{at}].group", entry.group) for at, entry in enumerate(root.group_permissions)
        )
        _check_different((path, name, f"permission of the group {name!r}") for path, name in groups)


def _check_different(names: Iterable[Named]) -> None:
    first: dict[str, str] = {}
    for path, name, words in names:
        if name is None:
            continue
        if name in first:
            raise InvalidInput(f"the {words} is there twice, first at `{first[name]}`; leave one - at `{path}`")
        first[name] = path


def _people(content: Content) -> Iterable[Named]:
    for index, entry in enumerate(content.users):
        words = f"person with the e-mail {entry.email!r} (upper and lower case do not count)"
        yield f"$.users[{index}].email", _folded(entry.email), words


def _accounts(content: Content) -> Iterable[Named]:
    for index, entry in enumerate(content.users):
        yield f"$.users[{index}].id", entry.id and f"id {_folded(entry.id)}", f"person with the id {entry.id}"
        subject = entry.subject and f"subject {entry.subject}"
        yield f"$.users[{index}].subject", subject, f"Jupyter account {entry.subject!r}"


def _groups(content: Content) -> Iterable[Named]:
    for index, entry in enumerate(content.groups):
        if entry.id is None:
            yield f"$.groups[{index}].name", f"name {entry.name}", f"group {entry.name!r}"
        else:
            yield f"$.groups[{index}].id", f"id {_folded(entry.id)}", f"group with the id {entry.id}"


def _roots(content: Content) -> Iterable[Named]:
    for index, entry in enumerate(content.document_roots):
        yield f"$.documentRoots[{index}].id", _folded(entry.id), f"document root {entry.id}"


def _documents(content: Content) -> Iterable[Named]:
    for index, entry in enumerate(content.documents):
        yield f"$.documents[{index}].id", entry.id and _folded(entry.id), f"document {entry.id}"


def _folded(name: str) -> str:
    return name.strip().lower()
