"""Kernels of ipykernel 6, which has no subshells: an interpreter of its own, and the kernelspec that names it."""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

NAME = "ipykernel6"
_ROOT = Path(__file__).parent.parent
_PYTHON = _ROOT / ".venv-ipykernel6" / "bin" / "python"


def install(kernels: Path) -> None:
    """Write the kernelspec into a folder of kernelspecs."""
    assert _PYTHON.exists(), "`make test` prepares the environment with ipykernel 6 (.venv-ipykernel6)"
    spec = {
        "argv": [str(_PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python with ipykernel 6",
        "language": "python",
        # Used in place: what is tested is this working copy.
        "env": {"PYTHONPATH": str(_ROOT)},
        # As in ipykernel's own kernelspec.
        "metadata": {"debugger": True},
    }
    folder = kernels / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def specs(kernels: Path) -> KernelSpecManager:
    """Return what finds the kernelspec there, beside those of this environment."""
    install(kernels)
    manager = KernelSpecManager()
    manager.kernel_dirs.insert(0, str(kernels))
    return manager
