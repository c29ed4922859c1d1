"""Kernel tokens: every kernel learns where the proxy is and gets a token that dies with it.

The token stands for the person who started the kernel. It opens the proxy alone, never Jupyter's own API.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_server.auth import User
from jupyter_server.base.call_context import CallContext
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from teaching_nb import tokens
from teaching_nb.errors import Forbidden, Unauthorized
from teaching_nb.proxy import jupyter_hooks
from teaching_nb.proxy.identity import Caller, Identity
from teaching_nb.proxy.jupyter_hooks import Start

URL_VARIABLE = "TEACHING_NB_URL"
TOKEN_VARIABLE = "TEACHING_NB_TOKEN"  # noqa: S105 - the name of a variable
HUB_TOKEN_VARIABLE = "TEACHING_NB_HUB_TOKEN"  # noqa: S105 - the name of a variable
HUB_TOKEN_FILE_VARIABLE = "TEACHING_NB_HUB_TOKEN_FILE"  # noqa: S105 - the name of a variable
HUB_PASSWORD_VARIABLE = "TEACHING_NB_HUB_PASSWORD"  # noqa: S105 - the name of a variable
HUB_PASSWORD_FILE_VARIABLE = "TEACHING_NB_HUB_PASSWORD_FILE"  # noqa: S105 - the name of a variable
KIND_VARIABLE = "TEACHING_NB_HUB_KIND"
"""Tells a kernel what answers, so that it can open documents before anybody has answered."""

PRIVATE_VARIABLES = (
    URL_VARIABLE,
    TOKEN_VARIABLE,
    HUB_TOKEN_VARIABLE,
    HUB_TOKEN_FILE_VARIABLE,
    HUB_PASSWORD_VARIABLE,
    HUB_PASSWORD_FILE_VARIABLE,
    KIND_VARIABLE,
    "TEACHING_NB_HUB_SECRET",
)
"""Variables that no kernel may inherit from the server's environment."""


@dataclass(frozen=True, slots=True)
class StartedKernel:
    """A kernel that holds a token, and for whom."""

    kernel_id: str
    user: User
    caller: Caller
    token: str = field(repr=False)


def kernel_environment(base: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a kernel: without what is the server's own, with what was added."""
    kept = {name: value for name, value in base.items() if name not in PRIVATE_VARIABLES}
    return {**kept, **added}


def asking_user() -> User | None:
    """Return who made the request that is being handled; None when there is no request."""
    handler = CallContext.get(CallContext.JUPYTER_HANDLER)
    user = getattr(handler, "current_user", None)
    return user if isinstance(user, User) else None


class KernelTokens:
    """Mints a token for every kernel that starts, and knows which ones hold.

    `kind` is what answers, for them to know; `on_end` is called with the id of a kernel that is gone.
    """

    def __init__(
        self,
        manager: MappingKernelManager,
        identity: Identity,
        url: Callable[[], str],
        *,
        kind: str,
        on_end: Callable[[str], None],
    ) -> None:
        self._manager = manager
        self._kind = kind
        self._identity = identity
        self._url = url
        self._secret = tokens.new_secret()
        self._started: dict[str, StartedKernel] = {}
        self._on_end = on_end

    def install(self) -> None:
        """Begin to hear of every kernel that starts or is removed."""
        if isinstance(self._manager, GatewayMappingKernelManager):
            # Kernels of a gateway run elsewhere: the loopback address would mean another machine.
            return
        jupyter_hooks.around_kernels(self._manager, start=self._start, ends=self._ended)

    def admit(self, token: str) -> StartedKernel | None:
        """Return the running kernel that a token belongs to; None when it is no kernel token at all.

        Raises `Forbidden` for the token of a kernel that is gone, also when its id was given to another one.
        """
        try:
            kernel_id = tokens.verify_kernel_token(self._secret, token).kernel_id
        except Unauthorized:
            return None
        started = self._started.get(kernel_id)
        if started is None or kernel_id not in self._manager or not hmac.compare_digest(started.token, token):
            raise Forbidden("the kernel of this token does not run any more")
        return started

    def still_holds(self, started: StartedKernel) -> bool:
        """Return whether the kernel still runs with the same token."""
        return self._started.get(started.kernel_id) is started and started.kernel_id in self._manager

    def _ended(self, kernel_id: str) -> None:
        self._started.pop(kernel_id, None)
        self._on_end(kernel_id)

    async def _start(self, start: Start, kwargs: dict[str, Any]) -> str:
        kernel_id = str(kwargs.get("kernel_id") or self._manager.new_kernel_id(**kwargs))
        if kernel_id in self._manager:
            return await start(**kwargs)
        added = self._issue(kernel_id)
        kwargs |= {"kernel_id": kernel_id, "env": kernel_environment(kwargs.get("env") or os.environ, added)}
        try:
            return await start(**kwargs)
        except BaseException:
            self._started.pop(kernel_id, None)
            raise

    def _issue(self, kernel_id: str) -> dict[str, str]:
        user = asking_user() or self._identity.nobody_asked()
        if user is None:
            return {}
        caller = self._identity.caller_of(user)
        token = tokens.mint_kernel_token(
            self._secret, subject=caller.subject, name=caller.name, role=caller.role, kernel_id=kernel_id
        )
        self._started[kernel_id] = StartedKernel(kernel_id=kernel_id, user=user, caller=caller, token=token)
        return {URL_VARIABLE: self._url(), TOKEN_VARIABLE: token, KIND_VARIABLE: self._kind}
