"""Events of the hub as they are sent: what they are called, and what goes along."""

from __future__ import annotations

import msgspec

from teaching_nb.schema import events
from teaching_nb.schema.records import AllowedAction


def test_payload_has_the_names_of_the_wire_and_nothing_that_is_unset() -> None:
    """Whoever knows only the existing protocol sees the keys that it has."""
    streamed = events.ChangedDocument(id="a", data={"updated_at": 1}, updated_at="now")
    stored = events.ChangedDocument(id="a", data=None, updated_at="now", revision=2)

    assert (streamed.name, streamed.payload()) == (
        "CHANGED_DOCUMENT",
        {"id": "a", "data": {"updated_at": 1}, "updatedAt": "now"},
    )
    assert stored.payload() == {"id": "a", "data": None, "updatedAt": "now", "revision": 2}


def test_payload_keeps_bytes_and_records_as_they_are() -> None:
    """Bytes travel beside the text, and a record is put into JSON once, with the rest."""
    update = b"\0\1"
    record = AllowedAction(id="a", document_type="code", action="run")

    changed = events.ChangedRecord(type="AllowedAction", record=record).payload()

    assert events.DocumentUpdate(id="a", update=update).payload()["update"] is update
    assert changed["record"] is record
    assert msgspec.json.decode(msgspec.json.encode(changed)) == {
        "type": "AllowedAction",
        "record": {"id": "a", "documentType": "code", "action": "run"},
    }


def test_payload_of_an_action_is_the_action() -> None:
    """As in the existing protocol, it is whatever the sender has made of it."""
    assert events.ForwardedAction(action=["any", None]).payload() == ["any", None]
