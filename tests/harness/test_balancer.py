"""The balancer of the tests spreads connections, and carries what is said to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.harness.balancer import balanced
from tests.harness.processes import free_port

LONG = 3_000_000


@asynccontextmanager
async def answering(name: bytes) -> AsyncIterator[str]:
    """Run a server that answers a line with its name and as many bytes as the line says; return its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int(await reader.readline())
        writer.write(name + b" " + b"x" * size)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def ask(url: str, size: int = 0) -> bytes:
    """Return everything that is answered on a new connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"%d\n" % size)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


async def test_connections_come_to_each_in_turn() -> None:
    """Nobody comes to the same one again."""
    async with answering(b"one") as first, answering(b"two") as second, balanced([first, second]) as balancer:
        answers = [await ask(balancer.url) for _ in range(4)]

    assert answers == [b"one ", b"two "] * 2
    assert balancer.taken == [2, 2]


async def test_long_answers_arrive_though_the_server_ends_the_connection() -> None:
    """What the client reads slowly waits, and nothing of it is lost."""
    async with answering(b"one") as only, balanced([only]) as balancer:
        assert len(await ask(balancer.url, LONG)) == LONG + 4


async def test_connection_goes_to_another_one_where_nobody_answers() -> None:
    """And ends where nobody answers at all."""
    gone = f"http://127.0.0.1:{free_port()}"
    async with answering(b"one") as first, balanced([gone, first]) as balancer:
        assert [await ask(balancer.url) for _ in range(3)] == [b"one "] * 3
    async with balanced([gone]) as balancer:
        with suppress(ConnectionError):
            assert await ask(balancer.url) == b""
