"""A thread of comments: its comments, and what was said of it, are `quill_v2` documents.

In the existing system it is pinned to an element of a page, and holds one comment. A page of that keeps the first five
keys alone; whatever else is to be known of a thread stands in documents of its own (`client/models/threads.py`).
"""

from __future__ import annotations

import msgspec

from teaching_nb.schema.document_type import DataStruct, DocumentType, Whole


class MdxComment(DataStruct):
    """Where a thread belongs."""

    kind: str = msgspec.field(default="", name="type")
    """Of a page of the existing system: the kind of the element."""
    nr: Whole = 0
    """Which element of that kind."""
    comment_nr: Whole = 0
    """Which comment of the element."""
    is_open: bool = True
    """Whether such a page shows it unfolded."""
    color: str = "blue"
    """Its colour there."""
    about: str = ""
    """The document that it speaks of, where it does not lie below it."""


TYPE = DocumentType("mdx_comment", MdxComment, saves_at_once=True, call="comments")
