"""What a hub has written down of those who are there, and what waits to be done for them."""

from __future__ import annotations

import asyncio

from teaching_nb.hub.app import Hub

HEARTBEAT = "AsyncSocket._send_ping"
"""The coroutine in which Engine.IO waits until a heartbeat is due."""


def kept(hub: Hub) -> dict[str, int]:
    """Return how much the hub has in each of its books; nothing when nobody is there."""
    rooms, live, server = hub._rooms, hub._live, hub._transport.server
    return {
        "sockets of Engine.IO": len(server.eio.sockets),
        "sockets of Socket.IO": sum(map(len, server.manager.rooms.get("/", {}).values())),
        "environments": len(server.environ),
        "callbacks": len(server.manager.callbacks),
        "half packets": len(server._binary_packet),
        "members": len(rooms._members),
        "rooms": len(rooms._rooms),
        "followed documents": len(rooms._live),
        "open documents": len(live.documents._open),
        "documents being loaded": len(live.documents._loading),
        "documents being written": len(live.documents._writing),
        "documents to be written back": len(live.write_back._unwritten),
        "doubtful documents": len(live.documents._uncertain_commits),
        "cursors": len(live.cursors._awareness._states),
        "people with cursors": len(live.cursors._awareness._user_of),
        "rates": len(hub._handlers._streams._buckets) + len(hub._handlers._awareness._buckets),
        "sockets being closed": len(hub._transport._closing),
        "heartbeats": sum(task.get_coro().__qualname__ == HEARTBEAT for task in asyncio.all_tasks()),  # type: ignore[union-attr]
    }


def waiting(hub: Hub) -> dict[str, int]:
    """Return how long each queue of the hub is; of those that every socket has, the longest one."""
    outboxes = [connection.queue for connection in hub._transport.server.eio.sockets.values()]
    return {
        "packets": max((outbox.waiting_packets for outbox in outboxes), default=0),
        "bytes": max((outbox.waiting_bytes for outbox in outboxes), default=0),
        "announcements": len(hub._announcements),
        "changes": hub.context.writes.waiting,
        "writes": hub._database._backend._writer.entries.qsize(),  # type: ignore[attr-defined]  # SQLite's
        "reads": hub._database._backend._readers._work_queue.qsize(),  # type: ignore[attr-defined]
    }
