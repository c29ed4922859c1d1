"""Compares the events of one step, per actor and in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance import room_counts
from tests.conformance.actors import Heard
from tests.conformance.differences import NOTHING, Difference
from tests.conformance.observed import Observed
from tests.conformance.placeholders import Bindings
from tests.conformance.recording import Entry, Step

_COUNTS = "CONNECTED_CLIENTS"


def compare(step: Step, observed: Observed, bindings: Bindings, context: dict[str, str]) -> Iterator[Difference]:
    """Return the events that are missing, that nobody recorded, or that differ."""
    recorded: dict[str, list[Entry]] = {}
    for entry in step.of_kind("event"):
        recorded.setdefault(entry["actor"], []).append(entry)
    refused = {entry["actor"] for entry, refusal in observed.connects if refusal is not None}
    for actor in sorted(recorded.keys() | observed.heard.keys()):
        expected = recorded.get(actor, [])
        if actor in observed.absent:
            if expected:
                names = [entry["event"] for entry in expected]
                yield Difference(step.number, "absent", actor, names, NOTHING, context=context)
        elif actor not in refused:
            yield from _of_actor(step, actor, expected, observed, bindings, context)


def _of_actor(
    step: Step, actor: str, recorded: list[Entry], observed: Observed, bindings: Bindings, context: dict[str, str]
) -> Iterator[Difference]:
    heard = observed.heard.get(actor, [])
    mismatches = room_counts.compare(
        [entry["payload"] for entry in recorded if entry["event"] == _COUNTS],
        [entry.payload for entry in heard if entry.event == _COUNTS],
        actor=actor,
        is_newcomer=actor in observed.newcomers,
        bindings=bindings,
    )
    for mismatch in mismatches:
        place = bindings.name_of(mismatch.path) or mismatch.path
        yield Difference(
            step.number, "rooms", actor, mismatch.expected, mismatch.got, place, {**context, "event": _COUNTS}
        )
    expected = [entry for entry in recorded if entry["event"] != _COUNTS]
    got = [entry for entry in heard if entry.event != _COUNTS]
    pairs = _pair(expected, got, bindings)
    for index, entry in enumerate(expected):
        twins = [i for i in pairs if i != index and expected[i]["payload"] == entry["payload"]]
        own = {**context, "repeated": "yes"} if index not in pairs and twins else context
        yield from _of_event(step, actor, entry, got[pairs[index]] if index in pairs else None, bindings, own)
    for index, extra in enumerate(got):
        if index not in pairs.values():
            payload = bindings.blank(extra.payload)
            yield Difference(
                step.number, "event", actor, NOTHING, payload, context=context | _kind(extra.event, extra.payload)
            )
    order = [pairs[index] for index in sorted(pairs)]
    if order != sorted(order):
        names = [got[index].event for index in sorted(order)]
        yield Difference(step.number, "order", actor, [entry["event"] for entry in expected], names, context=context)


def _pair(expected: list[Entry], got: list[Heard], bindings: Bindings) -> dict[int, int]:
    """Return which expected event is which received one: the least different about the same kind of record."""
    candidates = sorted(
        (bindings.distance(entry["payload"], heard.payload), abs(left - right), left, right)
        for left, entry in enumerate(expected)
        for right, heard in enumerate(got)
        if _kind(entry["event"], entry["payload"]) == _kind(heard.event, heard.payload)
    )
    pairs: dict[int, int] = {}
    for _, _, left, right in candidates:
        if left not in pairs and right not in pairs.values():
            pairs[left] = right
    return pairs


def _of_event(
    step: Step, actor: str, entry: Entry, heard: Heard | None, bindings: Bindings, context: dict[str, str]
) -> Iterator[Difference]:
    context = context | _kind(entry["event"], entry["payload"])
    if heard is None:
        yield Difference(step.number, "event", actor, entry["payload"], NOTHING, context=context)
        return
    for mismatch in bindings.compare(entry["payload"], heard.payload):
        sides = (mismatch.expected, bindings.blank(mismatch.got))
        yield Difference(step.number, "payload", actor, *sides, place=mismatch.path, context=context)


def _kind(event: str, payload: Any) -> dict[str, str]:
    record = payload.get("type") if isinstance(payload, dict) else None
    return {"event": event} | ({"record": record} if event.endswith("_RECORD") and isinstance(record, str) else {})
