"""What to tell somebody whose call asks for something else than how a document is shared. Pure."""

from __future__ import annotations

from teaching_nb.schema.access import Kind, kind, lesser
from teaching_nb.schema.records import RootMeta, Sharing
from teaching_nb.schema.roots import shared_root_id

DECIDES = "Whoever opened it first decides how it is shared: ask them, or use another name."

AWAITED = (
    "Your teacher has not opened this yet. Until then you see what the notebook brings; their text appears by itself."
)
"""Of a hand-out that nobody has given out."""

_OTHERWISE: dict[tuple[Kind, Kind], str] = {
    ("RW", "RO"): "Your teacher has made this a hand-out: everybody reads it, only teachers change it.",
    ("RO", "RW"): "Your teacher lets everybody change this text.",
    ("RW", "None"): "This text is not shared with others at the moment.",
    ("RO", "None"): "This text is not shared with others at the moment.",
    ("None", "RO"): "Others can read what you write here.",
    ("None", "RW"): "Others can read and change what you write here.",
}
"""(what was asked for, what is) → the sentence for students, once an elevated person has opened the root."""

_PRESENT: dict[Kind, str] = {
    "RW": "Everybody can change this text.",
    "RO": "This is a hand-out.",
    "None": "This text is not shared.",
}
_PROVISIONAL: dict[tuple[Kind, Kind], str] = {
    ("RW", "RO"): "Somebody else wants this for reading only. Until a teacher opens it, only its author changes it.",
    (
        "RW",
        "None",
    ): "Somebody else has opened this as their own. Until a teacher opens it, only the author sees it.",
}


def notice(wanted: str, sharing: Sharing, *, is_elevated: bool) -> str:
    """Return the sentence about a document that was opened with `wanted`, an access word or nothing; mostly empty."""
    if sharing.kept_private:
        return _kept_private(sharing.kept_private)
    asked: Kind = kind(wanted) if wanted else "None"  # type: ignore[arg-type]  # one of the access words
    present = kind(sharing.shared_access)
    if asked != present:
        return _otherwise(asked, present, sharing, is_elevated=is_elevated)
    return _elsewhere(asked) if sharing.is_elsewhere else ""


def after(sharing: Sharing, root: RootMeta, *, root_id: str, type_name: str) -> Sharing:
    """Return how a document below `root_id` is shared after an event about a root: its own, or another of its name."""
    is_confirmed = root.is_confirmed is True
    if root.id == root_id and not isinstance(root.is_confirmed, bool):
        # Nobody but an elevated person changes a root that has no slug, but for the lowering of a provisional one.
        is_raised = lesser(sharing.shared_access, root.shared_access) == sharing.shared_access
        is_confirmed = sharing.is_confirmed or is_raised
    if root.id == root_id:
        is_elsewhere = sharing.is_elsewhere and not is_confirmed
        return Sharing(shared_access=root.shared_access, is_confirmed=is_confirmed, is_elsewhere=is_elsewhere)
    if root.id == shared_root_id(root_id, type_name) and is_confirmed:
        return Sharing(shared_access=sharing.shared_access, is_confirmed=sharing.is_confirmed, is_elsewhere=True)
    return sharing


def _otherwise(asked: Kind, present: Kind, sharing: Sharing, *, is_elevated: bool) -> str:
    if not sharing.is_confirmed and (asked, present) in _PROVISIONAL:
        return _PROVISIONAL[asked, present]
    if is_elevated and asked != "None":
        what = {
            "RW": "Everybody can change this text.",
            "RO": "This is a hand-out.",
            "None": "This text is not shared.",
        }
        return f"{what[present]} {DECIDES}"
    return _OTHERWISE[asked, present]


def _elsewhere(asked: Kind) -> str:
    if asked == "None":
        return (
            "Your teacher has opened this name as a text that is shared. This is your own text: "
            "call it with shared=True to see the other one."
        )
    return "Your teacher has since opened this name for everybody's own text: leave out `shared` to write yours."


def _kept_private(people: int) -> str:
    whose = "One person has a text" if people == 1 else f"{people} people have texts"
    return (
        f"Not shared: {whose} of their own below this root, which everybody would see. "
        "Share under another name, or open the root on purpose."
    )
