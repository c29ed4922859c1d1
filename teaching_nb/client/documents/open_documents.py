"""The documents that this kernel has open: models, who keeps them, and finding them again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.sync.syncer import Syncer
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document, Sharing
from teaching_nb.schema.roots import root_id, root_id_of_written_for, shared_root_id

_SHARED_ACCESS: dict[object, str] = {
    False: "",
    True: "RW_DocumentRoot",
    "read": "RO_DocumentRoot",
    "withheld": "RO_DocumentRoot",
}


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """Which document a notebook asked for."""

    type_name: str = ""
    root_id: str = ""
    root_name: str | None = None
    shared: str = ""
    """`RW_DocumentRoot` or `RO_DocumentRoot` for a shared document, empty for an own one."""
    is_withheld: bool = False
    """Whether nobody but teachers is to see a shared document until it is opened to them."""
    own_root_id: str | None = None
    """Of a shared document under a slug: the root of each person's own documents under it."""
    author_id: str | None = None
    is_written_for: bool = False
    """Whether staff write it for its author, who reads it: for `author_id`, or for whoever opens it."""
    document_id: str | None = None
    data: Any = field(default=None, compare=False)

    @property
    def is_awaited(self) -> bool:
        """Tell whether nobody sees it before staff have opened or written it, and some only for a time."""
        return self.is_withheld or self.is_written_for


def main_document(
    root: str,
    course: str,
    *,
    type: str,  # noqa: A002 - the word of the protocol and of the public interface
    data: Any,
    shared: bool | str,
    author: str | None,
) -> DocumentReference:
    """Return the reference of a main document by what `Classroom.document` was asked for; raises `InvalidInput`."""
    given: Any = shared
    if not isinstance(given, bool | str) or given not in _SHARED_ACCESS:
        raise InvalidInput(f"shared is False, True, 'read' or 'withheld', not {shared!r:.60}")
    if author is not None and shared:
        raise InvalidInput("a shared document is the same for everybody: leave out `author` or `shared`")
    own_id = root_id(root, course)
    is_slug = root.lower() != own_id
    # What is shared under a slug lies below a root of its own.
    has_own_root = is_slug and bool(shared)
    return DocumentReference(
        type_name=type,
        root_id=shared_root_id(own_id, type) if has_own_root else own_id,
        root_name=root if is_slug else None,
        shared=_SHARED_ACCESS[shared],
        is_withheld=shared == "withheld",
        own_root_id=own_id if has_own_root else None,
        author_id=None if author is None else wire.parse_uuid(author, "author"),
        data=data,
    )


def written_for(
    root: str,
    course: str,
    *,
    type: str,  # noqa: A002 - the word of the protocol and of the public interface
    data: Any,
    student: str | None,
) -> DocumentReference:
    """Return the reference of what staff write for a student, None for whoever opens it; raises `InvalidInput`."""
    own_id = root_id(root, course)
    return DocumentReference(
        type_name=type,
        root_id=root_id_of_written_for(own_id, type),
        root_name=root if root.lower() != own_id else None,
        author_id=None if student is None else wire.parse_uuid(student, "student"),
        is_written_for=True,
        data=data,
    )


@dataclass(slots=True)
class OpenDocument:
    """One open document."""

    reference: DocumentReference
    model: DocumentModel
    syncer: Syncer
    sharing: Sharing | None = None
    """How the hub has said that it is shared."""
    is_outdated: bool = False
    """The hub has to be asked once more which document the reference stands for."""
    is_renewed: bool = False
    """The notebook has asked for it once more, as if it had never been opened."""
    is_syncing: bool = False
    """The opener works on it."""
    needs_sync: bool = False
    """It has to be brought into agreement once more when the opener is done."""

    def awaits(self, record: Document) -> bool:
        """Tell whether this may be the document that was asked for before it was there."""
        wanted = self.reference
        is_mine = wanted.is_written_for and wanted.author_id is None
        is_theirs = bool(wanted.shared) or is_mine or wanted.author_id == record.author_id
        is_here = (wanted.root_id, wanted.type_name) == (record.document_root_id, record.type)
        return is_here and is_theirs and not self.model.id


class DocumentStore:
    """Open documents; asked from any thread, changed by `Classroom.document` and the loop thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._open: dict[DocumentReference, OpenDocument] = {}

    def get(self, reference: DocumentReference) -> OpenDocument | None:
        """Return what was opened for a reference before."""
        with self.lock:
            return self._open.get(reference) or self._of_id(reference.document_id)

    def add(self, document: OpenDocument) -> None:
        """Remember an open document."""
        with self.lock:
            self._open[document.reference] = document

    def remove(self, document: OpenDocument) -> None:
        """Forget an open document."""
        with self.lock:
            self._open.pop(document.reference, None)

    def of_model(self, model: DocumentModel) -> OpenDocument | None:
        """Return the open document that a model belongs to."""
        return next((document for document in self if document.model is model), None)

    def of_id(self, document_id: str) -> list[OpenDocument]:
        """Return the open documents of an id: mostly one or none, more when it was opened by two names."""
        return [document for document in self if document.model.id == document_id]

    def __iter__(self) -> Iterator[OpenDocument]:
        with self.lock:
            return iter(tuple(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def _of_id(self, document_id: str | None) -> OpenDocument | None:
        return next(iter(self.of_id(document_id)), None) if document_id else None
