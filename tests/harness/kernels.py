"""Real kernels, of ipykernel 7 and of ipykernel 6, which has no subshells; driven over their own channels."""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tests.harness.processes import ROOT

SECONDS = 60.0

OLDER = "ipykernel6"
"""Name of the kernelspec with ipykernel 6, which has an interpreter of its own."""
_PYTHON = ROOT / ".venv-ipykernel6" / "bin" / "python"

# In a short place: the path of a socket may have some hundred characters.
_FOLDER = tempfile.TemporaryDirectory(prefix="tnb-")

Message = dict[str, Any]


def ipc_options() -> dict[str, str]:
    """Return what makes a kernel manager reach its kernel through files, whose places nobody else can take."""
    return {"transport": "ipc", "connection_file": str(Path(_FOLDER.name) / f"{uuid.uuid4().hex[:8]}.json")}


def install_older(kernels: Path) -> None:
    """Write the kernelspec with ipykernel 6 into a folder of kernelspecs."""
    assert _PYTHON.exists(), "`make test` prepares the environment with ipykernel 6 (.venv-ipykernel6)"
    spec = {
        "argv": [str(_PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python with ipykernel 6",
        "language": "python",
        # Used in place: what is tested is this working copy.
        "env": {"PYTHONPATH": str(ROOT)},
        # As in ipykernel's own kernelspec.
        "metadata": {"debugger": True},
    }
    folder = kernels / OLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def both_specs(kernels: Path) -> KernelSpecManager:
    """Return what finds ipykernel 6 in a folder, beside the kernelspecs of this environment."""
    install_older(kernels)
    manager = KernelSpecManager()
    manager.kernel_dirs.insert(0, str(kernels))
    return manager


class Kernel:
    """A kernel process of its own."""

    def __init__(
        self, name: str = "python3", specs: KernelSpecManager | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        options: dict[str, Any] = {} if specs is None else {"kernel_spec_manager": specs}
        self._manager = KernelManager(kernel_name=name, **options, **ipc_options())
        self._manager.start_kernel(**({} if env is None else {"env": dict(env)}))
        self.client: BlockingKernelClient = self._manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    @property
    def is_older(self) -> bool:
        """Tell whether this is ipykernel 6: messages of a page wait behind whatever runs."""
        return self._manager.kernel_name == OLDER

    def start(self, code: str) -> str:
        """Send a cell and return the id of the request."""
        return str(self.client.execute(code, stop_on_error=False))

    def run(self, code: str) -> str:
        """Run a cell to its end and return what it printed; fail when it raised."""
        request = self.start(code)
        printed: list[str] = []

        def is_end(message: Message) -> bool:
            if message["parent_header"].get("msg_id") != request:
                return False
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
            return bool(message["msg_type"] == "status" and message["content"]["execution_state"] == "idle")

        self.wait(is_end)
        return "".join(printed)

    def send_comm(self, comm_id: str, content: Message, buffers: list[bytes] | None = None) -> None:
        """Send a widget's custom message, as a page does."""
        session, channel = self.client.session, self.client.shell_channel
        data = {"method": "custom", "content": content}
        session.send(channel.socket, "comm_msg", {"comm_id": comm_id, "data": data}, buffers=buffers)

    def wait(self, is_wanted: Callable[[Message], bool]) -> Message:
        """Return the next message of the kernel that is wanted."""
        deadline = time.monotonic() + SECONDS
        while True:
            message: Message = self.client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            if is_wanted(message):
                return message

    def interrupt(self) -> None:
        """Interrupt the kernel as the notebook's button does."""
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        """Restart the kernel in the middle of whatever it does, and wait until it answers."""
        self._manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=SECONDS)

    def stop(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
