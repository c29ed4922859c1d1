"""The REST relay: `{base_url}teaching/api/v1/…` to the hub's `/api/v1/…`."""

from __future__ import annotations

import logging

from jupyter_server.utils import url_path_join
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.web import authenticated

from teaching_nb.proxy.exchange import exchange
from teaching_nb.proxy.handlers import GuardedHandler, refusing
from teaching_nb.proxy.rules import answer_headers, request_headers, rest_path, rest_query
from teaching_nb.schema.limits import REST_BODY_BYTES, check_size

CONNECT_SECONDS = 5.0
REQUEST_SECONDS = 30.0

logger = logging.getLogger(__name__)


class RestRelay(GuardedHandler):
    """Relays one request."""

    @property
    def content_security_policy(self) -> str:
        """Return a policy under which a browser shows nothing of what people wrote as a page of this server."""
        return "default-src 'none'; frame-ancestors 'none'; sandbox"

    @refusing
    async def prepare(self) -> None:
        """Let the caller in, and look at the path and the size."""
        await super().prepare()
        self._path = rest_path(self.request.path.removeprefix(url_path_join(self.base_url, "teaching/")))
        check_size("the request", len(self.request.body), REST_BODY_BYTES)

    @authenticated
    async def get(self) -> None:
        """Relay."""
        await self._relay()

    @authenticated
    async def head(self) -> None:
        """Relay."""
        await self._relay()

    @authenticated
    async def post(self) -> None:
        """Relay."""
        await self._relay()

    @authenticated
    async def put(self) -> None:
        """Relay."""
        await self._relay()

    @authenticated
    async def patch(self) -> None:
        """Relay."""
        await self._relay()

    @authenticated
    async def delete(self) -> None:
        """Relay."""
        await self._relay()

    @refusing
    async def _relay(self) -> None:
        hub = self.context.hub
        hub.admit(self._path)
        answer = await self._ask()
        if await hub.is_worth_repeating(answer):
            answer = await self._ask()
        self._pass_on(answer)

    async def _ask(self) -> HTTPResponse:
        """Send the request to the hub once."""
        hub = self.context.hub
        root = await hub.root()
        query = rest_query(self.request.query)
        request = HTTPRequest(
            f"{root}/{self._path}" + (f"?{query}" if query else ""),
            method=self.request.method or "GET",
            body=self.request.body or None,
            connect_timeout=CONNECT_SECONDS,
            request_timeout=REQUEST_SECONDS,
            allow_nonstandard_methods=True,
        )
        authorization = await hub.authorization(self.caller)
        # Names of headers depend on the version of a backend, which is known with its session.
        request.headers.update(hub.translated(request_headers(self.request.headers.get_all())))
        request.headers.update(authorization)
        return await exchange(self.context, request)

    def _pass_on(self, answer: HTTPResponse) -> None:
        if answer.code == 401:
            logger.warning("the hub refuses this server's credential; check the setting TeachingNB.hub_token")
        self.set_status(answer.code)
        self.clear_header("Content-Type")
        for name, value in answer_headers(list(answer.headers.get_all())).items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        if answer.code in {204, 304} or self.request.method == "HEAD":
            self.finish()
        else:
            self.finish(answer.body)
