"""What a benchmark leaves behind: its figures, and what they were measured with."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from teaching_nb import __version__


def about(packages: Sequence[str] = (), **more: object) -> dict[str, object]:
    """Return when and where it was measured, with which versions, and whatever else counts."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "ours": {"teaching_nb": __version__, **{name: _version(name) for name in packages}},
        **more,
    }


def node_version() -> str:
    """Return the version of Node.js."""
    return subprocess.run(["node", "--version"], check=True, capture_output=True, text=True, timeout=10).stdout.strip()


def write(name: str, content: dict[str, object], folder: Path) -> Path:
    """Write the figures of a benchmark into a file of their own; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
