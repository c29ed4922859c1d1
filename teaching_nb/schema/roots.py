"""How a notebook names a document root: by its UUID, or by a slug within a course."""

from __future__ import annotations

import re
import uuid

from teaching_nb.errors import InvalidInput
from teaching_nb.schema.wire import is_uuid, kind_of

_NAMESPACE = uuid.UUID("6f9c1c0e-6f0d-5d0b-9a4e-2b7b0c6d7a11")
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,119}")
_COURSE = re.compile(r"(?![\s\ufeff])[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{0,120}(?<![\s\ufeff])")
"""The same as in js/src/cells/mark.ts."""


def root_id(name: str, course: str = "") -> str:
    """Return the UUID of a document root: under a slug that of each person's own documents.

    A UUID names itself; a slug (letters from a to z, digits, `. _ / -`, at most 120) is `uuid5` of course and slug, so
    that the same notebook in two courses has two roots. Raises `InvalidInput` for anything else.
    """
    if not isinstance(name, str):
        raise InvalidInput(f"a root is named by a slug or a UUID, not by {kind_of(name)}: {str(name)[:60]!r}")
    if is_uuid(name.lower()):
        return name.lower()
    if not _SLUG.fullmatch(name):
        raise InvalidInput(
            f"not a slug: {name[:60]!r}; use letters from a to z, digits and . _ / - (at most 120, no spaces)"
        )
    check_course(course)
    return str(uuid.uuid5(uuid.uuid5(_NAMESPACE, course), name))


def check_course(course: str) -> None:
    """Raise `InvalidInput` unless a course can have this name; the empty one is that of who names none.

    A course comes into being by being named: the hub knows of none, and whoever names the same one means the same.
    """
    if not isinstance(course, str):
        raise InvalidInput(f"a course is named by a text, not by {kind_of(course)}: {str(course)[:60]!r}")
    if not _COURSE.fullmatch(course):
        raise InvalidInput(
            f"not a course: {course[:60]!r}; use one line of at most 120 characters, without blanks around it"
        )


def root_id_of_written_for(own_root_id: str, type_name: str) -> str:
    """Return the root below which staff write documents for single students, whose own lie below `own_root_id`.

    It is another one, because there students only read.
    """
    return str(uuid.uuid5(uuid.UUID(own_root_id), f"written for {type_name}"))


def shared_root_id(own_root_id: str, type_name: str) -> str:
    """Return the root of the document that is shared under a slug, whose own documents lie below `own_root_id`.

    It is another one, so that sharing one never opens the others, and one for each type, because one notebook may
    share a text for writing and another one for reading under the same slug.
    """
    return str(uuid.uuid5(uuid.UUID(own_root_id), f"shared {type_name}"))
