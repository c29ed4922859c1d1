"""The embedded hub: run by this Jupyter server, or shared with another server of the same person.

One hub per data directory. Whoever gets the lock runs it and announces it in a runtime file; everybody else uses
that one, keeps asking for the lock, and so takes over when it is gone.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from teaching_nb import tokens
from teaching_nb.errors import TeachingNbError, Unavailable
from teaching_nb.proxy.hub_process import HubProcess, hub_command
from teaching_nb.proxy.identity import Caller
from teaching_nb.proxy.runtime_file import (
    DirectoryLock,
    Endpoint,
    forget_endpoint,
    prepare_directory,
    read_endpoint,
    write_endpoint,
)
from teaching_nb.proxy.upstream import Upstream

WAIT_SECONDS = 15.0
"""How long a request waits for a hub that is starting."""

LOOK_SECONDS = 1.0
"""How often a server that uses another one's hub looks whether it is still there."""

HEALTH_SECONDS = 5.0
"""How long a hub may take to say that it is well; three times in a row without it is restarted."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""Bounds of the pause before a crashed hub is started again; it doubles each time."""

STEADY_SECONDS = 60.0
"""A hub that ran this long starts with the first pause again."""


class EmbeddedHub(Upstream):
    """The hub of one data directory."""

    mode = "embedded"

    def __init__(
        self, data_dir: Path, log: logging.Logger, command: Callable[[Path], Sequence[str]] = hub_command
    ) -> None:
        self._data_dir = data_dir
        self._log = log
        self._command = command
        self._lock = DirectoryLock(data_dir)
        self._endpoint: Endpoint | None = None
        self._process: HubProcess | None = None
        self._running: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._doubted = asyncio.Event()
        self._pause = FIRST_PAUSE_SECONDS
        self._last_word = ""

    async def start(self) -> None:
        """Begin to look for a hub or to start one, in the background."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End our hub, if it is ours, and leave the directory to others."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        await self._end_process()
        self._endpoint = None

    async def root(self) -> str:
        """Return the hub's address; waits a while for one that is starting."""
        return (await self._found()).url

    def credential(self, caller: Caller) -> str:
        """Return a fresh signed assertion, good for a single request within seconds."""
        if self._endpoint is None:
            raise Unavailable("the teaching hub is not running at the moment; try again later")
        secret = self._endpoint.secret
        return "Bearer " + tokens.mint_assertion(secret, subject=caller.subject, name=caller.name, role=caller.role)

    def role_of(self, caller: Caller) -> str | None:
        """Return the role that we vouch for."""
        return caller.role

    def report_failure(self) -> None:
        """Have the hub looked at now."""
        self._doubted.set()

    async def _found(self) -> Endpoint:
        await self.start()
        if self._endpoint is None:
            try:
                await asyncio.wait_for(self._settled.wait(), WAIT_SECONDS)
            except TimeoutError:
                raise Unavailable("the teaching hub is still starting; try again in a moment") from None
        if self._endpoint is None:
            raise Unavailable("the teaching hub is not running at the moment; the Jupyter server's log says why")
        return self._endpoint

    async def _run(self) -> None:
        while True:
            try:
                prepare_directory(self._data_dir)
                if self._lock.acquire():
                    await self._run_own()
                else:
                    await self._use_other()
            except (TeachingNbError, OSError) as error:
                self._say(logging.ERROR, f"the embedded hub does not run: {error}")
                self._lose()
                await self._rest()
            except Exception:  # noqa: BLE001 - without this loop there is no hub until Jupyter restarts
                self._log.exception("teaching_nb: the embedded hub does not run")
                self._lose()
                await self._rest()

    async def _run_own(self) -> None:
        """Run a hub until it ends by itself, which is always too early."""
        self._endpoint = None
        self._settled.clear()
        loop = asyncio.get_running_loop()
        started, secret = loop.time(), tokens.new_secret()
        command = self._command(self._data_dir)
        lock = self._lock.descriptor
        self._process = await HubProcess.start(command, secret=secret, cwd=self._data_dir, lock=lock, log=self._log)
        endpoint = Endpoint(url=self._process.url, secret=secret, pid=self._process.pid, host=socket.gethostname())
        write_endpoint(self._data_dir, endpoint)
        self._settle(endpoint, "runs the embedded hub")
        watching = asyncio.create_task(self._watch(self._process))
        try:
            code = await self._process.wait()
        finally:
            watching.cancel()
        if loop.time() - started > STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        await self._end_process(keep_lock=True)
        raise Unavailable(f"it ended with exit code {code} and is started again in {self._pause:.1f} s")

    async def _use_other(self) -> None:
        """Use the hub of the server that holds the lock, as long as there is one."""
        endpoint = read_endpoint(self._data_dir)
        if endpoint is not None and not endpoint.is_here:
            raise Unavailable(
                f"{self._data_dir} is in use on the machine {endpoint.host!r}; "
                "set TeachingNB.data_dir to a directory of this machine, or TeachingNB.hub_url to a common hub"
            )
        if endpoint is not None and endpoint != self._endpoint:
            self._settle(endpoint, "uses the embedded hub of another Jupyter server")
        await self._look_again(LOOK_SECONDS)

    async def _watch(self, process: HubProcess) -> None:
        """Look at our hub whenever a request failed; end one that does not answer, so that it is started again."""
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            if not await self._is_well(process.url):
                self._log.error("teaching_nb: the embedded hub does not answer and is restarted")
                self._endpoint = None
                self._settled.clear()
                await process.stop()

    async def _is_well(self, url: str) -> bool:
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            for _attempt in range(3):
                try:
                    await client.fetch(f"{url}/api/v1/health", request_timeout=HEALTH_SECONDS)
                except (HTTPClientError, OSError):
                    continue
                return True
            return False
        finally:
            client.close()

    async def _end_process(self, *, keep_lock: bool = False) -> None:
        if self._process is not None:
            await self._process.stop()
            self._process = None
            forget_endpoint(self._data_dir)
        if not keep_lock:
            self._lock.release()

    async def _rest(self) -> None:
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(pause)
        self._settled.clear()

    async def _look_again(self, seconds: float) -> None:
        self._doubted.clear()
        try:
            await asyncio.wait_for(self._doubted.wait(), seconds)
        except TimeoutError:
            return

    def _settle(self, endpoint: Endpoint, what: str) -> None:
        self._endpoint = endpoint
        self._settled.set()
        self._say(logging.INFO, f"{what} (process {endpoint.pid}, data in {self._data_dir})")

    def _lose(self) -> None:
        self._endpoint = None
        if self._pause > FIRST_PAUSE_SECONDS * 2:
            # Twice in a row: whoever waits is told. A first crash is over in a moment.
            self._settled.set()
        else:
            self._settled.clear()

    def _say(self, level: int, message: str, *arguments: Any) -> None:
        """Log a message once, not again every second."""
        if message != self._last_word:
            self._last_word = message
            self._log.log(level, "teaching_nb: %s", message, *arguments)
