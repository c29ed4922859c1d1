"""Cursors: read, corrected, remembered, removed."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.live.awareness import CLIENTS_PER_SOCKET, STALE_SECONDS, Awareness, color_of
from teaching_nb.schema.awareness import ClientState, decode, encode

ADA = Actor(user_id="ada", name="Ada", email="", role="student")
BOB = Actor(user_id="bob", name="Bob", email="", role="student")


_DARK_GREY = 0.0152
"""Luminance of #212121."""


def test_pycrdt_and_the_hub_speak_the_same_language() -> None:
    """A state that pycrdt encoded is read, and one that the hub encoded is taken by pycrdt."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    theirs = pycrdt.Awareness(doc)
    theirs.set_local_state({"cursor": 1})

    shown = Awareness().update("d", "s", theirs.encode_awareness_update([doc.client_id]), ADA)
    other = pycrdt.Awareness(pycrdt.Doc())
    other.apply_awareness_update(shown, "remote")

    state = other.states[doc.client_id]
    assert (state["cursor"], state["user"]["name"]) == (1, "Ada")


def test_name_and_colour_are_the_hubs() -> None:
    """Nobody appears under another name; a person has one colour."""
    raw = encode({5: ClientState(1, {"user": {"name": "Head", "color": "red"}, "cursor": None})})

    shown = decode(Awareness().update("d", "s", raw, ADA))[5].state

    color, light = color_of("ada")
    assert shown == {"user": {"id": "ada", "name": "Ada", "color": color, "colorLight": light}, "cursor": None}
    assert color_of("ada") == color_of("ada") != color_of("bob")


@given(st.text(max_size=40))
def test_a_persons_colour_is_seen_on_light_and_on_dark(user_id: str) -> None:
    """The colour has a contrast of 4.5 to white and of 3 to the dark grey of dark themes."""
    channels = [int(color_of(user_id)[0][start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert 1.05 / (luminance + 0.05) >= 4.5
    assert (luminance + 0.05) / (_DARK_GREY + 0.05) >= 3


def test_nobody_speaks_for_another_sockets_editor() -> None:
    """An editor belongs to the socket that showed it first."""
    awareness = Awareness()
    awareness.update("d", "s1", encode({5: ClientState(1, {"x": 1})}), ADA)

    stolen = awareness.update("d", "s2", encode({5: ClientState(9, None)}), BOB)

    assert stolen == b""
    assert decode(awareness.present("d", except_sid="s2"))[5].clock == 1


def test_present_states_leave_out_the_asking_socket_and_the_gone() -> None:
    """A newcomer sees the others' living editors of this document."""
    awareness = Awareness()
    awareness.update("d", "s1", encode({1: ClientState(1, {}), 2: ClientState(1, None)}), ADA)
    awareness.update("d", "s2", encode({3: ClientState(1, {})}), BOB)
    awareness.update("e", "s2", encode({4: ClientState(1, {})}), BOB)

    assert set(decode(awareness.present("d", except_sid="s2"))) == {1}
    assert awareness.present("unknown", except_sid="s2") == b""


def test_removal_outdates_what_was_shown() -> None:
    """Those who know an editor learn that it is gone, and nothing of it is kept."""
    awareness = Awareness()
    awareness.update("d", "s1", encode({1: ClientState(7, {})}), ADA)

    assert decode(awareness.remove("d", "s1")) == {1: ClientState(8, None)}
    assert awareness.remove("d", "s1") == b""
    assert awareness._states == {}


def test_editors_of_one_socket_are_limited() -> None:
    """A socket cannot fill the memory with editors."""
    many = {client: ClientState(1, {}) for client in range(CLIENTS_PER_SOCKET + 1)}

    with pytest.raises(InvalidInput, match=str(CLIENTS_PER_SOCKET)):
        Awareness().update("d", "s", encode(many), ADA)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nonsense raises nothing but the refusal; what is read can be written again."""
    try:
        states = decode(raw)
    except InvalidInput:
        return
    assert decode(encode(states)) == states


def test_an_editor_goes_over_to_another_socket_of_the_same_person() -> None:
    """A page that no longer speaks through its kernel is shown on, also when the kernel's socket ends."""
    awareness = Awareness()
    awareness.update("d", "kernel", encode({5: ClientState(1, {"x": 1})}), ADA)

    shown = awareness.update("d", "page", encode({5: ClientState(2, {"x": 2})}), ADA)
    late = awareness.update("d", "kernel", encode({5: ClientState(1, {"x": 1})}), ADA)

    assert decode(shown)[5].clock == 2
    assert late == b""
    assert awareness.remove("d", "kernel") == b""
    assert decode(awareness.remove("d", "page")) == {5: ClientState(3, None)}
    assert awareness._user_of == {}


def test_an_editor_that_has_fallen_silent_is_not_shown_to_newcomers() -> None:
    """A tab that crashed behind a living kernel is no ghost for those who come later."""
    now = 1000.0
    awareness = Awareness(lambda: now)
    awareness.update("d", "kernel", encode({1: ClientState(1, {}), 2: ClientState(1, {})}), ADA)
    now += STALE_SECONDS / 2
    awareness.update("d", "kernel", encode({2: ClientState(2, {})}), ADA)

    now += STALE_SECONDS / 2

    assert set(decode(awareness.present("d", except_sid="other"))) == {2}
    awareness.remove("d", "kernel")
    assert awareness._heard == {}


def test_two_pages_of_one_kernel_keep_a_cursor_each() -> None:
    """Editors that speak through one connection do not take each other's place."""
    awareness = Awareness()
    awareness.update("d", "kernel", encode({1: ClientState(1, {"cursor": "first"})}), ADA)
    awareness.update("d", "kernel", encode({2: ClientState(1, {"cursor": "second"})}), ADA)
    awareness.update("d", "kernel", encode({1: ClientState(2, {"cursor": "third"})}), ADA)

    present = decode(awareness.present("d", except_sid="other"))

    assert {client: (entry.state or {})["cursor"] for client, entry in present.items()} == {1: "third", 2: "second"}


def test_editors_that_have_gone_do_not_count() -> None:
    """Pages that are opened and closed all day long behind one kernel are shown, and not remembered for ever."""
    awareness = Awareness()

    for client in range(5 * CLIENTS_PER_SOCKET):
        assert awareness.update("d", "s", encode({client: ClientState(1, {})}), ADA)
        assert awareness.update("d", "s", encode({client: ClientState(2, None)}), ADA)

    assert len(awareness._states["d"]["s"]) <= CLIENTS_PER_SOCKET + 1
    assert len(awareness._heard) <= CLIENTS_PER_SOCKET + 1
