"""Everything undocumented of the Jupyter server that the proxy relies on.

`tests/proxy/test_jupyter_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from jupyter_core.utils import ensure_async
from jupyter_server.auth import User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from traitlets import TraitError
from traitlets.config import Config

Start: TypeAlias = Callable[..., Awaitable[str]]
"""Starts a kernel and returns its id; takes what `MappingKernelManager.start_kernel` takes."""

AroundStart: TypeAlias = Callable[[Start, dict[str, Any]], Awaitable[str]]


class CheckedSettings(ExtensionApp):
    """An extension that is told of its wrong settings. Jupyter goes on without any of them, and logs a line."""

    wrong_setting = ""
    """Why a setting cannot be taken."""

    def _load_config(self, cfg: Config, *arguments: Any, **options: Any) -> None:
        section = type(self).__name__
        known = self.traits(config=True)
        unknown = [name for name in cfg.get(section, {}) if name not in known]
        try:
            super()._load_config(cfg, *arguments, **options)
        except TraitError as error:
            self.wrong_setting = f"a setting cannot be taken: {error}"
        if unknown:
            self.wrong_setting = f"{section} has no setting {unknown[0]}: correct its name, or remove it"


async def authenticate(handler: JupyterHandler) -> None:
    """Let Jupyter find out who is calling; a stranger stays nobody, instead of being sent to a page for signing in."""
    await JupyterHandler.prepare(handler, _redirect_to_login=False)


def sign_in(handler: JupyterHandler, user: User) -> None:
    """Make somebody the user of a request without asking Jupyter, also for parts that ask later who it is."""
    handler.current_user = user
    handler._jupyter_current_user = user  # noqa: SLF001 - `get_current_user` returns it


def around_kernels(manager: MappingKernelManager, *, start: AroundStart, ends: Callable[[str], None]) -> None:
    """Stand around the start and the removal of kernels, the road of sessions and of /api/kernels alike.

    `start` gets the manager's own start and the arguments for it; `ends` is told of a kernel that is removed.
    """
    own_start: Any = manager.start_kernel
    own_remove = manager.remove_kernel

    async def start_own(**kwargs: Any) -> str:
        return str(await ensure_async(own_start(**kwargs)))

    async def start_kernel(**kwargs: Any) -> str:
        return await start(start_own, kwargs)

    def remove_kernel(kernel_id: str) -> Any:
        ends(kernel_id)
        return own_remove(kernel_id)

    manager.start_kernel = start_kernel  # type: ignore[method-assign]  # on this instance
    manager.remove_kernel = remove_kernel  # type: ignore[method-assign]  # on this instance
