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
        self.pressed = ""
        self.run_id = ""
        self.state = ""
        self.status = ""
        self.question: Message | None = None
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
        self.pressed = f"run {next(self._numbers)}"
        self.send("run", run=self.pressed, code=code)
        return self.pressed

    def run(self, code: str) -> list[Message]:
        """Press Run, wait for the end and return the outputs."""
        self.press_run(code)
        return self.follow_until("done")

    def follow_until(self, state: str) -> list[Message]:
        """Follow the steps of the last run until it is in this state; return the outputs so far.

        A step of the run before, which tells of what was printed late, may be under way.
        """
        while True:
            self._take_run()
            if self.state == state and self.pressed in {"", self.run_id}:
                return self.outputs

    def look_again(self) -> list[Message]:
        """Ask for all outputs and return them: what was sent while the kernel ran a cell was passed over."""
        self.send("show_output")
        while True:
            message = self.receive("run")
            # Steps that were still under way belong to outputs that were passed over.
            if [step["op"] for step in message["steps"]][:1] == ["all"]:
                self._take(message)
                return self.outputs

    def asked(self) -> Message:
        """Follow the steps of a run until it asks for input, and return the question."""
        while self.question is None:
            self._take_run()
        return self.question

    def _take_run(self) -> None:
        self._take(self.receive("run"))

    def _take(self, message: Message) -> None:
        for step in message["steps"]:
            follow(self.outputs, step)
        self.run_id, self.state = message["run"], message["state"]
        self.status, self.question = message["status"], message["question"]

    def _is_ours(self, message: Message) -> bool:
        return bool(message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == self.comm_id)


def follow(outputs: list[Message], step: Message) -> None:
    """Change a page's copy of the outputs by one step."""
    places = {output["id"]: index for index, output in enumerate(outputs)}
    match step["op"]:
        case "clear":
            outputs.clear()
        case "all":
            outputs[:] = step["outputs"]
        case "add":
            outputs.append(step["output"])
        case "set":
            outputs[places[step["output"]["id"]]] = step["output"]
        case "drop":
            outputs[:] = [output for output in outputs if output["id"] not in step["ids"]]
        case "text":
            output = outputs[places[step["id"]]]
            *lines, unfinished = output["text"].split("\n")[step["drop"] :]
            output["text"] = "\n".join([*lines, "" if step["rewind"] else unfinished]) + step["text"]
