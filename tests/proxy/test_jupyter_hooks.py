"""What the proxy relies on in the Jupyter server. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import inspect
import json
from typing import Any

from jupyter_server.auth import User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import authenticated
from traitlets import Unicode
from traitlets.config import Config

from teaching_nb.proxy import jupyter_hooks
from tests.proxy.conftest import StartJupyter

MOVED = "; mend proxy/jupyter_hooks.py"


class Asking(JupyterHandler):
    """Says who is calling, after authenticating as the proxy does."""

    async def prepare(self) -> None:  # type: ignore[override]  # as in the proxy's handlers
        """Authenticate, or sign somebody in."""
        if name := self.get_query_argument("as", ""):
            jupyter_hooks.sign_in(self, User(username=name))
        else:
            await jupyter_hooks.authenticate(self)

    @authenticated
    async def get(self) -> None:
        """Answer the name, as tornado and as the identity provider see it."""
        provider: Any = self.identity_provider.get_user(self)
        user = await provider if inspect.isawaitable(provider) else provider
        names = [getattr(one, "username", None) for one in (self.current_user, user)]
        self.finish(json.dumps(names))


async def test_jupyter_server_lets_the_proxy_say_who_is_calling(start_jupyter: StartJupyter) -> None:
    """Jupyter finds out who it is where it is asked to; who is signed in without that is so for all that ask."""
    jupyter = await start_jupyter()
    jupyter.server.web_app.add_handlers(".*$", [(r".*/asking", Asking)])

    status, _, body = await jupyter.call("GET", "asking")
    assert (status, len({*json.loads(body)})) == (200, 1), body
    _, _, body = await jupyter.call("GET", "asking?as=ada", token=None)

    assert json.loads(body) == ["ada", "ada"], (
        "JupyterHandler._jupyter_current_user is not what its identity provider returns" + MOVED
    )


async def test_jupyter_server_starts_and_removes_kernels_on_this_road() -> None:
    """Methods that are set on the one kernel manager are what its own methods and other parts of the server call."""
    manager = AsyncMappingKernelManager()
    told: list[str] = []

    async def start(own: jupyter_hooks.Start, kwargs: dict[str, Any]) -> str:
        told.append(f"start {kwargs['kernel_id']}")
        assert own is not manager.start_kernel
        return str(kwargs["kernel_id"])

    jupyter_hooks.around_kernels(manager, start=start, ends=lambda kernel_id: told.append(f"end {kernel_id}"))
    manager._kernels["a"] = None
    started = await manager.start_kernel(kernel_id="b")
    manager.remove_kernel("a")

    assert (started, told) == ("b", ["start b", "end a"])
    assert "a" not in manager, "MultiKernelManager.remove_kernel() does not remove a kernel any more" + MOVED
    assert "_redirect_to_login" in inspect.signature(JupyterHandler.prepare).parameters, (
        "JupyterHandler.prepare() does not take _redirect_to_login any more" + MOVED
    )


def test_jupyter_server_takes_the_settings_of_an_extension_by_this_call() -> None:
    """Nothing is raised, what can be taken is, and the first setting that cannot is told."""

    class Extension(jupyter_hooks.CheckedSettings):
        name = "one"
        place = Unicode().tag(config=True)

    right, wrong, unknown = (
        Extension(config=Config({"Extension": each})) for each in ({"place": "a"}, {"place": 5}, {"plaze": "a"})
    )

    assert (right.place, right.wrong_setting) == ("a", ""), "Configurable._load_config takes no settings" + MOVED
    assert "'place' trait" in wrong.wrong_setting, "Configurable._load_config raises no TraitError" + MOVED
    assert "no setting plaze" in unknown.wrong_setting, "Configurable._load_config is not called" + MOVED
