"""Kernels that are reached through files: nobody can take the port that was free when it was looked for."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

# In a short place: the path of a socket may have some hundred characters.
_FOLDER = tempfile.TemporaryDirectory(prefix="tnb-")


def options() -> dict[str, str]:
    """Return what the kernel manager of one kernel has to be told."""
    return {"transport": "ipc", "connection_file": str(Path(_FOLDER.name) / f"{uuid.uuid4().hex[:8]}.json")}
