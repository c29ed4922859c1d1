"""A small file tree; a file opens as a live cell below it.

Nothing is written into the kernel's working folder by itself: only `write_to` and the button that asks for it do that.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from traitlets import Bool, List, Unicode

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected
from teaching_nb.schema import wire
from teaching_nb.schema.types.dir import TYPE
from teaching_nb.widgets import messages, writing_files
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.document import DocumentWidget, show
from teaching_nb.widgets.file_changes import FileChanges
from teaching_nb.widgets.file_tree import FILE, FOLDER, FileTree, names_in
from teaching_nb.widgets.opened_files import OpenedFiles

WATCHED = "you watch these files: only whoever they belong to changes them here"


def files(
    slug: str,
    *,
    shared: bool = False,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> FilesWidget:
    """Return the file tree below the document root `slug`: the user's own, or one that everybody changes."""
    if not isinstance(shared, bool):
        raise InvalidInput(f"shared is False or True for files, not {shared!r:.60}")
    init = {"name": slug if title is None else title, "isOpen": True}
    return show(FilesWidget, slug, init=init, shared=shared, title=title, course=course, room=room)


class FilesWidget(ClassroomWidget, shows=TYPE):
    """Folders and files; paths are such as `src/main.py`, and an empty one is the top."""

    entries: List[dict[str, Any]] = List().tag(sync=True)
    "What is in the tree, folders first, by name: rows of the page."
    opened: List[dict[str, str]] = List().tag(sync=True)
    "The files that are open here: `id`, and `model_id` of the widget that shows what is in it."
    trouble = Unicode().tag(sync=True)
    "Why the tree may be old; empty when all is well."
    folder = Unicode().tag(sync=True)
    "The kernel's working folder, into which files are written on request."
    is_watched = Bool().tag(sync=True)
    "Whether the user looks at what somebody else has, and changes nothing."

    watched: ClassVar[tuple[str, ...]] = ("is_loaded", "data")

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.AddEntry: "_add_entry",
        messages.RenameEntry: "_rename_entry",
        messages.MoveEntry: "_move_entry",
        messages.DeleteEntry: "_delete_entry",
        messages.FoldEntry: "_fold_entry",
        messages.OpenEntry: "_open_entry",
        messages.WriteFiles: "_write_files",
    }

    def __init__(self, model: DocumentModel, *, room: Classroom | None = None, **options: Any) -> None:
        self._following = threading.Lock()
        self._below: DocumentCollection | None = None
        self._changes: FileChanges | None = None
        self._contents = OpenedFiles(room, self._show_opened)
        is_watched = "mark" not in options
        super().__init__(model, room=room, is_watched=is_watched, folder=str(Path.cwd()), **options)

    def show_model(self) -> None:
        """Make the traits equal to the model's, and follow the documents as soon as there is something to follow."""
        super().show_model()
        self._follow_files()

    def state(self) -> dict[str, Any]:
        """Return the traits, and say where another program has stored something else than a folder."""
        return self.with_misfits(super().state())

    def as_text(self) -> str:
        """Return the names of folders and files, one a line."""
        return self.tree.as_text()

    @property
    def tree(self) -> FileTree:
        """Return the tree as far as this kernel has heard of it."""
        return self._changes.tree if self._changes is not None else FileTree()

    @property
    def paths(self) -> list[str]:
        """Return the paths of all files, by name."""
        tree = self.tree
        return sorted(tree.path(entry.id) for entry in tree.entries.values() if not entry.is_folder)

    def add(self, path: str, text: str = "") -> None:
        """Make a file with a text in it, and the folders that lead to it; returns when the hub has it.

        Raises `InvalidInput` for a path that cannot be or is taken, `Forbidden` where you only read, and
        `NotConnected` without a hub: nothing is kept to be done later. The other verbs raise the same, and `NotFound`.
        """
        if not isinstance(text, str):
            raise InvalidInput(f"what is in a file is a text, not {text!r:.60}")
        # Before a folder is made for it.
        wire.check_json([path, text], "a file")
        *folders, name = names_in(path) or [""]
        changes = self._may_change()
        changes.add(FILE, name, self._make_folders(folders), text)

    def add_folder(self, path: str) -> None:
        """Make a folder, and those that lead to it; one that is there stays as it is."""
        self._may_change()
        self._make_folders(names_in(path))

    def read(self, path: str) -> str:
        """Return the text in a file."""
        changes = self._demanded()
        text = self._contents.text_of(changes, changes.tree.find(path))
        if text is None:
            raise InvalidInput(f"“{path}” holds something that is no text")
        return text

    def cell(self, path: str) -> DocumentWidget:
        """Return a live cell of what is in a file, to be shown where you like."""
        changes = self._demanded()
        return self._contents.widget_of(changes, changes.tree.find(path), user=self._user())

    def rename(self, path: str, name: str) -> None:
        """Give a folder or a file another name."""
        changes = self._may_change()
        changes.rename(changes.tree.find(path).id, name)

    def move(self, path: str, folder: str) -> None:
        """Put a folder or a file into a folder; `""` is the top."""
        changes = self._may_change()
        changes.move(changes.tree.find(path).id, changes.tree.find(folder).id if names_in(folder) else "")

    def delete(self, path: str) -> None:
        """Delete a folder with all that is in it, or a file."""
        changes = self._may_change()
        changes.delete(changes.tree.find(path).id)

    def write_to(self, folder: str | os.PathLike[str] = ".", path: str = "", *, overwrite: bool = False) -> list[str]:
        """Write a file, a folder or, without `path`, all into a folder of this computer; return what was written.

        What is there already is written over only with `overwrite=True`; otherwise `Conflict` names what differs, and
        nothing is written. What is no text is left out, with a warning.
        """
        changes = self._demanded()
        entry_id = changes.tree.find(path).id if names_in(path) else ""
        texts, left_out = self._contents.texts(changes, entry_id)
        planned = writing_files.plan(writing_files.existing_folder(folder), texts)
        agreed = {file.path: file.digest for file in planned} if overwrite else {}
        written = writing_files.write(planned, agreed)
        if left_out:
            warnings.warn(f"not written, for it is no text: {', '.join(left_out)}", stacklevel=2)
        return written

    def close(self) -> None:
        """Follow the files no longer, and close those that are open."""
        if self._below is not None and self._room is not None:
            self._below.unobserve(self._take_files, ["records", "problem"])
            self._room.users.unobserve(self._take_files, "records")
        # Nothing is opened any more once all is closed.
        self._errands.end()
        self._contents.close()
        super().close()

    def _follow_files(self) -> None:
        user, room = self._user(), self._room
        with self._following:
            if room is None or self._below is not None or not self.model.id:
                return
            is_others = self.is_watched and user is not None and user.id != self.model.author_id
            seen_by = self.model.author_id if is_others else ""
            self._below = room.documents_below(self.model, all_levels=True, seen_by=seen_by)
            self._changes = FileChanges(self.model, self._below)
        self._below.observe(self._take_files, ["records", "problem"])
        room.users.observe(self._take_files, "records")
        self._take_files(None)

    def _take_files(self, _change: Any) -> None:
        if self._below is None:
            return
        tree = self.tree
        with self.hold_sync():
            self.entries = [self._row(each) for each in map(asdict, tree.entries.values())]
            self.trouble = self._below.problem
            if self._is_kept:
                self.keep_text()
        self._contents.rename(tree)

    def _row(self, entry: dict[str, Any]) -> dict[str, Any]:
        user, author_id = self._user(), entry.pop("author_id")
        # In somebody else's tree what is one's own is the exception.
        is_mine = user is not None and author_id == user.id and not self.is_watched
        return {**entry, "author": "" if is_mine or self._room is None else self._room.users.name_of(author_id)}

    def _show_opened(self, opened: list[dict[str, str]]) -> None:
        self.opened = opened

    def _demanded(self) -> FileChanges:
        # Whoever has waited for the hub may be here before its answer was shown.
        self._follow_files()
        if self._changes is None:
            raise NotConnected("the hub has not answered for these files yet")
        self._changes.wait_loaded()
        return self._changes

    def _may_change(self) -> FileChanges:
        if self.is_watched:
            raise Forbidden(WATCHED)
        return self._demanded()

    def _make_folders(self, names: list[str]) -> str:
        changes, at = self._demanded(), ""
        for name in names:
            there = changes.tree.named(name, at)
            folders = [entry.id for entry in there if entry.is_folder]
            if there and not folders:
                raise InvalidInput(f"“{changes.tree.path(there[0].id)}” is a file: only a folder holds others")
            # Of several everybody takes the same one.
            at = min(folders) if folders else changes.add(FOLDER, name, at)
        return at

    # what pages ask

    def _add_entry(self, message: messages.AddEntry, reply: Reply) -> None:
        def job() -> dict[str, str]:
            return {"id": self._may_change().add(message.type, message.name, message.folder)}

        self._errands.run(job, reply, f"making “{message.name[:60]}”")

    def _rename_entry(self, message: messages.RenameEntry, reply: Reply) -> None:
        def job() -> None:
            self._may_change().rename(message.id, message.name, message.was)

        self._errands.run(job, reply, f"renaming “{message.was[:60]}”")

    def _move_entry(self, message: messages.MoveEntry, reply: Reply) -> None:
        self._errands.run(lambda: self._may_change().move(message.id, message.folder), reply, "moving this")

    def _delete_entry(self, message: messages.DeleteEntry, reply: Reply) -> None:
        self._errands.run(lambda: self._may_change().delete(message.id, message.below), reply, "deleting this")

    def _fold_entry(self, message: messages.FoldEntry, reply: Reply) -> None:
        def job() -> None:
            # Others' folders stay as they have them, and so do shared ones.
            if not self.mark.get("shared") and not self.is_watched and self.access.startswith("RW"):
                self._demanded().fold(message.id, is_open=message.on)

        self._errands.run(job, reply, "opening this folder")

    def _open_entry(self, message: messages.OpenEntry, reply: Reply) -> None:
        def job() -> None:
            changes = self._demanded()
            self._contents.open(changes, changes.tree.get(message.id), user=self._user())

        self._errands.run(job, reply, "opening this file")

    def _write_files(self, message: messages.WriteFiles, reply: Reply) -> None:
        self._errands.run(lambda: self._written(message), reply, "writing into the working folder")

    def _written(self, message: messages.WriteFiles) -> dict[str, Any]:
        self.folder = str(Path.cwd())
        texts, left_out = self._contents.texts(self._demanded(), message.id)
        planned = writing_files.plan(Path.cwd(), texts)
        differing = [file for file in planned if file.is_different and message.overwrite.get(file.path) != file.digest]
        answer = {"folder": self.folder, "written": [], "left_out": left_out}
        if differing:
            return {**answer, "differing": [{"path": file.path, "digest": file.digest} for file in differing]}
        written = writing_files.write(planned, message.overwrite)
        return {**answer, "written": written, "differing": [], "number": len(planned)}
