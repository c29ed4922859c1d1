"""Files of `hub load` that an older hub has written, brought to the present format. Pure.

There the document that is shared under a slug lay below the same root as each person's own documents, and could not
be told from them but by its age. It gets a root of its own, as the migration of a database gives it one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from teaching_nb.hub.actors import is_elevated_role
from teaching_nb.hub.administration.class_file import VERSIONS, Content, DocumentEntry, RootEntry
from teaching_nb.schema.access import Access, is_access, kind
from teaching_nb.schema.roots import shared_root_id
from teaching_nb.schema.wire import is_uuid


def upgraded(content: Content) -> Content:
    """Return the content in the newest format."""
    if content.version == VERSIONS[-1]:
        return content
    roots: list[RootEntry] = []
    added: list[RootEntry] = []
    copies: list[DocumentEntry] = []
    elevated = {user.email.lower() for user in content.users if is_elevated_role(user.role)}
    documents = {id(entry): entry for entry in content.documents}
    for root in content.document_roots:
        if root.name is None or not _is_shared(root):
            roots.append(root)
            continue
        roots.append(msgspec.structs.replace(root, shared_access="None_DocumentRoot"))
        for entry in _shared_of_each_type(root, content.documents):
            own = msgspec.structs.replace(root, id=shared_root_id(root.id, entry.type))
            added.append(own)
            documents |= _moved(entry, content.documents, own.id)
            if not root.provisional and entry.author.lower() not in elevated:
                # Perhaps it was theirs when a teacher shared the slug.
                copies.append(msgspec.structs.replace(entry, id=None))
    # Behind all others, so that mistakes are still told with their places in the file.
    return msgspec.structs.replace(
        content,
        version=VERSIONS[-1],
        document_roots=[*roots, *added],
        documents=[*documents.values(), *copies],
    )


def _is_shared(root: RootEntry) -> bool:
    return is_access(root.shared_access) and kind(cast("Access", root.shared_access)) != "None"


def _shared_of_each_type(root: RootEntry, entries: Sequence[DocumentEntry]) -> list[DocumentEntry]:
    """Return what everybody opened below a shared root: of each type the oldest document, which stands first.

    As long as no teacher has come, whoever made the root has said that it is shared, and nobody else.
    """
    if not is_uuid(root.id.lower()):
        return []
    first: dict[str, DocumentEntry] = {}
    for entry in _tops(root, entries):
        if not root.provisional or entry.author.lower() == (root.creator or "").lower():
            first.setdefault(entry.type, entry)
    return list(first.values())


def _tops(root: RootEntry, entries: Sequence[DocumentEntry]) -> list[DocumentEntry]:
    is_below = [each for each in entries if each.document_root_id.lower() == root.id.lower()]
    return [each for each in is_below if each.parent_id is None]


def _moved(top: DocumentEntry, entries: Sequence[DocumentEntry], root_id: str) -> dict[int, DocumentEntry]:
    """Return a document with all that is below it, below another root."""
    found = {id(top): msgspec.structs.replace(top, document_root_id=root_id, shared=True)}
    parents = {top.id}
    while parents:
        below = [each for each in entries if each.parent_id is not None and each.parent_id in parents]
        found |= {id(each): msgspec.structs.replace(each, document_root_id=root_id) for each in below}
        parents = {each.id for each in below}
    return found
