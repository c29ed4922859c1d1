"""A relay on loopback between one Jupyter server and the hub that notes when which event came by.

    python tap.py HUB_PORT

prints `listening on PORT`, and for every Socket.IO event one line of JSON: `at` (milliseconds since the
epoch when its last byte had arrived here), `done` (when it had been passed on), `direction`, `event`.
It is a process of its own so that nothing else keeps its bytes waiting.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time

from frames import EventReader

_CHUNK = 65536


def relay(source: socket.socket, target: socket.socket, direction: str) -> None:
    """Pass bytes on until one side closes; noting comes after passing on, so that it delays nothing."""
    reader = EventReader()
    try:
        while chunk := source.recv(_CHUNK):
            at = time.time()
            target.sendall(chunk)
            done = time.time()
            for name in reader.feed(chunk):
                note = {"at": at * 1000, "done": done * 1000, "direction": direction, "event": name}
                sys.stdout.write(json.dumps(note) + "\n")
                sys.stdout.flush()
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # Either side is gone; the other relay of this connection ends by the closing below.
        source.close()
        target.close()


def serve(hub_port: int) -> None:
    """Relay every connection to the hub until the process is ended."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"listening on {listener.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", hub_port))
            for end in (near, far):
                # Without this a binary event, which is two frames, would wait 40 ms for an acknowledgement.
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=relay, args=(near, far, "to_hub"), daemon=True).start()
            threading.Thread(target=relay, args=(far, near, "from_hub"), daemon=True).start()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
