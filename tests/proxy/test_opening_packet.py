"""The credential in the packet by which a client connects: put there, once, and nothing else is touched."""

from __future__ import annotations

import json
import os

import pytest

from teaching_nb.proxy.frames import complete_frames, text_frame
from teaching_nb.proxy.opening_packet import OpeningPacket


def sent(*messages: str) -> bytes:
    """Return what a client sends that says these messages."""
    return b"".join(text_frame(message.encode(), mask=os.urandom(4)) for message in messages)


def heard(data: bytes) -> list[str]:
    """Return the messages in what a server gets."""
    return [text.decode() for _, text in complete_frames(data) if text is not None]


@pytest.mark.parametrize("said", ["40", '40{"only":"documents"}', '40{"token":"of the client"}'], ids=range(3))
def test_credential_takes_the_place_of_what_the_client_says(said: str) -> None:
    """Whatever it says of itself, the backend hears the token of the server's owner."""
    packet = OpeningPacket({"token": "secret"})

    passed = heard(packet.put_into(sent("3", said, '42["JOIN_ROOM","x"]')))

    assert passed == ["3", '40{"token": "secret"}', '42["JOIN_ROOM","x"]']


def test_credential_is_said_once() -> None:
    """A one-time token that was used would only be refused; later packets pass as they are."""
    packet = OpeningPacket({"token": "secret"})

    first, later = packet.put_into(sent("40")), sent("41", "40")

    assert heard(first) == ['40{"token": "secret"}']
    assert packet.put_into(later) == later


@pytest.mark.parametrize("said", ["40/admin,{}", "41", '42["40"]', "2probe"])
def test_other_packets_pass_as_the_bytes_that_they_are(said: str) -> None:
    """What does not connect to the root namespace is none of its business."""
    data = sent(said) + bytes([0x82, 0x82, 1, 2, 3, 4, 52 ^ 1, 48 ^ 2])

    assert OpeningPacket({"token": "secret"}).put_into(data) == data


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_frames_of_any_length_are_read_as_they_were_written(length: int) -> None:
    """The length of a frame is said in one, three or nine bytes."""
    text = "x" * length

    assert heard(sent(text)) == [text]
    assert json.loads(heard(OpeningPacket({"token": text}).put_into(sent("40")))[0][2:]) == {"token": text}


def test_piece_of_a_frame_passes() -> None:
    """A large frame goes on in pieces, of which none is looked at."""
    data = sent("41") + sent("x" * 70_000)[:65_536]

    assert OpeningPacket({"token": "secret"}).put_into(data) == data
