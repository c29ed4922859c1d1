"""A kernel of a JupyterLab, driven as a browser drives it: REST for the session, a WebSocket for the cells."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from teaching_nb.demo.labs import Lab
from teaching_nb.errors import TeachingNbError

CELL_SECONDS = 30.0
"""A cell that takes longer has failed."""

_MESSAGE_BYTES = 20_000_000


class CellError(TeachingNbError):
    """A cell raised, or did not end in time; the message holds its last line."""


class Kernel:
    """One running kernel; cells run one after the other."""

    def __init__(self, lab: Lab, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.lab = lab
        self._socket = socket
        self._session = uuid.uuid4().hex

    @property
    def first_name(self) -> str:
        """Return whose kernel this is."""
        return self.lab.person.first_name

    async def run(self, code: str) -> str:
        """Run a cell and return what it printed; raise `CellError` when it raised."""
        request = self._request(code)
        try:
            async with asyncio.timeout(CELL_SECONDS):
                await self._socket.send_json(request)
                return await self._read_answer(request["header"]["msg_id"])
        except TimeoutError:
            raise CellError(f"{self.first_name}'s cell did not end in {CELL_SECONDS:.0f} s") from None

    def _request(self, code: str) -> dict[str, Any]:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": self._session,
            "username": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        return {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}

    async def _read_answer(self, request_id: str) -> str:
        """Read until both the reply and the idle status are there; either may come first."""
        printed: list[str] = []
        problem = ""
        missing = {"execute_reply", "idle"}
        while missing:
            message = await self._next_message()
            if message["parent_header"].get("msg_id") != request_id:
                continue
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                printed.append(content["text"])
            elif message["msg_type"] == "error":
                problem = f"{self.first_name}'s cell raised {content['ename']}: {content['evalue']}"
            missing -= {message["msg_type"], content.get("execution_state", "")}
        if problem:
            raise CellError(problem)
        return "".join(printed).strip()

    async def _next_message(self) -> dict[str, Any]:
        frame = await self._socket.receive()
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise CellError(f"{self.first_name}'s kernel closed its connection: {frame.type.name} {frame.data}")
        message: dict[str, Any] = frame.json()
        return message


@contextlib.asynccontextmanager
async def open_kernel(http: aiohttp.ClientSession, lab: Lab) -> AsyncIterator[Kernel]:
    """Start a kernel for a person's first notebook, as opening it does, and connect to it."""
    headers = {"Authorization": f"token {lab.token}"}
    notebook = lab.person.notebooks[0]
    body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
    async with http.post(f"{lab.url}api/sessions", json=body, headers=headers) as response:
        if response.status != 201:
            raise CellError(f"no kernel for {lab.person.first_name}: {response.status} {await response.text()}")
        kernel_id = (await response.json())["kernel"]["id"]
    url = f"{lab.url}api/kernels/{kernel_id}/channels"
    async with http.ws_connect(url, headers=headers, max_msg_size=_MESSAGE_BYTES) as socket:
        yield Kernel(lab, socket)
