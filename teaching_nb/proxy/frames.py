"""WebSocket frames as bytes (RFC 6455, section 5): where one ends, and whether it may pass. No input or output.

A `FrameScanner` goes through what one side sends. It reads the headers of frames and what a close frame says, and
never touches a payload: what may pass is the very bytes that came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

HELD_BYTES = 65_536
"""A frame of up to so many bytes waits until it is whole; a larger one passes in pieces, as they come."""

MESSAGE_FRAGMENTS = 10_000
"""Fragments of one message: each costs its receiver memory, even if there is nothing in it."""

CONTROL_BYTES = 125
"""Payload of a control frame."""

PROTOCOL_ERROR = 1002
TOO_LARGE = 1009
"""WebSocket close codes."""

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_OPCODES = frozenset({_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG})
_FINAL, _RESERVED, _OPCODE, _CONTROL, _MASKED, _LENGTH = 0x80, 0x70, 0x0F, 0x08, 0x80, 0x7F
_WIDTHS = {126: 2, 127: 8}
"""Bytes of a length that has no room in the second byte."""
_SHORTEST = {2: CONTROL_BYTES + 1, 8: 0x1_0000}
"""The smallest length that needs so many bytes."""
_MASK_BYTES = 4
_REASON_BYTES = CONTROL_BYTES - 2
_NEVER_SENT = frozenset({1004, 1005, 1006, 1015})


class Closing(NamedTuple):
    """What a close frame says."""

    code: int | None = None
    """None: the frame is empty."""
    reason: str = ""


class _Header(NamedTuple):
    """The beginning of a frame."""

    first: int
    width: int
    """Bytes of the extended length."""
    mask: bytes | None
    length: int
    payload: int
    """Where in the data the payload begins."""

    @property
    def opcode(self) -> int:
        return self.first & _OPCODE


class FrameScanner:
    """Says what of one side's bytes may pass on to the other one."""

    def __init__(self, *, is_masked: bool, limit: int) -> None:
        """Expect masked frames, as clients send them, or unmasked ones, and messages of up to `limit` bytes."""
        self.closing: Closing | None = None
        """What the close frame said that came; nothing comes behind one."""
        self.refusal: Closing | None = None
        """Why nothing passes any more: what to say to the side that sent it."""
        self._is_masked = is_masked
        self._limit = limit
        self._held = b""
        self._rest = 0
        self._message_bytes = 0
        self._fragments = 0
        self._has_lost_track = False

    @property
    def is_whole(self) -> bool:
        """Return whether what has passed ends with a frame, so that another one may follow."""
        return self._rest == 0 or self.refusal is not None

    def take(self, data: bytes) -> bytes:
        """Return what passes on of this and of what was held back: whole frames, and pieces of a large one.

        A close frame does not; see `closing`. Behind a refusal nothing passes, and only a close frame is looked for.
        """
        if self.closing is not None or self._has_lost_track:
            return b""
        if self._held:
            data = self._held + data
        position = min(self._rest, len(data))
        self._rest -= position
        passing = position if self.refusal is None else 0
        while (header := _header_at(data, position)) is not None:
            end = header.payload + header.length
            if not self._is_in_order(header) or (end > len(data) and header.length <= HELD_BYTES):
                break
            if header.opcode == _CLOSE:
                self._read_closing(data[header.payload : end], header.mask)
                break
            self._count(header)
            position = min(end, len(data))
            self._rest = end - position
            if self.refusal is None:
                passing = position
        self._held = data[position:]
        return data[:passing]

    def _is_in_order(self, header: _Header) -> bool:
        """Refuse a frame that may not come here; tell whether it is known where the next one begins."""
        if (fault := self._fault(header)) is not None:
            self._refuse(PROTOCOL_ERROR, fault)
            # Who breaks the rules may mean another length, too.
            self._has_lost_track = True
        elif (excess := self._excess(header)) is not None:
            self._refuse(TOO_LARGE, excess)
        return fault is None

    def _fault(self, header: _Header) -> str | None:
        """Return what is wrong with a frame where it stands."""
        opcode, is_control = header.opcode, header.first & _CONTROL
        if header.first & _RESERVED:
            return f"a frame begins with 0x{header.first:02x}: its reserved bits must be 0"
        if opcode not in _OPCODES:
            return f"a frame begins with 0x{header.first:02x}: there is no opcode {opcode}"
        if (header.mask is not None) != self._is_masked:
            return "a frame is masked, a server's must not be" if header.mask else "a frame is not masked"
        if is_control and header.width:
            return f"a control frame has {header.length} bytes, the limit is {CONTROL_BYTES}"
        if is_control and not header.first & _FINAL:
            return "a control frame must not be fragmented"
        if header.width and header.length < _SHORTEST[header.width]:
            return f"a frame has {header.length} bytes, which it says in {header.width} bytes more than it needs"
        if not is_control and (opcode == _CONTINUATION) != bool(self._fragments):
            return "a message begins within another one" if self._fragments else "a fragment continues no message"
        return None

    def _excess(self, header: _Header) -> str | None:
        """Return by how much a message is too large with this frame."""
        if header.first & _CONTROL:
            return None
        if (size := self._message_bytes + header.length) > self._limit:
            return f"the message has {size} bytes, the limit is {self._limit}"
        if self._fragments >= MESSAGE_FRAGMENTS:
            return f"the message has more than {MESSAGE_FRAGMENTS} fragments"
        return None

    def _count(self, header: _Header) -> None:
        """Add a frame to its message."""
        if header.first & _CONTROL:
            return
        is_last = header.first & _FINAL
        self._message_bytes = 0 if is_last else self._message_bytes + header.length
        self._fragments = 0 if is_last else self._fragments + 1

    def _read_closing(self, payload: bytes, mask: bytes | None) -> None:
        """Take what a close frame says, or refuse one that nobody may send."""
        try:
            self.closing = _closing_of(payload if mask is None else _unmasked(payload, mask))
        except ValueError as error:
            self._refuse(PROTOCOL_ERROR, str(error))
            self._has_lost_track = True

    def _refuse(self, code: int, reason: str) -> None:
        """Remember the first reason to let nothing pass any more."""
        if self.refusal is None:
            self.refusal = Closing(code, reason)


