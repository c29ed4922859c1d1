"""A page that speaks with a widget of a real kernel over the comm."""

from __future__ import annotations

import itertools
from typing import Any

from tests.harness.kernels import Kernel, Message


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
