"""The door: every request and every upgrade is authenticated and authorised here, before anything else happens.

All handlers of the proxy derive from `GuardedHandler`. Nothing of it may be skipped by a subclass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth import User
from jupyter_server.base.call_context import CallContext
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, StaticFileHandler, authenticated

from teaching_nb.errors import Forbidden, OperationalError, error_for_status
from teaching_nb.proxy import jupyter_hooks
from teaching_nb.proxy.context import ProxyContext
from teaching_nb.proxy.identity import Caller
from teaching_nb.proxy.kernels import StartedKernel
from teaching_nb.proxy.rules import check_origin
from teaching_nb.proxy.status import status_of

RESOURCE = "teaching_nb"
"""Name of the resource for Jupyter's authorizers."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_HASHED = re.compile(r"-[A-Z0-9]{8}\.js$")
_BEARER = re.compile(r"(?:bearer|token)\s+(\S+)", re.IGNORECASE)


class Refused(HTTPError):
    """An operational error on its way through tornado."""

    def __init__(self, error: OperationalError) -> None:
        super().__init__(error.status)
        self.error = error


def refusing(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler's coroutine raise operational errors: they become its answer."""

    @wraps(method)
    async def wrapper(self: GuardedHandler, *args: Any, **kwargs: Any) -> Any:
        try:
            return await method(self, *args, **kwargs)
        except OperationalError as error:
            raise Refused(error) from error

    return wrapper


class GuardedHandler(JupyterHandler):
    """Base of all handlers: denies by default."""

    auth_resource = RESOURCE
    context: ProxyContext
    caller: Caller
    kernel: StartedKernel | None = None
    """The kernel whose token was used; None when Jupyter authenticated the request itself."""

    def initialize(self, context: ProxyContext) -> None:
        """Take what all handlers share."""
        self.context = context

    @property
    def action(self) -> str:
        """Return the word for Jupyter's authorizers."""
        return "read" if self.request.method in _READING else "write"

    @refusing
    async def prepare(self) -> None:
        """Refuse foreign pages, then strangers, then people without the right."""
        check_origin(
            self.get_origin(),
            self.request.headers.get("Host"),
            allowed=self.allow_origin,
            pattern=self.allow_origin_pat,
        )
        if not await self._admit_kernel():
            await jupyter_hooks.authenticate(self)
        if not isinstance(self.current_user, User):
            raise Forbidden("sign in to Jupyter first, or send a token")
        self.caller = self.kernel.caller if self.kernel else self.context.identity.caller_of(self.current_user)
        if not await self.is_authorized():
            raise Forbidden(f"you may not {self.action} {RESOURCE} on this Jupyter server")

    async def is_authorized(self) -> bool:
        """Ask Jupyter's authorizer whether the user may do this."""
        allowed = self.authorizer.is_authorized(self, self.current_user, self.action, RESOURCE)
        return bool(await ensure_async(allowed))

    def has_token_header(self) -> bool:
        """Return whether the request proved itself by a token in its Authorization header."""
        return self.kernel is not None or (self.token_authenticated and "Authorization" in self.request.headers)

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:  # noqa: ARG002 - part of the signature
        """Return True: `prepare` has looked at the origin, more strictly than Jupyter does."""
        return True

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer in the operational shape, without internals."""
        raised = (kwargs.get("exc_info") or (None, None))[1]
        if isinstance(raised, Refused):
            error = raised.error
        else:
            error = error_for_status(status_code, HTTPStatus(status_code).phrase.lower())
        self.answer({"errors": [error.to_wire()]})

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log refusals in one line without the address, which may hold a token."""
        if isinstance(value, HTTPError):
            said = value.error if isinstance(value, Refused) else value.log_message
            self.log.debug("teaching_nb refused %s %s: %s", self.request.method, self.request.path, said)
        else:
            super().log_exception(typ, value, tb)

    def answer(self, content: dict[str, Any]) -> None:
        """Finish with JSON."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(content))

    async def _admit_kernel(self) -> bool:
        bearer = _BEARER.fullmatch(self.request.headers.get("Authorization", ""))
        self.kernel = self.context.kernels.admit(bearer[1]) if bearer else None
        if self.kernel is None:
            return False
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        if not self.check_host():
            raise Forbidden("this host name may not be used; see ServerApp.allow_remote_access")
        jupyter_hooks.sign_in(self, self.kernel.user)
        return True


class StatusHandler(GuardedHandler):
    """Says which hub is in use, whether it answers, and who one is there."""

    @authenticated
    async def get(self) -> None:
        """Answer the status as JSON."""
        self.set_header("Cache-Control", "no-store")
        self.answer(await status_of(self.context, self.caller))


class StaticHandler(GuardedHandler, StaticFileHandler):
    """Serves the modules of the browser half, and nothing outside of their folder."""

    def initialize(self, context: ProxyContext, path: str) -> None:  # type: ignore[override]
        """Take what all handlers share, and the folder."""
        GuardedHandler.initialize(self, context)
        StaticFileHandler.initialize(self, path)

    @authenticated
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]  # noqa: FBT001, FBT002 - as in tornado
        """Answer a file."""
        await StaticFileHandler.get(self, path, include_body)

    @authenticated
    async def head(self, path: str) -> None:  # type: ignore[override]  # the decorator hides the type
        """Answer what `get` would, without the file."""
        await StaticFileHandler.get(self, path, include_body=False)

    def set_extra_headers(self, path: str) -> None:
        """Let browsers keep a file for good when a hash of what it holds stands in its name."""
        keep = "private, max-age=31536000, immutable" if _HASHED.search(path) else "no-cache"
        self.set_header("Cache-Control", keep)
