"""What lies in the database for the other processes is what was to be told, with the permissions of a class once."""

from __future__ import annotations

import msgspec
import pytest

from teaching_nb.hub.bell import posted
from teaching_nb.hub.outcomes import DocumentAudience, LogPosition, Notification, Outcome
from teaching_nb.hub.room import of_root, of_user
from teaching_nb.schema import events
from teaching_nb.schema.access import Access

_MEMBERS: dict[str, tuple[Access, ...]] = {f"person-{number}": ("RW_StudentGroup",) for number in range(300)}
_USERS: dict[str, tuple[Access, ...]] = {"ada": ("RO_User",)}


def audience(
    document_id: str, members: dict[str, tuple[Access, ...]] = _MEMBERS, users: dict[str, tuple[Access, ...]] = _USERS
) -> DocumentAudience:
    """Return who may see a document of a class."""
    return DocumentAudience(
        document_id=document_id,
        author_id=f"author of {document_id}",
        root_access="RW_DocumentRoot",
        shared_access="RO_DocumentRoot",
        user_accesses=users,
        group_accesses=members,
        managers=frozenset({"teacher"}),
        provisional=True,
        creator_id="creator",
    )


def change(document_id: str, allowed: DocumentAudience | None) -> Notification:
    """Return what is told of a change."""
    event = events.ChangedDocument(id=document_id, data={"code": "ä"}, updated_at="2026-11-30T00:00:00Z", revision=7)
    return Notification(event, (of_root("root"), of_user("ada")), allowed, not_subscribed_to=document_id)


def test_what_is_posted_is_what_was_told() -> None:
    """Every part of it, in its order; live updates are in their log, and what nobody has to be told is left out."""
    edit = Notification(events.DocumentUpdate(id="live", update=b"edit"), (), position=LogPosition(1, 2))
    told = change("live", audience("live"))
    sent: list[posted.Sent] = [
        (Outcome("record", (edit, told)), "a socket"),
        (Outcome("record", (edit,)), "another socket"),
        (Outcome(None, access_changed=True), None),
        (Outcome(None, (Notification(events.ForwardedAction(action="go"), (of_user("bob"),), to_self=True),)), None),
        (Outcome(None, (change("own", audience("own", {}, {})), change("all", None))), None),
    ]

    found = posted.decoded(posted.encoded(sent))

    assert found == [(Outcome(None, (told,)), "a socket"), *((Outcome(*_rest(one)), by) for one, by in sent[2:])]


def _rest(outcome: Outcome[object]) -> tuple[None, tuple[Notification, ...], bool]:
    return None, outcome.notifications, outcome.access_changed


def test_permissions_of_a_class_are_posted_once() -> None:
    """For all documents that a transaction changes below a root; those of another root have a place of their own."""
    ours, theirs = dict(_MEMBERS), {"bob": _MEMBERS["person-1"]}
    one = posted.encoded([(Outcome(None, (change("0", audience("0", ours)),)), None)])
    many = [(Outcome(None, (change(str(number), audience(str(number), ours)),)), None) for number in range(8)]
    other = (Outcome(None, (change("other", audience("other", theirs)),)), None)

    body = posted.encoded([*many, other])

    assert body.count(b"person-299") == 1
    assert len(body) < 2 * len(one)
    audiences = [outcome.notifications[0].audience for outcome, _ in posted.decoded(body)]
    assert [found and found.group_accesses for found in audiences] == [ours] * 8 + [theirs]


def test_permissions_that_come_again_are_the_same_object() -> None:
    """So that to compare them with those of the change before takes no time; others are not mistaken for them."""
    ours, theirs = _MEMBERS, _MEMBERS | {"person-1": ("None_StudentGroup",)}

    def read(members: dict[str, tuple[Access, ...]]) -> DocumentAudience:
        ((outcome, _),) = posted.decoded(
            posted.encoded([(Outcome(None, (change("x", audience("x", dict(members))),)), None)])
        )
        found = outcome.notifications[0].audience
        assert found is not None
        return found

    first, other, again = read(ours), read(theirs), read(ours)

    assert first.group_accesses is again.group_accesses
    assert other.group_accesses == theirs


def test_letter_without_the_permissions_that_it_means_is_refused() -> None:
    """Nobody is told by rules that are missing."""
    body = posted.encoded([(Outcome(None, (change("x", audience("x")),)), None)])
    broken = msgspec.json.decode(body)
    broken["permissions"] = []

    with pytest.raises(IndexError):
        posted.decoded(msgspec.json.encode(broken))
