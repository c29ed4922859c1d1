"""What passes of the bytes of one side, cut anywhere; the frames are made by another implementation."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from teaching_nb.proxy import frames
from teaching_nb.proxy.frames import HELD_BYTES, MESSAGE_FRAGMENTS, Closing, FrameScanner, close_frame

LIMIT = 1_000_000
SIZES = (0, 1, 2, 125, 126, 127, 300, HELD_BYTES - 1, HELD_BYTES, HELD_BYTES + 1, 90_000)


def scanner(*, is_masked: bool = True, limit: int = LIMIT) -> FrameScanner:
    """Return one that expects what a client sends."""
    return FrameScanner(is_masked=is_masked, limit=limit)


def frame(opcode: Opcode, payload: bytes = b"", *, is_final: bool = True, is_masked: bool = True) -> bytes:
    """Return the bytes of a frame."""
    return Frame(opcode, payload, fin=is_final).serialize(mask=is_masked)


def text(size: int, **more: bool) -> bytes:
    """Return a whole message."""
    return frame(Opcode.TEXT, b"x" * size, **more)


def fragments(*sizes: int, is_last_final: bool = True) -> list[bytes]:
    """Return a message in several frames."""
    opcodes = itertools.chain([Opcode.BINARY], itertools.repeat(Opcode.CONT))
    ends = [False] * (len(sizes) - 1) + [is_last_final]
    return [frame(opcode, b"f" * size, is_final=end) for opcode, size, end in zip(opcodes, sizes, ends, strict=False)]


def header(first: int, second: int, extended: bytes = b"") -> bytes:
    """Return the beginning of a masked frame, as nobody should send it."""
    return bytes([first, 0x80 | second]) + extended + bytes(4)


CONTROLS = st.sampled_from([frame(Opcode.PING, b"ping"), frame(Opcode.PONG), frame(Opcode.PING, b"p" * 125)])


@st.composite
def messages(draw: st.DrawFn) -> list[bytes]:
    """Draw the frames of a message, with control frames between them."""
    sizes = draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=4))
    made = fragments(*sizes)
    for _ in range(draw(st.integers(0, 2))):
        made.insert(draw(st.integers(0, len(made))), draw(CONTROLS))
    return made


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut bytes at these places."""
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(places)]


@settings(deadline=None)
@given(st.lists(messages(), min_size=1, max_size=4), st.lists(st.integers(0, 2_000_000), max_size=12))
def test_whole_frames_pass_as_they_are_wherever_they_are_cut(drawn: list[list[bytes]], cuts: list[int]) -> None:
    """Nothing is changed, lost or held back for good; only large frames pass in pieces, and it is known when."""
    sent = list(itertools.chain.from_iterable(drawn))
    ends = {0, *itertools.accumulate(map(len, sent))}
    large = [(end - len(each), end) for each, end in zip(sent, sorted(ends)[1:], strict=True) if len(each) > HELD_BYTES]
    tested, passed = scanner(), b""

    for piece in pieces(b"".join(sent), cuts):
        passed += tested.take(piece)

        assert tested.is_whole == (len(passed) in ends)
        assert tested.is_whole or any(start < len(passed) < end for start, end in large)

    assert passed == b"".join(sent)
    assert (tested.closing, tested.refusal) == (None, None)


def test_bytes_one_by_one() -> None:
    """Cut at every byte, a frame passes when its last byte has come."""
    sent = [*fragments(0, 200, 3), frame(Opcode.PING, b"now"), text(126), text(0)]
    tested = scanner()

    passed = [tested.take(bytes([byte])) for byte in b"".join(sent)]

    assert [each for each in passed if each] == sent


def test_a_large_frame_passes_in_the_pieces_that_come() -> None:
    """Neither its header alone nor what has come of it waits for the rest."""
    large, tested = text(300_000), scanner()

    assert tested.take(large[:13]) == b""
    assert tested.take(large[13:1_000]) == large[:1_000]
    assert not tested.is_whole
    assert tested.take(large[1_000:299_000]) == large[1_000:299_000]
    assert not tested.is_whole
    assert tested.take(large[299_000:] + text(3)[:2]) == large[299_000:]
    assert tested.is_whole


def test_what_passes_is_not_copied() -> None:
    """Where all that has come may pass, it is the very same object."""
    sent = text(10) + text(200)

    assert scanner().take(sent) is sent


@pytest.mark.parametrize("is_masked", [True, False])
@pytest.mark.parametrize(
    "closing", [Closing(), Closing(1000), Closing(4001, "kicked, with an é"), Closing(1013, "x" * 123)]
)
def test_a_close_frame_is_read_and_made(closing: Closing, *, is_masked: bool) -> None:
    """Code and reason are as in the other implementation, cut anywhere; nothing passes behind."""
    payload = b"" if closing.code is None else struct.pack(">H", closing.code) + closing.reason.encode()
    before, behind = text(5, is_masked=is_masked), text(6, is_masked=is_masked)
    sent = before + frame(Opcode.CLOSE, payload, is_masked=is_masked)
    for cut in range(len(sent)):
        tested = scanner(is_masked=is_masked)

        passed = tested.take(sent[:cut]) + tested.take(sent[cut:] + behind) + tested.take(behind)

        assert (passed, tested.closing, tested.refusal) == (before, closing, None)

    made = close_frame(closing, mask=b"mask" if is_masked else b"")
    remade = scanner(is_masked=is_masked)
    assert (remade.take(made), remade.closing) == (b"", closing)
    assert is_masked or made == frame(Opcode.CLOSE, payload, is_masked=False)


