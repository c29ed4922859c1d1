"""A real kernel, driven over its own channels, and a page that speaks with a widget over the comm."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tests import kernel_sockets, older_kernel

SECONDS = 60.0

Message = dict[str, Any]


class Kernel:
    """A kernel process of its own."""

    def __init__(self, name: str, specs: KernelSpecManager) -> None:
        self._manager = KernelManager(kernel_name=name, kernel_spec_manager=specs, **kernel_sockets.options())
        self._manager.start_kernel()
        self.client: BlockingKernelClient = self._manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    @property
    def is_older(self) -> bool:
        """Tell whether this is ipykernel 6: messages of a page wait behind whatever runs."""
        return self._manager.kernel_name == older_kernel.NAME

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

    def stop(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)


class Page:
    """A browser page that shows one widget of a kernel."""

    _numbers = itertools.count(1)

    def __init__(self, kernel: Kernel, comm_id: str) -> None:
        self.kernel = kernel
        self.comm_id = comm_id
        self.outputs: list[Message] = []
        self.state = ""
        self.status = ""
        self.messages: list[Message] = []

    def send(self, kind: str, buffers: list[bytes] | None = None, **content: Any) -> None:
        """Send one message to the widget."""
        self.kernel.send_comm(self.comm_id, {"kind": kind, **content}, buffers)

    def receive(self, kind: str) -> Message:
        """Return the next message of this kind, with its buffers."""
        while True:
            message = self.kernel.wait(self._is_ours)
            data = message["content"]["data"]
            if data.get("method") != "custom":
                continue
            content: Message = {**data["content"], "buffers": [bytes(buffer) for buffer in message["buffers"]]}
            self.messages.append(content)
            if content["kind"] == kind:
                return content

    def trait(self, name: str) -> Any:
        """Return the next value that the widget gives this trait."""
        while True:
            data = self.kernel.wait(self._is_ours)["content"]["data"]
            if data.get("method") == "update" and name in data["state"]:
                return data["state"][name]

    def press_run(self, code: str) -> str:
        """Press Run and return the id of the run."""
        run = f"run {next(self._numbers)}"
        self.send("run", run=run, code=code)
        return run

    def run(self, code: str) -> list[Message]:
        """Press Run, wait for the end and return the outputs."""
        self.press_run(code)
        return self.follow_until("done")

    def follow_until(self, state: str) -> list[Message]:
        """Follow the steps of a run until it is in this state; return the outputs so far."""
        while True:
            message = self.receive("run")
            for step in message["steps"]:
                self._follow(step)
            self.state, self.status = message["state"], message["status"]
            if self.state == state:
                return self.outputs

    def _follow(self, step: Message) -> None:
        if step["op"] == "clear":
            self.outputs = []
        elif step["op"] == "all":
            self.outputs = step["outputs"]
        elif step["op"] == "add":
            self.outputs.append(step["output"])
        elif step["op"] == "set":
            self.outputs[step["index"]] = step["output"]
        else:
            self.outputs[-1]["text"] += step["text"]

    def _is_ours(self, message: Message) -> bool:
        return bool(message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == self.comm_id)
