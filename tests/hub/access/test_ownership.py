"""Whose a document is, in every combination of what decides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest

from teaching_nb.hub.access.ownership import belongs_to
from teaching_nb.schema.access import ACCESS_VALUES, Access, effective_access, is_writable

SOMEBODY, ANOTHER = "somebody", "another"
ROLES = ("student", "teacher", "admin")


@dataclass(frozen=True)
class Document:
    """What decides whose a document is."""

    author_id: str
    is_shared_main: bool
    provisional: bool
    creator_id: str | None


def documents(*, is_shared_main: bool) -> list[Document]:
    """Return one document for each combination."""
    people, roots = (SOMEBODY, ANOTHER), (None, SOMEBODY, ANOTHER)
    return [
        Document(author, is_shared_main, provisional, creator)
        for author, provisional, creator in product(people, (False, True), roots)
    ]


@pytest.mark.parametrize("own", ACCESS_VALUES)
@pytest.mark.parametrize("role", ROLES)
def test_own_document_is_its_authors(role: str, own: Access) -> None:
    """Whatever their role, and whoever has made the root."""
    for document in documents(is_shared_main=False):
        assert belongs_to(document, SOMEBODY, role, own) == (document.author_id == SOMEBODY)


@pytest.mark.parametrize("own", ACCESS_VALUES)
def test_shared_document_is_a_students_only_until_a_teacher_comes(own: Access) -> None:
    """Its author keeps it below a provisional root; no permission and no making of the root gives it to a student."""
    for document in documents(is_shared_main=True):
        expected = document.provisional and document.author_id == SOMEBODY
        assert belongs_to(document, SOMEBODY, "student", own) == expected


@pytest.mark.parametrize("own", ACCESS_VALUES)
def test_shared_document_is_the_elevated_peoples_who_govern_its_root(own: Access) -> None:
    """Admins, whoever made or confirmed the root, who has RW by a permission, and an elevated author."""
    is_permitted = own in {"RW_User", "RW_StudentGroup"}
    for document in documents(is_shared_main=True):
        is_governor = SOMEBODY in {document.creator_id, document.author_id} or is_permitted
        assert belongs_to(document, SOMEBODY, "teacher", own) == is_governor
        assert belongs_to(document, SOMEBODY, "admin", own)


def test_students_never_write_a_hand_out() -> None:
    """Of a confirmed root that others may read, no student writes the shared document, whatever their permission."""
    for document, own in product(documents(is_shared_main=True), ACCESS_VALUES):
        is_own = belongs_to(document, SOMEBODY, "student", own)
        access = effective_access(own, "RO_DocumentRoot", is_own=is_own)
        assert document.provisional or not is_writable(access)
