"""What carries rings between the processes of one hub through Redis: publish and subscribe, on one channel.

Redis stores nothing of ours but a name for itself, by which processes that were given different servers notice it.
Who is on the line stands in PostgreSQL all the same: there the names of connections tell it, whatever becomes of Redis.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from teaching_nb.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import Pipeline

    from teaching_nb.hub.store.postgresql_line import Peer, PostgresqlLine

T = TypeVar("T")

logger = logging.getLogger(__name__)

KIND = "redis"

SCHEMES = ("redis", "rediss", "unix")

_CONNECT_SECONDS, _ASK_SECONDS = 5, 2
_SILENCE_SECONDS = 3
"""Each process hears itself every second: when nothing comes for so long, the connection leads nowhere."""

_NAME_SECONDS, _NAME_ATTEMPTS = 5.0, 50
"""How long the others have to come back to a server that has begun anew."""

_NOT_THEIRS = "another"
"""Stands for a server at which none of the others is."""

_LOOK_SECONDS = 1.0
"""Time between two looks whether the server has become a replica, or has lost its name: nobody else tells that."""


class RedisLine:
    """One process on the line."""

    def __init__(self, url: str, directory: PostgresqlLine) -> None:
        self.process = directory.process
        self.name = f"Redis at {_place(url)}"
        self._directory = directory
        """Who is on the line, as PostgreSQL knows it."""
        self._url = url
        self._server: str | None = None
        """The name of the Redis that this process has begun with."""
        self._channel = ""
        self._asking: Redis | None = None
        self._hearing: Redis | None = None
        self._reader: asyncio.Task[None] | None = None
        self._is_cut = True
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()
        """Rings are heard in the order in which they were sent."""

    @property
    def kind(self) -> str:
        """Return what all processes on the line have in common."""
        return f"{KIND}:{self._server}"

    @property
    def is_open(self) -> bool:
        """Tell whether all connections hold, as far as this end can know."""
        return not self._is_cut and self._directory.is_open

    async def open(self) -> None:
        """Connect, or connect anew."""
        await self._leave()
        if not self._directory.is_open:
            await self._directory.open()
        self._channel = f"teaching-nb:{await self._directory.hub()}{urlsplit(self._url).path}"
        self._asking, self._hearing = self._client(_ASK_SECONDS), self._client(_SILENCE_SECONDS)
        await self._tried(self._arrive(self._asking))
        self._is_cut = False
        await self._directory.rename(self.kind)

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Have every ring of everybody told from now on, as long as the connection holds."""
        assert self._hearing is not None, "open() comes first"
        subscription = self._hearing.pubsub(ignore_subscribe_messages=True)

        async def subscribe() -> None:
            await subscription.subscribe(self._channel)
            # The server has confirmed it: what is rung from now on is heard.
            await subscription.get_message(ignore_subscribe_messages=True, timeout=_ASK_SECONDS)

        await self._tried(subscribe())
        self._reader = asyncio.create_task(self._read(subscription, hear), name="redis-line")

    async def ring(self, texts: list[str]) -> None:
        """Send to everybody on the line, this process too, in this order."""
        if not self.is_open or self._asking is None:
            raise Unavailable(f"{self.name} does not pass on rings: the connection has ended")
        asking, now = self._asking, asyncio.get_running_loop().time()

        async def publish() -> None:
            async with self._turn:
                pipeline = asking.pipeline(transaction=False)
                for text in texts:
                    pipeline.publish(self._channel, text)
                if now - self._looked_at > _LOOK_SECONDS:
                    self._looked_at = now
                    self._look(pipeline)
                answers = await pipeline.execute()
                if len(answers) > len(texts):
                    self._check(*answers[len(texts) :])

        await self._tried(publish())

    async def peers(self) -> list[Peer]:
        """Return everybody on the line, this process too."""
        return await self._directory.peers()

    async def close(self) -> None:
        """Leave the line."""
        await self._leave()
        await self._directory.close()

    def _client(self, seconds: float) -> Redis:
        try:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "--redis needs redis-py; install it with pip install 'teaching-nb[redis]'"
            ) from error
        try:
            # A connection that breaks must be noticed, not made anew behind our back: what was rung meanwhile is lost.
            client: Redis = Redis.from_url(
                self._url,
                protocol=2,
                decode_responses=True,
                socket_timeout=seconds,
                socket_connect_timeout=_CONNECT_SECONDS,
                retry=Retry(NoBackoff(), 0),
                client_name="teaching-nb",
            )
        except ValueError as error:
            raise ConfigurationError(f"--redis is no address of a Redis: {error}") from error
        return client

    async def _arrive(self, asking: Redis) -> None:
        """Look whether this is the right server."""
        self._check_role(await asking.role())
        if self._server is None and await self._has_others():
            # It is theirs to give the server its name back, if it has just begun anew and is empty.
            self._server = await self._named(asking) or _NOT_THEIRS
            return
        pipeline = asking.pipeline(transaction=False)
        self._look(pipeline)
        self._check(*await pipeline.execute())

    def _look(self, pipeline: Pipeline) -> None:
        """Ask whether this is the right server still; one that has lost its name gets it back."""
        pipeline.role()
        pipeline.set(self._key, self._server or secrets.token_hex(4), nx=True)
        pipeline.get(self._key)

    def _check(self, role: Any, _set: Any, name: str) -> None:
        self._check_role(role)
        if self._server is not None and name != self._server:
            raise Unavailable(f"{self.name} is not the one that this process has begun with")
        self._server = name

    @property
    def _key(self) -> str:
        return f"{self._channel}:server"

    async def _has_others(self) -> bool:
        return any(peer.kind.startswith(f"{KIND}:") for peer in await self._directory.peers())

    async def _named(self, asking: Redis) -> str | None:
        for _ in range(_NAME_ATTEMPTS):
            found = await asking.get(self._key)
            if found is not None:
                return str(found)
            await asyncio.sleep(_NAME_SECONDS / _NAME_ATTEMPTS)
        return None

    def _check_role(self, role: Any) -> None:
        if role[0] != "master":
            raise ConfigurationError(
                f"the {self.name} is a replica, which passes on nothing to the others: give the address of its primary"
            )

    async def _read(self, subscription: Any, hear: Callable[[str], None]) -> None:
        try:
            async for message in subscription.listen():
                hear(message["data"])
        except Exception as error:  # noqa: BLE001 - whatever it was, a new connection is made
            logger.warning("%s is not heard any more: %s", self.name, _reason(error))
        finally:
            self._is_cut = True

    async def _tried(self, asked: Awaitable[T]) -> T:
        """Return an answer; whatever goes wrong, a new connection is made next time, which costs nothing stored."""
        from redis.exceptions import AuthenticationError, ResponseError

        # Its own waiting takes a cancellation for an answer now and then: it is let end by itself.
        asking = asyncio.ensure_future(asked)
        asking.add_done_callback(_look_at)
        try:
            return await asyncio.shield(asking)
        except (ConfigurationError, Unavailable):
            self._is_cut = True
            raise
        except (AuthenticationError, ResponseError) as error:
            self._is_cut = True
            raise ConfigurationError(f"the {self.name} refuses the hub: {_reason(error)}; see --redis") from error
        except Exception as error:
            self._is_cut = True
            raise Unavailable(f"the {self.name} cannot be reached: {_reason(error)}") from error

    async def _leave(self) -> None:
        self._is_cut = True
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        for client in (self._asking, self._hearing):
            if client is not None:
                with suppress(Exception):
                    await client.aclose()
        self._asking = self._hearing = None


def check(url: str) -> None:
    """Raise `ConfigurationError` for what is no address of a Redis; a password in it is never repeated."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in SCHEMES and (parts.scheme == "unix" or bool(parts.hostname)) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ConfigurationError("--redis is no address of a Redis: write it as in redis://HOST:6379")


def _place(url: str) -> str:
    """Return where a server is, without user and password."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    return f"{parts.hostname}:{parts.port or 6379}"


def _look_at(asked: asyncio.Future[Any]) -> None:
    # Nobody may be left who waits, and an exception that nobody looks at is logged as a mistake.
    if not asked.cancelled():
        asked.exception()


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
