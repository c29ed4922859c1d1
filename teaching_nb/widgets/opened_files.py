"""Files of a tree that are open: the widgets that show what is in them, and the texts as they are now."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.errors import NotConnected, TeachingNbError
from teaching_nb.schema.records import User
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.file_changes import FileChanges
from teaching_nb.widgets.file_tree import Entry, FileTree
from teaching_nb.widgets.other import watching_class

SAVE_SECONDS = 5.0
"""So long what is being typed in a page of this kernel is waited for, before a text is read."""


class OpenedFiles:
    """What is open below one tree. `tell` gets the list of it, for the page, whenever it changes."""

    def __init__(self, room: Classroom | None, tell: Callable[[list[dict[str, str]]], None]) -> None:
        self._room = room
        self._tell = tell
        self._open: dict[str, DocumentWidget] = {}
        self._made: list[tuple[str, DocumentWidget]] = []
        """File → a widget that somebody shows elsewhere."""

    def open(self, changes: FileChanges, entry: Entry, *, user: User | None) -> None:
        """Show what is in a file below the tree, if it is not shown there already."""
        if entry.id not in self._open:
            shown = self._make(changes, entry, user=user, on_close=lambda: self._close(entry.id))
            self._open[entry.id] = shown
            self._show()

    def widget_of(self, changes: FileChanges, entry: Entry, *, user: User | None) -> DocumentWidget:
        """Return a widget of what is in a file, to be shown elsewhere."""
        made = self._make(changes, entry, user=user)
        self._made.append((entry.id, made))
        return made

    def rename(self, tree: FileTree) -> None:
        """Call what is open as it is called now; what was deleted keeps its name until somebody closes it."""
        for entry_id, shown in self._all():
            if entry_id in tree.entries:
                shown.title = tree.path(entry_id)

    def texts(self, changes: FileChanges, entry_id: str) -> tuple[dict[str, str], list[str]]:
        """Return the texts in a file, a folder or all by path from there, and the paths of what is no text."""
        tree = changes.tree
        start = tree.get(entry_id).parent if entry_id else ""
        inside = [*([tree.get(entry_id)] if entry_id else []), *tree.below(entry_id)]
        texts: dict[str, str] = {}
        left_out: list[str] = []
        for entry in (each for each in inside if not each.is_folder):
            path = tree.local_path(entry.id).removeprefix(tree.path(start)).removeprefix("/")
            text = self.text_of(changes, entry)
            if text is None:
                left_out.append(path)
            else:
                texts[path] = text
        return texts, left_out

    def text_of(self, changes: FileChanges, entry: Entry) -> str | None:
        """Return the text in a file as it is now, with what is typed here; None where it is no text."""
        for model in {shown.model for entry_id, shown in self._all() if entry_id == entry.id}:
            if isinstance(model, LiveTextModel):
                with contextlib.suppress(TeachingNbError):
                    model.wait_saved(SAVE_SECONDS)
                return str(model.gate.peek(model.text_name))
        return changes.stored_text(entry)

    def close(self) -> None:
        """Close what is shown below the tree."""
        for shown in self._open.values():
            shown.close()
        self._open.clear()

    def _all(self) -> list[tuple[str, DocumentWidget]]:
        return [*self._open.items(), *self._made]

    def _make(self, changes: FileChanges, entry: Entry, *, user: User | None, **options: Any) -> DocumentWidget:
        if self._room is None:
            raise NotConnected("this is shown without a classroom: open it in the notebook that names it")
        document_id, kind = changes.content_of(entry.id)
        model = self._room.open_document(document_id, kind)
        shown = watching_class(model)
        options |= {"room": self._room} if shown.needs_room else {}
        return shown(model, user=user, title=changes.tree.path(entry.id), **options)

    def _close(self, entry_id: str) -> None:
        shown = self._open.pop(entry_id, None)
        if shown is not None:
            self._show()
            shown.close()

    def _show(self) -> None:
        self._tell([{"id": entry_id, "model_id": str(shown.model_id)} for entry_id, shown in self._open.items()])
