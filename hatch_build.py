"""Build hook: makes the widgets' bundle from `js/` before a wheel, an sdist or an editable install is built."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = Path("teaching_nb/widgets/static/teaching.js")
"""The file that is written last; beside it lie the modules."""
MISSING_NPM = (
    "npm is needed to build the browser half of teaching-nb and was not found: install Node.js 20 or newer, "
    "or install teaching-nb from a wheel"
)


class BundleHook(BuildHookInterface[Any]):
    """Runs `npm ci && npm run build`, strictly by the lock file."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the bundle; an sdist brings its own, and then neither npm nor a network is needed.

        Nor are they for one that was made after its sources, as `make` does before it installs the package.
        """
        root = Path(self.root)
        is_sdist = (root / "PKG-INFO").exists()
        if (is_sdist and (root / BUNDLE).exists()) or _is_fresh(root):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(MISSING_NPM)
        quiet = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
        for arguments in (("ci", "--no-audit", "--no-fund"), ("run", "build")):
            subprocess.run([npm, *arguments], cwd=root / "js", env=quiet, check=True)
        if not (root / BUNDLE).exists():
            raise RuntimeError(f"npm run build did not write {BUNDLE}")


def _is_fresh(root: Path) -> bool:
    bundle = root / BUNDLE
    sources = [*(root / "js").glob("*.*"), *(path for path in (root / "js" / "src").rglob("*") if path.is_file())]
    return bundle.exists() and all(path.stat().st_mtime < bundle.stat().st_mtime for path in sources)
