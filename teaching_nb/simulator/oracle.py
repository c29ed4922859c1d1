"""What must be true after a lesson, whatever went wrong in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class SeenText:
    """One text in the end: what the hub has, and what the pages have."""

    name: str
    stored: str
    replicas: dict[str, str]
    """Page → its text."""
    acknowledged: list[str]
    """Words that the hub said it has."""
    unsure: list[str] = field(default_factory=list)
    """Words whose acknowledgement never came: there once, or not at all."""


@dataclass(slots=True)
class Findings:
    """Everything that the oracle judges."""

    texts: list[SeenText] = field(default_factory=list)
    values: dict[str, tuple[object, object]] = field(default_factory=dict)
    """What was stored last → as it was acknowledged, as the hub has it."""
    sent_messages: list[str] = field(default_factory=list)
    """Messages that the hub acknowledged."""
    stored_messages: list[str] = field(default_factory=list)
    heard: dict[str, set[str]] = field(default_factory=dict)
    """Person → documents that they heard of."""
    hidden: dict[str, set[str]] = field(default_factory=dict)
    """Person → documents that they may not hear of."""
    refusals: list[str] = field(default_factory=list)
    """Answers that nobody may get who does nothing wrong."""


def mistakes_in(found: Findings) -> list[str]:
    """Return a sentence for everything that must not be; none when all is well."""
    return [
        *(sentence for text in found.texts for sentence in _of_text(text)),
        *(
            f"{name}: the hub acknowledged {sent!r} and has {stored!r}"
            for name, (sent, stored) in found.values.items()
            if sent != stored
        ),
        *_of_messages(found.sent_messages, found.stored_messages),
        *(
            f"{person} heard of {document}, which they may not see"
            for person, heard in found.heard.items()
            for document in sorted(heard & found.hidden.get(person, set()))
        ),
        *(f"refused: {sentence}" for sentence in found.refusals),
    ]


def _of_text(text: SeenText) -> list[str]:
    others = [page for page, shown in text.replicas.items() if shown != text.stored]
    found = [f"{text.name}: {page} does not show what the hub has" for page in others]
    for word in text.acknowledged:
        times = text.stored.count(word)
        if times != 1:
            found.append(f"{text.name}: {word!r} was acknowledged and is there {times} times")
    found += [f"{text.name}: {word!r} is there more than once" for word in text.unsure if text.stored.count(word) > 1]
    return found


def _of_messages(sent: Sequence[str], stored: Sequence[str]) -> list[str]:
    return [
        f"the message {message!r} was acknowledged and is there {stored.count(message)} times"
        for message in sent
        if stored.count(message) != 1
    ]
