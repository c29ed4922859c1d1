"""Compares one step of a recording with what came back, per actor: pure, decides nothing about what is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from teaching_nb.schema.events import SENDER_HEADER, SENDER_HEADER_OLD
from tests.conformance import event_comparison, wire
from tests.conformance.actors import Answer
from tests.conformance.differences import NOTHING, Difference
from tests.conformance.observed import Observed
from tests.conformance.placeholders import MISSING, Bindings
from tests.conformance.recording import Entry, Step


def compare_step(step: Step, observed: Observed, bindings: Bindings) -> list[Difference]:
    """Return all differences of a step; ids that are new in it are bound on the way."""
    is_silent = bool(step.of_kind("matrix")) and not step.of_kind("event", "quiet")
    found = [
        *_answers(step, observed, bindings),
        *_cells(step, observed, bindings),
        *_connects(step, observed),
        *_acks(step, observed, bindings),
        *_frames(step, observed, bindings),
        *_statuses(step, observed),
        *_facts(step, observed, bindings),
        # A table that does not say who was told what does not say that nobody was.
        *([] if is_silent else event_comparison.compare(step, observed, bindings, context_of(step))),
        *_endings(step, observed),
    ]
    return sorted(without_consequences(found, step, observed), key=lambda difference: difference.actor)


def without_consequences(found: list[Difference], step: Step, observed: Observed) -> list[Difference]:
    """Leave out what follows by itself from a difference in who was let through.

    Where we refuse what was accepted in the recording, its events do not come; where we accept what was
    refused, events come. An event of a request that we refuse stays a difference.
    """
    recorded = [entry["response"]["status"] < 400 for entry, _ in observed.answers]
    ours = [answer.status < 400 for _, answer in observed.answers]
    recorded += [entry["payload"] == [True] for entry in step.of_kind("ack")]
    ours += [payload == [True] for _, payload in observed.acks]
    recorded += ["200" in entry["statuses"] for entry, _ in observed.statuses]
    ours += ["200" in statuses for _, statuses in observed.statuses]
    if any(recorded) and not any(ours):
        return [one for one in found if not (one.aspect in {"event", "rooms"} and one.got in (NOTHING, MISSING))]
    if any(ours) and not any(recorded):
        return [one for one in found if not (one.aspect in {"event", "rooms"} and one.expected in (NOTHING, MISSING))]
    return found


def context_of(step: Step) -> dict[str, str]:
    """Return what rules may ask about a step: its request or event, and the remark."""
    context = {"about": step.about}
    for entry in step.done[:1]:
        request = entry.get("request", {})
        if entry["kind"] == "http":
            context |= {"method": request["method"], "path": request["path"]}
            context["status"] = str(entry["response"]["status"])
            context["sender"] = _sender(entry)
        if entry["kind"] == "emit":
            context["emitted"] = entry["event"]
    return context


def _sender(entry: Entry) -> str:
    """Return whose socket a request names as its own: own, foreign, or old for the header of the earlier protocol."""
    headers = {name.lower(): value for name, value in (entry["request"].get("headers") or {}).items()}
    sid = headers.get(SENDER_HEADER)
    if sid is None:
        return "old" if SENDER_HEADER_OLD in headers else ""
    owner = sid.removeprefix("<sid:").removesuffix(">").partition("#")[0]
    return "own" if owner == entry["actor"].partition("#")[0] else "foreign"


def _answers(step: Step, observed: Observed, bindings: Bindings) -> Iterator[Difference]:
    for entry, answer in observed.answers:
        response = entry["response"]
        context = _asked(entry)
        expected, got = _recorded_body(response), _received_body(answer)
        if response["status"] != answer.status:
            yield Difference(
                step.number, "answer", entry["actor"],
                {"status": response["status"], "body": expected},
                {"status": answer.status, "body": bindings.blank(got)}, context=context,
            )  # fmt: skip
            continue
        is_empty = expected == NOTHING == got
        if not is_empty and _media(response.get("contentType")) != _media(answer.content_type):
            types = (response.get("contentType") or NOTHING, answer.content_type or NOTHING)
            yield Difference(step.number, "content-type", entry["actor"], *types, context=context)
        for mismatch in bindings.compare(expected, got):
            sides = (mismatch.expected, bindings.blank(mismatch.got))
            yield Difference(step.number, "body", entry["actor"], *sides, place=mismatch.path, context=context)
        for name, value in (response.get("headers") or {}).items():
            if name != "content-type":
                yield from _header(step, entry, (name, value), answer, bindings, context)


def _cells(step: Step, observed: Observed, bindings: Bindings) -> Iterator[Difference]:
    for entry, answer in observed.cells:
        if entry["response"]["status"] != answer.status:
            got = {"status": answer.status, "body": bindings.blank(_received_body(answer))}
            expected = {"status": entry["response"]["status"]}
            yield Difference(step.number, "answer", entry["actor"], expected, got, context=_asked(entry))


def _asked(entry: Entry) -> dict[str, str]:
    """Return what rules may ask about a request."""
    request = entry["request"]
    return {
        "method": request["method"],
        "path": request["path"],
        "about": entry.get("about", ""),
        "status": str(entry["response"]["status"]),
    }


def _header(
    step: Step, entry: Entry, header: tuple[str, Any], answer: Answer, bindings: Bindings, context: dict[str, str]
) -> Iterator[Difference]:
    name, value = header
    received: Any = answer.headers.get(name, [])
    if not isinstance(value, list):
        received = ", ".join(received) if received else MISSING
    for mismatch in bindings.compare(value, received):
        sides = (mismatch.expected, bindings.blank(mismatch.got))
        yield Difference(step.number, "header", entry["actor"], *sides, place=name, context=context)


def _recorded_body(response: dict[str, Any]) -> Any:
    if response.get("empty"):
        return NOTHING
    body = response.get("body")
    if isinstance(body, str) and "json" in (response.get("contentType") or "") and body.startswith("{"):
        return json.loads(body)
    return body


def _received_body(answer: Answer) -> Any:
    if not answer.body:
        return NOTHING
    text = answer.body.decode("utf-8", "replace")
    if "json" in (answer.content_type or ""):
        try:
            return json.loads(text)
        except ValueError:
            pass
    return text


def _media(content_type: str | None) -> str:
    return (content_type or "").replace(" ", "").lower()


def _connects(step: Step, observed: Observed) -> Iterator[Difference]:
    dropped = {entry["actor"] for entry in step.of_kind("disconnect")}
    for entry, refusal in observed.connects:
        if not entry["response"].get("connected"):
            expected = "refused"
        else:
            expected = "connected, then disconnected" if entry["actor"] in dropped else "connected"
        got = "connected" if refusal is None else "refused"
        if got == "connected" and entry["actor"] in observed.ended:
            got = "connected, then disconnected"
        if expected != got:
            told = got if refusal is None else f"refused: {refusal}"
            yield Difference(step.number, "connect", entry["actor"], expected, told, context=context_of(step))


def _acks(step: Step, observed: Observed, bindings: Bindings) -> Iterator[Difference]:
    recorded = {entry["actor"]: entry["payload"] for entry in step.of_kind("ack")}
    for entry, payload in observed.acks:
        expected = recorded.get(entry["actor"], NOTHING)
        got = NOTHING if payload is None else payload
        if bindings.compare(expected, got):
            context = {**context_of(step), "event": entry["event"]}
            yield Difference(step.number, "ack", entry["actor"], expected, bindings.blank(got), context=context)


def _frames(step: Step, observed: Observed, bindings: Bindings) -> Iterator[Difference]:
    for entry, packets in observed.frames:
        expected, got = _telling(entry["packets"]), _telling(packets)
        if bindings.compare(expected, got):
            yield Difference(
                step.number, "wire", entry["actor"], expected, bindings.blank(got), context=context_of(step)
            )


def _telling(packets: list[wire.Packet]) -> list[Any]:
    """Return what counts of a connection's packets: what was received and how it ended, without room counts."""
    found: list[Any] = []
    for packet in packets:
        if packet["dir"] == "received":
            kind, payload = wire.parsed(packet["packet"])
            if not (isinstance(payload, list) and payload[0] == "CONNECTED_CLIENTS"):
                found.append([kind, payload])
        elif packet["dir"] in {"close", "error"} and found[-1:] != ["closed"]:
            found.append("closed")
    return found


