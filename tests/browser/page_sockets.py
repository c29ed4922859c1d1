"""The connections that a page has, so that a test can tell a living one from one that was silently made anew."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket

KERNEL = "/channels"
LANE = "/teaching/socket.io/"


class PageSockets:
    """Every connection that a page has opened to its kernel, or for its lane; to be made before the page is loaded."""

    def __init__(self, page: Page) -> None:
        self._opened: list[WebSocket] = []
        page.on("websocket", self._note)

    def living(self, kind: str) -> list[WebSocket]:
        """Return the connections of one kind that are open."""
        return [socket for socket in self._opened if kind in socket.url and not socket.is_closed()]

    @property
    def all(self) -> list[tuple[str, bool]]:
        """Return the address of each connection so far, and whether it is open."""
        return [(socket.url.partition("?")[0], not socket.is_closed()) for socket in self._opened]

    def _note(self, socket: WebSocket) -> None:
        if KERNEL in socket.url or LANE in socket.url:
            self._opened.append(socket)
