"""What the notebook of this kernel says of its live cells: read from the file, for a kernel knows nothing of cells.

The Jupyter server tells a kernel in its environment which notebook it was started for. A mark that is not saved yet is
not found, nor a notebook that has another name since, or another format than ipynb.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SESSION = "JPY_SESSION_NAME"
KEY = "teaching_nb"
"""Of the metadata of cells and notebooks."""


@dataclass(frozen=True, slots=True)
class LiveCellMark:
    """A live cell as its file has it."""

    type: str
    shared: bool | str
    course: str
    text: str


def mark_of(slug: str) -> LiveCellMark | None:
    """Return what the notebook of this kernel says of a live cell; None where it names no such cell."""
    path = os.environ.get(SESSION, "")
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8")) if path else None
    except (OSError, ValueError):
        return None
    course = _ours(notebook).get("course")
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    for cell in cells if isinstance(cells, list) else ():
        mark = _ours(cell)
        if mark.get("document") == slug:
            return _mark(cell, mark, course if isinstance(course, str) else "")
    return None


def _mark(cell: Mapping[str, Any], mark: Mapping[str, Any], course: str) -> LiveCellMark:
    usual = "code" if cell.get("cell_type") == "code" else "string"
    kind, shared, source = mark.get("type", usual), mark.get("shared", False), cell.get("source", "")
    # A cell is for a document of another type only where the notebook's user has changed its type.
    is_changed = mark.get("cell") == cell.get("cell_type")
    return LiveCellMark(
        type=kind if kind in ("code", "string") and is_changed else usual,
        shared=shared if shared is True or shared == "read" else False,
        course=course,
        text="".join(source) if isinstance(source, list) else str(source),
    )


def _ours(holder: Any) -> Mapping[str, Any]:
    metadata = holder.get("metadata") if isinstance(holder, dict) else None
    ours = metadata.get(KEY) if isinstance(metadata, dict) else None
    return ours if isinstance(ours, dict) else {}