def _statuses(step: Step, observed: Observed) -> Iterator[Difference]:
    for entry, statuses in observed.statuses:
        if entry["statuses"] != statuses:
            yield Difference(
                step.number, "concurrent", entry["actor"], entry["statuses"], statuses, context=context_of(step)
            )
    for entry, count in observed.counts:
        if entry["documentsInDatabase"] != count:
            sides = (entry["documentsInDatabase"], count)
            yield Difference(
                step.number, "concurrent", entry["actor"], *sides, place="documents", context=context_of(step)
            )


def _facts(step: Step, observed: Observed, bindings: Bindings) -> Iterator[Difference]:
    for entry, fact in observed.facts:
        for mismatch in bindings.compare(entry["data"], fact):
            sides = (mismatch.expected, bindings.blank(mismatch.got))
            yield Difference(step.number, "fact", "", *sides, place=mismatch.path, context=context_of(step))


def _endings(step: Step, observed: Observed) -> Iterator[Difference]:
    context = context_of(step)
    exits = step.of_kind("server-exit")
    if exits:
        yield Difference(step.number, "exit", "", f"the server ended: {exits[0]['error']}", NOTHING, context=context)
    connecting = {entry["actor"] for entry, _ in observed.connects}
    recorded = {entry["actor"]: entry["reason"] for entry in step.of_kind("disconnect") if not exits}
    for actor in sorted((recorded.keys() | observed.ended.keys()) - connecting):
        if (actor in recorded) != (actor in observed.ended):
            sides = (recorded.get(actor, NOTHING), observed.ended.get(actor, NOTHING))
            yield Difference(step.number, "disconnect", actor, *sides, context=context)
