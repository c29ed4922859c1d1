"""A process that starts and ends like `teaching-nb hub serve --until-stdin-closes` and tells about itself."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Handler(BaseHTTPRequestHandler):
    """Answers with the process id and the credential that came."""

    def do_GET(self) -> None:
        """Answer, or do what the path says."""
        content: dict[str, object] = {"pid": os.getpid(), "bearer": self.headers.get("Authorization", "")}
        if self.path == "/api/v1/crash":
            os._exit(3)
        if self.path == "/api/v1/environment":
            content = dict(os.environ)
        if self.path == "/api/v1/log":
            print("WARNING this is a warning", file=sys.stderr, flush=True)  # noqa: T201
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep the log empty."""


def main() -> None:
    """Serve until standard input closes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
    sys.stdin.read()


if __name__ == "__main__":
    main()
