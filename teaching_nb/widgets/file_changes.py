"""Changing a file tree at the hub. Whoever calls waits for it; what is refused is raised, and nothing is done then."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Any

from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import Conflict, Forbidden, InvalidInput, NotFound
from teaching_nb.widgets.file_tree import FILE, FOLDER, TEXT_KEYS, UNFIT, Entry, FileTree, checked_name

LOAD_SECONDS = 20.0
ATTEMPTS = 3
"""To delete a folder: others may put something there each time."""


def content_type(name: str) -> str:
    """Return the type of the document that holds what is in a new file: Python is code that can be run."""
    return "code" if name.casefold().endswith(".py") else "string"


class FileChanges:
    """A tree, and what can be done with it; entries are named by id, the top by an empty one."""

    def __init__(self, top: DocumentModel, below: DocumentCollection) -> None:
        self._top = top
        self._below = below

    @property
    def tree(self) -> FileTree:
        """Return the tree as far as this kernel has heard of it."""
        return FileTree(self._below.records, self._top.id)

    def wait_loaded(self) -> None:
        """Wait until the hub has told what there is."""
        self._below.wait_loaded(LOAD_SECONDS)

    def add(self, kind: str, name: str, folder_id: str, text: str = "") -> str:
        """Make a folder, or a file with a text; return its id."""
        name = checked_name(name)
        if folder_id and not self.tree.get(folder_id).is_folder:
            raise InvalidInput(f"“{self.tree.get(folder_id).name}” is a file: only a folder holds others")
        self.tree.check_free(name, folder_id)
        body = {"name": name, "isOpen": kind == FOLDER}
        made = self._below.add(body, kind, parent_id=folder_id or self._top.id)
        if kind == FILE:
            self._add_content(made, content_type(name), text)
        return made

    def content_of(self, file_id: str) -> tuple[str, str]:
        """Return the document that holds what is in a file, and its type; made where there is none."""
        entry = self.tree.get(file_id)
        if entry.is_folder:
            raise InvalidInput(f"“{entry.name}” is a folder: only a file is opened")
        if not entry.content_id:
            # Whoever has made the file stores what is in it a moment later: it may be there by now.
            self._below.refresh()
            entry = self.tree.get(file_id)
        if entry.content_id:
            return entry.content_id, entry.content_type
        kind = content_type(entry.name)
        return self._add_content(file_id, kind, ""), kind

    def rename(self, entry_id: str, name: str, was: str | None = None) -> None:
        """Give an entry another name; raises `Conflict` when it is not called `was` any more."""
        name, entry = checked_name(name), self.tree.get(entry_id)
        if entry.oddity in UNFIT:
            raise InvalidInput(
                f"another program has stored something under “{entry.oddity}” here that does not fit, and it is never "
                "rewritten: whoever wrote it can mend it, or its author deletes it"
            )
        if was is not None:
            self._check_called(entry_id, was)
        self.tree.check_free(name, entry.parent, but=entry_id)
        if name == entry.name:
            return
        try:
            self._below.change(entry_id, {"name": name}, {"name": entry.name})
        except Conflict:
            # What others have done meanwhile, and this kernel has not heard of.
            self._below.refresh()
            self._check_called(entry_id, entry.name)
            raise

    def move(self, entry_id: str, folder_id: str) -> None:
        """Put an entry into a folder."""
        tree = self.tree
        tree.check_move(entry_id, folder_id)
        entry = tree.get(entry_id)
        if folder_id and tree.get(folder_id).author_id != entry.author_id:
            raise InvalidInput(f"“{entry.name}” can be moved only into folders of whoever has made it, and to the top")
        if entry.parent == folder_id and entry.oddity != "lost":
            return
        try:
            self._below.move(entry_id, folder_id or self._top.id)
        except (Forbidden, NotFound) as error:
            # What others have done meanwhile, and this kernel has not heard of.
            self._below.refresh()
            self.tree.check_move(entry_id, folder_id)
            raise Forbidden(f"the hub refuses to move “{entry.name}” there: {error.message}") from error

    def delete(self, entry_id: str, known: Collection[str] | None = None) -> None:
        """Delete an entry with all that is in it; one that is gone already is no error.

        `known` is what whoever agreed knew to be in it: with anything else in it `Conflict` is raised.
        """
        for attempt in range(ATTEMPTS):
            # What somebody has put there a moment ago may not have been told yet.
            self._below.refresh()
            tree = self.tree
            if entry_id not in tree.entries:
                return
            new = [each.name for each in tree.below(entry_id) if known is not None and each.id not in known]
            if new:
                raise Conflict(f"“{new[0]}” has come into it meanwhile: look at it first")
            # What this user may not see is deleted with it, as everywhere.
            with contextlib.suppress(NotFound, Conflict):
                self._remove(tree.get(entry_id), as_seen=attempt < ATTEMPTS - 1)
                return

    def fold(self, entry_id: str, *, is_open: bool) -> None:
        """Keep whether a folder shows what is in it; one that another program has stored oddly stays as it is."""
        entry = self.tree.get(entry_id)
        if entry.oddity not in UNFIT and entry.is_open != is_open:
            self._below.change(entry_id, {"isOpen": is_open})

    def _check_called(self, entry_id: str, name: str) -> None:
        now = self.tree.get(entry_id).name
        if now != name:
            raise Conflict(f"somebody else has called it “{now}” meanwhile")

    def stored_text(self, entry: Entry) -> str | None:
        """Return the text in a file as the hub has it now; None where it is no text."""
        if not entry.content_id:
            return ""
        key = TEXT_KEYS.get(entry.content_type)
        data: Any = self._below.read(entry.content_id).data if key else None
        text = data.get(key) if isinstance(data, dict) else None
        return text if isinstance(text, str) else None

    def _remove(self, entry: Entry, *, as_seen: bool) -> None:
        try:
            self._below.remove(entry.id, as_seen=as_seen)
        except Forbidden as error:
            raise Forbidden(f"“{entry.name}” can be deleted only by whoever has made it") from error

    def _add_content(self, file_id: str, kind: str, text: str) -> str:
        return self._below.add({TEXT_KEYS[kind]: text}, kind, parent_id=file_id)
