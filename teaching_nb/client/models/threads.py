"""Threads of comments as they are stored, and what is read from that. Pure.

A thread is an `mdx_comment` document. What is said in it is one `quill_v2` document each, below the thread, or
elsewhere with the thread's id in `thread`. One with `resolved` says that the thread was resolved, or opened again; the
newest counts. These stand beside the thread, not in it, because not everybody who takes part may change it, and because
programs of the existing system would drop the keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from teaching_nb.schema.delta import from_markdown
from teaching_nb.schema.records import Document
from teaching_nb.schema.types.mdx_comment import TYPE

THREAD = TYPE.name
COMMENT = "quill_v2"

IMAGE = "[image]"
"""Stands for what is no text in a comment of another program."""


class Comment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that was said."""

    id: str
    writer_id: str
    at: str
    """When it was stored (UTC)."""
    text: str | None
    """Without formats; None for what another program has stored, and is no text."""
    delta: Any
    """With its formats, as the editor Quill stores them; None where it has none."""
    is_on_behalf: bool
    """Whether staff have written it, in the name of the student whom it is for."""


class Thread(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A comment with its replies."""

    id: str
    root_id: str
    writer_id: str
    at: str
    is_on_behalf: bool
    kind: str
    """Of a comment that was made on a page of the existing system: at which kind of element."""
    nr: int
    """And at which of these, from 1; 0 for a comment of ours."""
    comments: tuple[Comment, ...]
    """Oldest first; none when they were deleted."""
    is_resolved: bool
    resolved_by: str
    """Who has resolved it, or opened it again, last; empty when nobody has."""
    resolved_at: str


@dataclass(frozen=True, slots=True)
class Commented:
    """The document that is commented on, and below which roots that is done."""

    id: str
    author_id: str
    root_id: str
    written_root_id: str
    """The root below which staff write for the author, who only reads there."""
    is_shared: bool = False
    """Whether others read what lies below the document's root."""

    def concerns(self, thread: Document) -> bool:
        """Tell whether a thread is about this document, or is itself the document."""
        about = _data(thread).get("about")
        if self.id in (thread.id, thread.parent_id, about):
            return True
        # Programs of the existing system know of no document that a comment is about.
        is_of_place = not about and thread.parent_id is None and thread.document_root_id == self.root_id
        return is_of_place and (self.is_shared or thread.author_id == self.author_id)

    def writer_of(self, document: Document) -> str:
        """Return who has written something: of what only staff write, whoever they say."""
        writer = _data(document).get("writer")
        is_of_staff = document.document_root_id == self.written_root_id
        return writer if is_of_staff and isinstance(writer, str) and writer else document.author_id

    def is_on_behalf(self, document: Document) -> bool:
        """Tell whether somebody else than its author has written something."""
        return self.writer_of(document) != document.author_id


def threads_of(documents: Iterable[Document], commented: Commented) -> tuple[Thread, ...]:
    """Return the threads about a document, oldest first; `documents` may hold others, oldest first as well."""
    known = list(documents)
    threads = [each for each in known if each.type == THREAD and commented.concerns(each)]
    ids = {thread.id for thread in threads}
    said: defaultdict[str, list[Document]] = defaultdict(list)
    for document in known:
        if document.type == COMMENT:
            thread_id = document.parent_id if document.parent_id in ids else _data(document).get("thread")
            if isinstance(thread_id, str):
                said[thread_id].append(document)
    return tuple(_thread(thread, said[thread.id], commented) for thread in threads)


def comment_data(text: str, **more: Any) -> dict[str, Any]:
    """Return the data of a comment that is written in Markdown; `more` are keys of ours."""
    delta = from_markdown(text)
    # Such as a block of code in which nothing stands: then it is what was typed.
    data = {"delta": delta if text_of({"delta": delta}) else {"ops": [{"insert": f"{text}\n"}]}}
    return {**data, **more}


def text_of(data: Any) -> str | None:
    """Return what a `quill_v2` document says, without its formats; None where it is none."""
    delta = data.get("delta") if isinstance(data, dict) else None
    operations = delta.get("ops") if isinstance(delta, dict) else None
    if not isinstance(operations, list):
        return None
    inserts = [each.get("insert") if isinstance(each, dict) else None for each in operations]
    if not all(isinstance(each, (str, dict)) for each in inserts):
        return None
    return "".join(each if isinstance(each, str) else IMAGE for each in inserts).strip("\n")


def formatted(data: Any) -> Any:
    """Return the Delta of a `quill_v2` document that has formats; None for one without, and for what is none."""
    if text_of(data) is None:
        return None
    operations = data["delta"]["ops"]
    has_formats = any(isinstance(each["insert"], dict) or each.get("attributes") for each in operations)
    return data["delta"] if has_formats else None


def _thread(document: Document, said: Sequence[Document], commented: Commented) -> Thread:
    data, comments = _data(document), [each for each in said if not _is_mark(each)]
    last = next((each for each in reversed(said) if _is_mark(each)), None)
    kind, nr = data.get("type"), data.get("nr")
    is_of_page = isinstance(kind, str) and kind != "" and isinstance(nr, int) and not isinstance(nr, bool)
    return Thread(
        id=document.id,
        root_id=document.document_root_id,
        writer_id=commented.writer_of(document),
        at=document.created_at,
        is_on_behalf=commented.is_on_behalf(document),
        kind=str(kind) if is_of_page else "",
        nr=int(nr) + 1 if is_of_page and isinstance(nr, int) else 0,
        comments=tuple(_comment(each, commented) for each in comments),
        is_resolved=last is not None and _data(last)["resolved"],
        resolved_by=commented.writer_of(last) if last is not None else "",
        resolved_at=last.created_at if last is not None else "",
    )


def _comment(document: Document, commented: Commented) -> Comment:
    return Comment(
        id=document.id,
        writer_id=commented.writer_of(document),
        at=document.created_at,
        text=text_of(document.data),
        delta=formatted(document.data),
        is_on_behalf=commented.is_on_behalf(document),
    )


def _is_mark(document: Document) -> bool:
    return isinstance(_data(document).get("resolved"), bool)


def _data(document: Document) -> Mapping[str, Any]:
    return document.data if isinstance(document.data, dict) else {}
