"""Writing files of a tree into a folder of this computer, on request: never out of it, and over nothing unasked."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from teaching_nb.errors import Conflict, InvalidInput
from teaching_nb.widgets.file_tree import checked_name, key_of


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that is to be written, and what lies in its place."""

    path: str
    """Below the folder, with slashes."""
    target: Path
    content: bytes
    present: bytes | None
    """What is there now; None where there is nothing."""

    @property
    def is_different(self) -> bool:
        """Tell whether something would be lost by writing it."""
        return self.present is not None and self.present != self.content

    @property
    def digest(self) -> str:
        """Name what is there now; empty where there is nothing."""
        return "" if self.present is None else digest_of(self.present)


def digest_of(content: bytes) -> str:
    """Return what tells two contents apart."""
    return hashlib.sha256(content).hexdigest()


def existing_folder(folder: Any) -> Path:
    """Return a folder of this computer; raises `InvalidInput` where there is none."""
    if not isinstance(folder, str | os.PathLike):
        raise InvalidInput(f"a folder is a path such as '.', not {folder!r:.60}")
    try:
        path = Path(folder).expanduser().resolve()
        is_there = path.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidInput(f"{str(folder)!r:.200} names no folder: {error}") from error
    if not is_there:
        raise InvalidInput(f"there is no folder {str(folder)!r:.200}: make it first, or name another one")
    return path


def plan(folder: Path, texts: Mapping[str, str]) -> list[PlannedFile]:
    """Return what is to be written for texts by their paths; raises `InvalidInput` for what must not be, with the path.

    Nothing is written by it: one path that cannot be keeps all others from being written too.
    """
    _check_different(texts)
    return [_planned(folder, path, text) for path, text in texts.items()]


def write(planned: Iterable[PlannedFile], overwrite: Mapping[str, str]) -> list[str]:
    """Write what is new, and over what differs where its digest is agreed to; return the paths that were written.

    Raises `Conflict` before anything is written when something differs that nobody has agreed to lose.
    """
    wanted = [file for file in planned if file.present != file.content]
    refused = [file.path for file in wanted if file.is_different and overwrite.get(file.path) != file.digest]
    if refused:
        raise Conflict(f"{', '.join(refused)} would be overwritten, and is something else on this computer")
    written: list[str] = []
    for file in wanted:
        try:
            _write(file)
        except OSError as error:
            before = f"; written before: {', '.join(written)}" if written else "; nothing was written"
            raise InvalidInput(f"{file.path} could not be written ({error.strerror or error}){before}") from error
        written.append(file.path)
    return written


def _check_different(texts: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for path in texts:
        same = seen.setdefault(key_of(path), path)
        if same != path:
            raise InvalidInput(f"“{same}” and “{path}” are one name on some computers: rename one of them first")


def _planned(folder: Path, path: str, text: str) -> PlannedFile:
    names = path.split("/")
    for name in names:
        if checked_name(name) != name:
            raise InvalidInput(f"“{path}” cannot be written: rename “{name}” first")
    at = folder
    for name in names[:-1]:
        at /= name
        if at.is_symlink():
            raise InvalidInput(f"“{path}” is not written: {at} is a link, which may lead out of the folder")
        if at.exists() and not at.is_dir():
            raise InvalidInput(f"“{path}” cannot be written: {at} is a file on this computer")
    target = at / names[-1]
    if target.is_symlink():
        raise InvalidInput(f"“{path}” is not written: {target} is a link, which may lead out of the folder")
    if target.exists() and not target.is_file():
        raise InvalidInput(f"“{path}” cannot be written: {target} is no file on this computer")
    present = target.read_bytes() if target.exists() else None
    return PlannedFile(path, target, text.encode("utf-8", "surrogatepass"), present)


def _write(file: PlannedFile) -> None:
    file.target.parent.mkdir(parents=True, exist_ok=True)
    if file.present is None:
        with file.target.open("xb") as target:
            target.write(file.content)
        return
    if file.target.read_bytes() != file.present:
        raise Conflict(f"{file.path} has changed on this computer meanwhile: look at it first")
    # In one step: what is there stays whole if the disk is full.
    handle, beside = tempfile.mkstemp(dir=file.target.parent, prefix=".tnb-")
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(file.content)
        shutil.copymode(file.target, beside)
        Path(beside).replace(file.target)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
