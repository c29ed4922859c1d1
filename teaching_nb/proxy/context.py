"""What every handler of the proxy needs, put together in extension.py."""

from __future__ import annotations

from dataclasses import dataclass

from tornado.simple_httpclient import SimpleAsyncHTTPClient

from teaching_nb.proxy.connections import Connections
from teaching_nb.proxy.identity import Identity
from teaching_nb.proxy.kernels import KernelTokens
from teaching_nb.proxy.upstream import Upstream

PARALLEL_REQUESTS = 100
"""Requests that are on their way to the hub at the same time; further ones wait."""

ANSWER_BYTES = 50_000_000
"""Largest answer that is relayed: all documents of a class in one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyContext:
    """The parts that one Jupyter server has once."""

    hub: Upstream
    kind: str
    """Value of hub_kind, for the status page."""
    identity: Identity
    kernels: KernelTokens
    connections: Connections
    client: SimpleAsyncHTTPClient


def new_http_client() -> SimpleAsyncHTTPClient:
    """Return a client of our own, so that a slow hub does not block other parts of the Jupyter server."""
    return SimpleAsyncHTTPClient(
        force_instance=True,
        max_clients=PARALLEL_REQUESTS,
        max_buffer_size=ANSWER_BYTES,
        max_body_size=ANSWER_BYTES,
        max_header_size=65_536,
    )
