"""JSON and timestamps on the wire."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document


class Pair(msgspec.Struct, rename="camel"):
    """Something to decode."""

    first_name: str
    counts: list[int] = []


def test_decode_names_the_place_of_a_mistake() -> None:
    """Whoever sent the request learns which value is wrong."""
    with pytest.raises(InvalidInput, match=r"\$\.counts\[1\]"):
        wire.decode(b'{"firstName": "A", "counts": [1, "x"]}', Pair)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"nul", b"NaN", b'{"a": 1,}', b'"\\ud800"', b"[" * 200_000])
def test_decode_refuses_what_is_no_json(raw: bytes) -> None:
    """Malformed text is a refusal, never another exception."""
    with pytest.raises(InvalidInput):
        wire.decode(raw, object)


def test_convert_refuses_a_wrong_shape() -> None:
    """Payloads that were parsed elsewhere are checked in the same way."""
    with pytest.raises(InvalidInput, match=r"firstName"):
        wire.convert({"firstName": 3}, Pair)


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_timestamp_survives_the_wire(milliseconds: int) -> None:
    """Milliseconds are neither lost nor rounded."""
    text = wire.timestamp(milliseconds)

    assert wire.parse_timestamp(text) == milliseconds
    assert len(text) == len("2026-11-22T23:01:26.692Z")
    assert text.endswith("Z")


@pytest.mark.parametrize("text", ["2026-11-22T23:01:31", "2026-11-22T23:01:31.000Z", "2026-11-23T00:01:31+01:00"])
def test_parse_timestamp_takes_a_missing_zone_for_utc(text: str) -> None:
    """The existing system leaves the zone out in some places."""
    assert wire.timestamp(wire.parse_timestamp(text)) == "2026-11-22T23:01:31.000Z"


def test_parse_timestamp_refuses_other_text() -> None:
    """What is no time is a refusal."""
    with pytest.raises(InvalidInput):
        wire.parse_timestamp("yesterday")


def test_new_id_is_a_canonical_uuid() -> None:
    """Ids are lower-case UUIDs."""
    assert wire.is_uuid(wire.new_id())
    assert not wire.is_uuid(wire.new_id().upper())


@pytest.mark.parametrize("value", ["", "x", None, 5, "all", "1" * 36, "{" + "1" * 34 + "}"])
def test_parse_uuid_refuses_other_values(value: Any) -> None:
    """The message names what was wrong."""
    with pytest.raises(InvalidInput, match="root id"):
        wire.parse_uuid(value, "root id")


def test_parse_uuid_lowers_letters() -> None:
    """Upper-case ids of a client mean the same record."""
    one = wire.new_id()

    assert wire.parse_uuid(one.upper()) == one


def test_record_leaves_out_unset_keys() -> None:
    """A client of the existing system sees exactly the keys it knows."""
    document = Document(
        id="d", author_id="a", type="t", data=None, parent_id=None, document_root_id="r", created_at="", updated_at=""
    )

    plain = wire.to_plain(document)

    assert "revision" not in plain
    assert plain["documentRootId"] == "r"
    assert plain["parentId"] is None
