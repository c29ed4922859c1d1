"""The Jupyter server extension: its settings, and the composition root of the proxy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_core.paths import jupyter_data_dir
from traitlets import Enum, Unicode, default

from teaching_nb.errors import ConfigurationError, InvalidInput
from teaching_nb.proxy.backend_session import NO_ACCOUNT, Account
from teaching_nb.proxy.connections import Connections
from teaching_nb.proxy.context import ProxyContext, new_http_client
from teaching_nb.proxy.embedded import EmbeddedHub
from teaching_nb.proxy.existing_backend import ExistingBackend
from teaching_nb.proxy.handlers import StaticHandler, StatusHandler
from teaching_nb.proxy.hub_token import read_cookie, read_password, read_token
from teaching_nb.proxy.identity import Identity, default_owner
from teaching_nb.proxy.jupyter_hooks import CheckedSettings
from teaching_nb.proxy.kernels import (
    HUB_PASSWORD_FILE_VARIABLE,
    HUB_PASSWORD_VARIABLE,
    HUB_TOKEN_FILE_VARIABLE,
    HUB_TOKEN_VARIABLE,
    PRIVATE_VARIABLES,
    KernelTokens,
)
from teaching_nb.proxy.rest import RestRelay
from teaching_nb.proxy.rules import hub_root, is_protected
from teaching_nb.proxy.sockets import SocketRelay
from teaching_nb.proxy.upstream import MisconfiguredHub, RemoteHub, Upstream
from teaching_nb.schema.hub_kinds import TEACHING_API, TEACHING_NB

HUB_URL_VARIABLE = "TEACHING_NB_HUB_URL"
HUB_EMAIL_VARIABLE = "TEACHING_NB_HUB_EMAIL"

STATIC_FOLDER = Path(__file__).parent.parent / "widgets" / "static"

_EVERY_INTERFACE = frozenset({"", "*", "0.0.0.0", "::", "localhost"})  # noqa: S104 - compared with, not bound


class TeachingNB(CheckedSettings):
    """Live documents of a teaching platform: relays between notebooks and one teaching hub."""

    name = "teaching_nb"
    load_other_extensions = True

    hub_url = Unicode(
        help="Address of a standalone teaching hub, such as https://hub.example.org. Empty: this server runs an "
        "embedded hub. Default: the environment variable TEACHING_NB_HUB_URL."
    ).tag(config=True)

    hub_kind = Enum(
        [TEACHING_NB, TEACHING_API],
        default_value=TEACHING_NB,
        help='What answers at hub_url: "teaching-nb" is our own hub, "teaching-api" the existing teaching backend, in '
        "its present version or that of April 2025.",
    ).tag(config=True)

    hub_token = Unicode(
        help="Token of this server's owner at the hub of hub_url, as printed by `teaching-nb hub token EMAIL`. "
        "Better put it into a file, see hub_token_file: every kernel can read the environment and the command line "
        "that its server was started with. Default: the environment variable TEACHING_NB_HUB_TOKEN."
    ).tag(config=True)

    hub_token_file = Unicode(
        help="File of mode 0600 that holds the token and nothing else; counts before hub_token. "
        "Default: the environment variable TEACHING_NB_HUB_TOKEN_FILE."
    ).tag(config=True)

    hub_email = Unicode(
        help="E-mail of this server's owner at the existing backend, to sign in with. Empty: the session's cookie, "
        "as NAME=VALUE, is in hub_token_file. Default: the environment variable TEACHING_NB_HUB_EMAIL."
    ).tag(config=True)

    hub_password = Unicode(
        help="Password of hub_email. Better put it into a file, see hub_password_file, as with hub_token. "
        "Default: the environment variable TEACHING_NB_HUB_PASSWORD."
    ).tag(config=True)

    hub_password_file = Unicode(
        help="File of mode 0600 that holds the password and nothing else; counts before hub_password. "
        "Default: the environment variable TEACHING_NB_HUB_PASSWORD_FILE."
    ).tag(config=True)

    data_dir = Unicode(
        help="Directory of the embedded hub's data. Servers that share it share one hub. "
        "Default: teaching_nb in Jupyter's data directory."
    ).tag(config=True)

    owner = Unicode(
        help="User name of the person whom this server belongs to: admin of the embedded hub, and the only one who "
        "may use hub_token. Default: the JupyterHub user, else the account that the server runs under."
    ).tag(config=True)

    role = Enum(
        ["student", "teacher", "admin"],
        default_value="student",
        help="Role at the embedded hub of everybody but the owner, where Jupyter tells people apart.",
    ).tag(config=True)

    context: ProxyContext

    @default("hub_url")
    def _default_hub_url(self) -> str:
        return os.environ.get(HUB_URL_VARIABLE, "")

    @default("hub_token")
    def _default_hub_token(self) -> str:
        return os.environ.get(HUB_TOKEN_VARIABLE, "")

    @default("hub_token_file")
    def _default_hub_token_file(self) -> str:
        return os.environ.get(HUB_TOKEN_FILE_VARIABLE, "")

    @default("hub_email")
    def _default_hub_email(self) -> str:
        return os.environ.get(HUB_EMAIL_VARIABLE, "")

    @default("hub_password")
    def _default_hub_password(self) -> str:
        return os.environ.get(HUB_PASSWORD_VARIABLE, "")

    @default("hub_password_file")
    def _default_hub_password_file(self) -> str:
        return os.environ.get(HUB_PASSWORD_FILE_VARIABLE, "")

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "teaching_nb")

    @default("owner")
    def _default_owner(self) -> str:
        return default_owner()

    def initialize_settings(self) -> None:
        """Put the proxy together and give kernels their tokens."""
        server = self._server()
        identity = Identity(server.identity_provider, owner=self.owner, role=self.role)
        connections = Connections()
        self.context = ProxyContext(
            hub=self._upstream(),
            kind=self.hub_kind,
            identity=identity,
            kernels=KernelTokens(
                server.kernel_manager, identity, self.kernel_url, kind=self.hub_kind, on_end=connections.end_kernel
            ),
            connections=connections,
            client=new_http_client(),
        )
        self.context.kernels.install()
        for name in PRIVATE_VARIABLES:
            # Kernels and terminals inherit this environment, and would find the token of hub or outer kernel in it.
            os.environ.pop(name, None)

    def initialize_handlers(self) -> None:
        """Add the proxy's addresses, all below `teaching/`."""
        shared = {"context": self.context}
        self.handlers.extend(
            [
                (r"/teaching/api/.*", RestRelay, shared),
                (r"/teaching/socket\.io/", SocketRelay, shared),
                (r"/teaching/status", StatusHandler, shared),
                (r"/teaching/static/(.*)", StaticHandler, {**shared, "path": str(STATIC_FOLDER)}),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:  # noqa: ARG002 - Jupyter's signature
        """Begin to start the hub; the server does not wait for it."""
        await self.context.hub.start()

    async def stop_extension(self) -> None:
        """End sockets, requests and the hub."""
        self.context.connections.close_all()
        self.context.client.close()
        await self.context.hub.stop()

    def kernel_url(self) -> str:
        """Return the address under which a kernel of this server reaches the proxy."""
        server = self._server()
        path = f"{server.base_url}teaching"
        if server.sock:
            return f"http+unix://{quote(server.sock, safe='')}{path}"
        host = "127.0.0.1" if server.ip in _EVERY_INTERFACE else server.ip
        scheme = "https" if server.certfile else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{server.port}{path}"

    def _upstream(self) -> Upstream:
        try:
            return self._configured_hub()
        except (ConfigurationError, InvalidInput) as error:
            self.log.error("teaching_nb: %s", error)  # noqa: TRY400 - the sentence says it all
            return MisconfiguredHub(str(error))

    def _configured_hub(self) -> Upstream:
        if self.wrong_setting:
            raise ConfigurationError(self.wrong_setting)
        if self.hub_kind == TEACHING_API and not self.hub_url:
            raise ConfigurationError(
                f'TeachingNB.hub_kind = "{self.hub_kind}" needs the address of that backend: set TeachingNB.hub_url'
            )
        if not self.hub_url:
            return EmbeddedHub(Path(self.data_dir).expanduser().absolute(), self.log)
        root = hub_root(self.hub_url)
        if not is_protected(root):
            self.log.warning("teaching_nb: the way to %s is not encrypted: its token can be read; use https", root)
        if self.hub_kind == TEACHING_API:
            # Where it says “Welcome …” is an address that people copy.
            return ExistingBackend(root.removesuffix("/api/v1"), account=self._account(), owner=self.owner)
        return RemoteHub(root, token=self._token_of_owner(), owner=self.owner)

    def _account(self) -> Account:
        """Return the owner's account at the existing backend; what cannot be read is said at once."""
        token_file, password_file = self.hub_token_file, self.hub_password_file
        if not self.hub_email and not token_file and not self.hub_token:
            raise ConfigurationError(NO_ACCOUNT)
        if self.hub_email and not password_file and not self.hub_password:
            raise ConfigurationError("TeachingNB.hub_email has no password: set TeachingNB.hub_password_file")
        account = Account(
            email=self.hub_email,
            password=lambda: read_password(Path(password_file).expanduser()) if password_file else self.hub_password,
            cookie=lambda: read_cookie(Path(token_file).expanduser()) if token_file else self.hub_token,
        )
        (account.password if self.hub_email else account.cookie)()
        return account

    def _token_of_owner(self) -> str:
        if self.hub_token_file:
            return read_token(Path(self.hub_token_file).expanduser())
        if self.hub_token and self.hub_token == os.environ.get(HUB_TOKEN_VARIABLE):
            self.log.warning(
                "teaching_nb: the hub's token came in the variable %s: every kernel can read it in the environment "
                "that this server was started with; put it into a file of mode 0600 and name that in %s",
                HUB_TOKEN_VARIABLE,
                HUB_TOKEN_FILE_VARIABLE,
            )
        return self.hub_token

    def _server(self) -> Any:
        assert self.serverapp is not None
        return self.serverapp
