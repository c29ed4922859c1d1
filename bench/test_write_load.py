"""The load generator counts what a server has done, no more and no less."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from socketio_listener import client_frame, split_frames
from write_load import Author, Load, drive
from writes import Measured, Setting, report


class _Server:
    """Answers every request on every connection with one status, and counts them."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.bodies: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        """Accept nobody any more, and wait until the last one has gone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while reader.readline():
                size = 0
                while (line := reader.readline()) not in {b"\r\n", b""}:
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        size = int(value)
                self.bodies.append(reader.read(size))
                connection.sendall(f"HTTP/1.1 {self.status}\r\n\r\n".encode())


@pytest.fixture
def a_server() -> Iterator[_Server]:
    """Run a server that says 204 to everything."""
    server = _Server("204 No Content")
    yield server
    server.close()


def test_every_answer_is_one_request(a_server: _Server) -> None:
    """As many requests have arrived as answers were counted, all different."""
    load = drive(a_server.url, [Author("a", "x"), Author("b", "y")], seconds=0.2, first=7)
    assert len(load.responses) == len(a_server.bodies) > 2
    assert len(set(a_server.bodies)) == len(a_server.bodies)
    assert load.lost == 0
    assert load.rate == pytest.approx(len(load.responses) / load.seconds)


def test_connection_that_ends_within_an_answer_ends_the_measurement() -> None:
    """Half an answer is none, and nobody waits for the rest."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 204 No")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ConnectionError):
            drive(url, [Author("a", "x")], seconds=0.2, first=1)
        thread.join(30)


def test_refusal_ends_the_measurement(a_server: _Server) -> None:
    """What was not stored is not counted as a write."""
    a_server.status = "403 Forbidden"
    with pytest.raises(RuntimeError, match="403"):
        drive(a_server.url, [Author("a", "x")], seconds=0.2, first=1)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535])
def test_frames_are_found_in_any_pieces(size: int) -> None:
    """Whole frames are returned, the beginning of the next one is kept."""
    payload = b"x" * size
    head = bytes((0x81, size)) if size < 126 else bytes((0x81, 126)) + size.to_bytes(2, "big")
    frame = head + payload
    assert split_frames(frame + frame[:1]) == ([(1, payload)], frame[:1])
    assert split_frames(frame[:-1])[0] == []
    assert client_frame(payload).endswith(payload)


def _measured(target: str, run: int, rate: float, *, is_bound: bool = False) -> Measured:
    return Measured(
        setting="2 writers",
        target=target,
        run=run,
        per_second=rate,
        response={"median": 1, "p95": 2, "p99": 3},
        event=None,
        lost=0,
        cpu=0.5,
        server_busy=0.4,
        generator_busy=0.7 if is_bound else 0.1,
        generator_held_up=0.2 if is_bound else 0.0,
        is_bound_by_generator=is_bound,
    )


def test_report_tells_when_the_generator_was_the_limit() -> None:
    """The ratio of such a server is a lower bound, and the run is named."""
    measured = [_measured("Node", 0, 100), _measured("Node", 1, 100)]
    measured += [_measured("hub", 0, 200), _measured("hub", 1, 400, is_bound=True)]
    text = report(Setting(2, with_listener=False), measured)
    assert [line.split("|")[-2].strip() for line in text.splitlines()[2:4]] == ["1.00", "≥ 3.00"]
    assert text.endswith("could have done more: hub in run 2")
    assert "limit" not in report(Setting(2, with_listener=False), measured[:2])


def test_busy_generator_is_the_limit() -> None:
    """Whether it works or is kept from working makes no difference."""
    assert not Load(busy=0.5, held_up=0.1).is_bound_by_generator
    assert Load(busy=0.95).is_bound_by_generator
    assert Load(busy=0.3, held_up=0.6).is_bound_by_generator


def test_generator_counts_its_own_work(a_server: _Server) -> None:
    """Its shares of the time are shares: of one core, and of the time that passed."""
    load = drive(a_server.url, [Author("a", "x")], seconds=0.2, first=1)
    assert 0 < load.busy <= 1.1
    assert 0 <= load.held_up <= 1.1


def test_report_compares_within_each_run() -> None:
    """The ratio is the median of the ratios of the runs, not the ratio of the medians."""
    rates = {"Node": (100, 10, 50), "hub": (300, 40, 100)}
    measured = [_measured(name, run, rate) for name, series in rates.items() for run, rate in enumerate(series)]
    lines = report(Setting(2, with_listener=False), measured).splitlines()
    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["1.00", "3.00"]
