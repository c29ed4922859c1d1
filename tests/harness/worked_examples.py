"""The worked access examples of the protocol (section 8, rows 1 to 44), strict column."""

from __future__ import annotations

from typing import Literal, NamedTuple

from teaching_nb.schema.access import Access, Kind


class Example(NamedTuple):
    """One row: who calls, how the root and the permissions are, what follows."""

    number: int
    caller: Literal["author", "other"]
    access: Kind
    shared: Kind
    group: Kind | None
    """Permission of a group of the caller."""
    user: Kind | None
    """Permission of the caller."""
    create_status: int
    """Answer when the caller creates a new document of their own."""
    effective: Access

    def __str__(self) -> str:
        """Return the number, as the name of a test."""
        return f"row {self.number}"


EXAMPLES = (
    Example(1, "author", "RW", "None", None, None, 200, "RW_DocumentRoot"),
    Example(2, "author", "RO", "None", None, None, 403, "RO_DocumentRoot"),
    Example(3, "author", "None", "None", None, None, 403, "None_DocumentRoot"),
    Example(4, "author", "RW", "None", "RO", None, 403, "RO_StudentGroup"),
    Example(5, "author", "RW", "None", "None", None, 403, "None_StudentGroup"),
    Example(6, "author", "None", "None", "RO", None, 403, "RO_StudentGroup"),
    Example(7, "author", "None", "None", "RW", None, 200, "RW_StudentGroup"),
    Example(8, "author", "RO", "None", "RW", None, 200, "RW_StudentGroup"),
    Example(9, "author", "RO", "None", "None", "RW", 200, "RW_User"),
    Example(10, "author", "RW", "None", "RW", "RO", 403, "RO_User"),
    Example(11, "author", "RW", "None", "RW", "None", 403, "None_User"),
    Example(12, "author", "None", "None", None, "RW", 200, "RW_User"),
    Example(13, "author", "RW", "RW", "None", None, 403, "None_StudentGroup"),
    Example(14, "other", "RW", "None", None, None, 200, "None_DocumentRoot"),
    Example(15, "other", "RW", "RO", None, None, 200, "RO_DocumentRoot"),
    Example(16, "other", "RW", "RW", None, None, 200, "RW_DocumentRoot"),
    Example(17, "other", "RO", "RW", None, None, 403, "RO_DocumentRoot"),
    Example(18, "other", "RO", "RO", None, None, 403, "RO_DocumentRoot"),
    Example(19, "other", "None", "RO", None, None, 403, "None_DocumentRoot"),
    Example(20, "other", "None", "RW", None, None, 403, "None_DocumentRoot"),
    Example(21, "other", "RW", "None", "RO", None, 403, "None_StudentGroup"),
    Example(22, "other", "RW", "None", "RW", None, 200, "None_StudentGroup"),
    Example(23, "other", "RW", "None", None, "RO", 403, "None_User"),
    Example(24, "other", "RW", "None", None, "RW", 200, "None_User"),
    Example(25, "other", "RW", "None", "None", None, 403, "None_StudentGroup"),
    Example(26, "other", "None", "None", None, "RW", 200, "None_User"),
    Example(27, "other", "RW", "RO", "RW", None, 200, "RO_StudentGroup"),
    Example(28, "other", "RW", "RO", "RO", None, 403, "RO_StudentGroup"),
    Example(29, "other", "RW", "RO", "None", None, 403, "None_StudentGroup"),
    Example(30, "other", "RW", "RO", None, "RW", 200, "RO_User"),
    Example(31, "other", "RW", "RO", None, "None", 403, "None_User"),
    Example(32, "other", "RW", "RW", "RO", None, 403, "RO_StudentGroup"),
    Example(33, "other", "RW", "RW", "RW", None, 200, "RW_StudentGroup"),
    Example(34, "other", "RW", "RW", "None", None, 403, "None_StudentGroup"),
    Example(35, "other", "RW", "RW", None, "RO", 403, "RO_User"),
    Example(36, "other", "RW", "RW", None, "RW", 200, "RW_User"),
    Example(37, "other", "RW", "RW", None, "None", 403, "None_User"),
    Example(38, "other", "None", "RW", "RO", None, 403, "RO_StudentGroup"),
    Example(39, "other", "None", "RW", "RW", None, 200, "RW_StudentGroup"),
    Example(40, "other", "None", "RO", "RW", None, 200, "RO_StudentGroup"),
    Example(41, "other", "RO", "RW", "RO", "RW", 200, "RW_User"),
    Example(42, "other", "RO", "RW", "RW", "None", 403, "None_User"),
    Example(43, "other", "RO", "RO", "None", "RW", 200, "RO_User"),
    Example(44, "other", "RW", "RW", "None", "RW", 200, "RW_User"),
)
