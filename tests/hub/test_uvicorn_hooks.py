"""What the hub relies on in uvicorn. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import uvicorn

from teaching_nb.hub import uvicorn_hooks
from teaching_nb.hub.delivery import engineio_hooks
from teaching_nb.hub.uvicorn_hooks import WebServer, failure_of_start

MOVED = "; mend hub/uvicorn_hooks.py"

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


async def serve_one_that_aborts(scope: Any, receive: Receive, send: Send) -> None:
    """Serve as an application that drops each connection as soon as it has accepted it."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    uvicorn_hooks.abort(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def fail_to_start(scope: Any, receive: Receive, send: Send) -> None:
    """Be an application that cannot start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no"})


async def test_uvicorn_has_what_the_hub_reaches_for() -> None:
    """A server tells when it listens, leaves signals alone, and its connections can be dropped."""
    listening = asyncio.Event()
    own = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(serve_one_that_aborts, ws="websockets-sansio", lifespan="off", log_config=None)
    server = WebServer(config, on_started=listening.set)
    before = signal.getsignal(signal.SIGTERM)

    serving = asyncio.create_task(server.serve(sockets=[own]))
    async with asyncio.timeout(20):
        await asyncio.wait({serving, waiting := asyncio.create_task(listening.wait())}, return_when="FIRST_COMPLETED")
    waiting.cancel()
    assert listening.is_set(), "Server.serve() does not call startup(), or `started` is not set by then" + MOVED
    assert signal.getsignal(signal.SIGTERM) == before, "Server does not take signals in capture_signals()" + MOVED
    url = f"http://127.0.0.1:{own.getsockname()[1]}/"
    async with aiohttp.ClientSession() as client, client.ws_connect(url) as connection:
        said = await connection.receive(timeout=20)
    server.should_exit = True
    async with asyncio.timeout(20):
        await serving
    own.close()

    assert (said.type, connection.close_code) == (aiohttp.WSMsgType.CLOSED, 1006), (
        "what an application sends with is no method of a protocol that has `transport`" + MOVED
    )


class FrameSender:
    """An application that writes to each connection past ASGI."""

    def __init__(self, frames: bytes) -> None:
        self._frames = frames
        self.has_taken: list[bool] = []
        self.has_filled = asyncio.Event()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Write what there is; when the client says something, until it is too much; then end in good order."""
        await receive()
        writer = uvicorn_hooks.frame_writer(send)
        assert writer is not None, "what an application sends with is no method of uvicorn's protocol" + MOVED
        self.has_taken.append(writer.write(self._frames))
        await send({"type": "websocket.accept"})
        self.has_taken.append(writer.write(self._frames))
        await send({"type": "websocket.send", "text": "by ASGI"})
        await receive()
        while writer.write(self._frames):
            # The system takes what it can.
            await asyncio.sleep(0)
        self.has_filled.set()
        await send({"type": "websocket.close"})
        self.has_taken.append(writer.write(self._frames))


async def test_frames_are_written_past_asgi() -> None:
    """In order with what goes through it, as any client reads them, and to no connection that is closed or full."""
    parts: list[str | bytes] = ["grüße" * 20, b"\x00\xff" * 40_000]
    application = FrameSender(engineio_hooks.message(parts).frames)
    config = uvicorn.Config(
        application, ws="websockets-sansio", ws_per_message_deflate=False, lifespan="off", log_config=None
    )
    listening = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as own:
        server = WebServer(config, on_started=listening.set)
        serving = asyncio.create_task(server.serve(sockets=[own]))
        url = f"http://127.0.0.1:{own.getsockname()[1]}/"
        async with asyncio.timeout(20), aiohttp.ClientSession() as client:
            await listening.wait()
            async with client.ws_connect(url) as connection:
                heard = [(await connection.receive()).data for _ in range(3)]
                await connection.send_str("fill it")
                await application.has_filled.wait()
                kinds = {message.type async for message in connection}
            server.should_exit = True
            await serving

    assert heard == [f"4{parts[0]!s}", parts[1], "by ASGI"]
    assert application.has_taken == [False, True, False], "`write` does not follow the connection" + MOVED
    assert kinds == {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}, "what was written is not whole" + MOVED
    assert connection.close_code == aiohttp.WSCloseCode.OK


async def test_what_keeps_an_application_from_starting_is_raised() -> None:
    """Uvicorn says it with `SystemExit`."""
    server = WebServer(uvicorn.Config(fail_to_start, lifespan="on", log_config=None), on_started=lambda: None)

    with pytest.raises(LookupError), failure_of_start(LookupError), socket.create_server(("127.0.0.1", 0)) as own:
        await server.serve(sockets=[own])
        pytest.fail("Server.serve() does not end with SystemExit when the lifespan does not start" + MOVED)


async def test_another_end_of_the_process_goes_on() -> None:
    """An exit that has another reason is none of ours."""
    with pytest.raises(SystemExit), failure_of_start(lambda: None):
        raise SystemExit(3)