def test_a_reason_that_is_too_long_is_cut_between_letters() -> None:
    """A close frame has room for 123 bytes of it."""
    tested = scanner(is_masked=False)
    tested.take(close_frame(Closing(1013, "é" * 100)))

    assert tested.closing == Closing(1013, "é" * 61)


BAD = {
    "a reserved bit": (header(0xC1, 0), "a frame begins with 0xc1: its reserved bits must be 0"),
    "an opcode for data that is none": (header(0x83, 0), "a frame begins with 0x83: there is no opcode 3"),
    "an opcode for control that is none": (header(0x8B, 0), "a frame begins with 0x8b: there is no opcode 11"),
    "no mask": (text(3, is_masked=False), "a frame is not masked"),
    "a large ping": (header(0x89, 126, b"\x00\x7e"), "a control frame has 126 bytes, the limit is 125"),
    "a huge close": (
        header(0x88, 127, struct.pack(">Q", 1 << 62)),
        f"a control frame has {1 << 62} bytes, the limit is 125",
    ),
    "half a ping": (header(0x09, 0), "a control frame must not be fragmented"),
    "a length of 16 bits that needs 7": (
        header(0x81, 126, b"\x00\x7d"),
        "a frame has 125 bytes, which it says in 2 bytes more than it needs",
    ),
    "a length of 64 bits that needs 16": (
        header(0x81, 127, struct.pack(">Q", 65_535)),
        "a frame has 65535 bytes, which it says in 8 bytes more than it needs",
    ),
    "a fragment of nothing": (frame(Opcode.CONT, b"x"), "a fragment continues no message"),
    "a message in a message": (fragments(3, 3)[0] + text(3), "a message begins within another one"),
    "a close frame of one byte": (frame(Opcode.CLOSE, b"\x03"), "a close frame has no valid code: 0x03"),
    "a code that nobody sends": (frame(Opcode.CLOSE, b"\x03\xed"), "a close frame has no valid code: 0x03ed"),
    "a code from nowhere": (frame(Opcode.CLOSE, b"\x00\x01"), "a close frame has no valid code: 0x0001"),
    "a reason that is no text": (frame(Opcode.CLOSE, b"\x03\xe8\xff"), "the reason of a close frame is not UTF-8"),
}
"""What it is → the bytes, and the words of the refusal. Masks are random: names of tests must not come from them."""


@pytest.mark.parametrize(("bad", "words"), BAD.values(), ids=BAD)
def test_what_breaks_the_rules_is_refused(bad: bytes, words: str) -> None:
    """It is said what is wrong; what came before passes, and nothing after it, however it is cut."""
    good = text(4)
    allowed = good + (bad[: -len(text(3))] if "within" in words else b"")
    for cut in range(len(bad) + 1):
        tested = scanner()

        passed = tested.take(good + bad[:cut]) + tested.take(bad[cut:]) + tested.take(good)

        assert (passed, tested.refusal) == (allowed, Closing(frames.PROTOCOL_ERROR, words))
        assert tested.is_whole


def test_a_server_must_not_mask() -> None:
    """The other direction has the other rule."""
    tested = scanner(is_masked=False)

    assert tested.take(text(3)) == b""
    assert tested.refusal == Closing(1002, "a frame is masked, a server's must not be")


@pytest.mark.parametrize("size", [LIMIT + 1, 1 << 40, 1 << 63, (1 << 64) - 1])
def test_a_message_is_refused_by_the_length_that_it_declares(size: int) -> None:
    """Nothing of it passes, and nothing of it has to come."""
    tested = scanner()

    assert tested.take(text(LIMIT)) != b""
    assert tested.take(header(0x82, 127, struct.pack(">Q", size)) + b"beginning") == b""
    assert tested.refusal == Closing(1009, f"the message has {size} bytes, the limit is {LIMIT}")
    assert tested.is_whole


def test_fragments_are_refused_by_their_sum() -> None:
    """The one that is too much does not pass; the next message counts from nothing."""
    tested, fitting, excess = scanner(limit=1_000), fragments(400, 600), fragments(400, 500, 101)

    assert tested.take(b"".join(fitting + excess)) == b"".join(fitting + excess[:-1])
    assert tested.refusal == Closing(1009, "the message has 1001 bytes, the limit is 1000")


def test_fragments_are_counted() -> None:
    """A message in endless empty pieces is too large as well."""
    tested, piece = scanner(), frame(Opcode.CONT, is_final=False)
    beginning = fragments(0, 0)[0]
    assert tested.take(beginning + piece * (MESSAGE_FRAGMENTS - 1))
    assert tested.refusal is None

    assert tested.take(piece) == b""
    assert tested.refusal == Closing(1009, f"the message has more than {MESSAGE_FRAGMENTS} fragments")


@settings(deadline=None)
@given(st.lists(st.integers(0, 2_000_000), max_size=8))
def test_the_answer_to_a_refusal_is_found_behind_what_was_too_large(cuts: list[int]) -> None:
    """The sender has not heard of the refusal yet: what it goes on to send is passed over, up to its close frame."""
    tested = scanner(limit=1_000)
    late = text(90_000) + text(3) + b"".join(fragments(900, 900)) + frame(Opcode.CLOSE, b"\x03\xf1")

    assert b"".join(tested.take(piece) for piece in pieces(late, cuts)) == b""
    assert tested.refusal == Closing(1009, "the message has 90000 bytes, the limit is 1000")
    assert tested.closing == Closing(1009)