def close_frame(closing: Closing, *, mask: bytes = b"") -> bytes:
    """Return a close frame; a client masks it with four random bytes. A reason that is too long is cut."""
    payload = b""
    if closing.code is not None:
        reason = closing.reason.encode()[:_REASON_BYTES].decode(errors="ignore")
        payload = closing.code.to_bytes(2, "big") + reason.encode()
    if not mask:
        return bytes([_FINAL | _CLOSE, len(payload)]) + payload
    return bytes([_FINAL | _CLOSE, _MASKED | len(payload)]) + mask + _unmasked(payload, mask)


def complete_frames(data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield each frame of bytes that begin with one, and the text of one that is a whole text message, else None.

    What is left at the end, of a frame that is not whole, is yielded as it is.
    """
    position = 0
    while (header := _header_at(data, position)) is not None and header.payload + header.length <= len(data):
        end = header.payload + header.length
        payload = data[header.payload : end]
        is_text = header.first == _FINAL | _TEXT
        text = payload if header.mask is None else _unmasked(payload, header.mask)
        yield data[position:end], text if is_text else None
        position = end
    if position < len(data):
        yield data[position:], None


def text_frame(text: bytes, *, mask: bytes) -> bytes:
    """Return a text message of a client as one frame, masked with four random bytes."""
    length = len(text)
    if length < _SHORTEST[2]:
        size = bytes([_MASKED | length])
    elif length < _SHORTEST[8]:
        size = bytes([_MASKED | 126]) + length.to_bytes(2, "big")
    else:
        size = bytes([_MASKED | 127]) + length.to_bytes(8, "big")
    return bytes([_FINAL | _TEXT]) + size + mask + _unmasked(text, mask)


def _header_at(data: bytes, position: int) -> _Header | None:
    """Read the header that begins at a position; None when it is not all there."""
    if len(data) < position + 2:
        return None
    first, second = data[position], data[position + 1]
    length = second & _LENGTH
    width = _WIDTHS.get(length, 0)
    payload = position + 2 + width + (_MASK_BYTES if second & _MASKED else 0)
    if len(data) < payload:
        return None
    if width:
        length = int.from_bytes(data[position + 2 : position + 2 + width], "big")
    mask = data[payload - _MASK_BYTES : payload] if second & _MASKED else None
    return _Header(first, width, mask, length, payload)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """Return what a mask hides, or hide it."""
    key = (mask * (len(payload) // _MASK_BYTES + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def _closing_of(payload: bytes) -> Closing:
    """Read a close frame; raises `ValueError` when nobody may send this one."""
    if not payload:
        return Closing()
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not 1000 <= code < 5000 or code in _NEVER_SENT:
        raise ValueError(f"a close frame has no valid code: 0x{payload[:2].hex()}")
    try:
        return Closing(code, payload[2:].decode())
    except UnicodeDecodeError:
        raise ValueError("the reason of a close frame is not UTF-8") from None
