"""Three-way merging: what to do when a document changed here and at the hub. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from merge3 import Merge3

from teaching_nb.schema import wire
from teaching_nb.schema.text_changes import TextChange, text_changes

_MISSING = object()


def rebased_changes(base: str, new: str, current: str) -> list[TextChange]:
    """Return the changes from `base` to `new` as changes of `current`, from the end to the beginning.

    What somebody else inserted between `base` and `current` stays, also inside a stretch that is replaced;
    what they deleted stays deleted.
    """
    changes = text_changes(base, new)
    if base == current:
        return changes
    others = text_changes(base, current)[::-1]
    moved: list[TextChange] = []
    for change in changes:
        moved += _moved(change, others)
    return moved


def apply_changes(text: str, changes: list[TextChange]) -> str:
    """Return `text` after changes that go from the end to the beginning."""
    for change in changes:
        text = text[: change.start] + change.text + text[change.stop :]
    return text


def merge_text(base: str, local: str, remote: str) -> str | None:
    """Return the text with both sides' changes; None when both changed the same lines differently.

    Nothing is merged by half: where one place cannot be merged, the two versions are left as they are.
    """
    if base in (local, remote):
        return remote if local == base else local
    if local == remote:
        return local
    merged: list[str] = []
    for kind, lines, *_ in Merge3(_lines(base), _lines(local), _lines(remote)).merge_groups():
        if kind == "conflict":
            return None
        merged += lines
    text = "".join(merged)
    return text if _merged_end(base, local, remote) else text.removesuffix("\n")


def both_texts(base: str, local: str, remote: str) -> str:
    """Return a text with what both sides have written, where both have written in one place one after the other."""
    return apply_changes(remote, rebased_changes(base, local, remote))


def merge_data(base: Any, local: Any, remote: Any, texts: Collection[str] = ()) -> Any:
    """Return JSON data with both sides' changes, key by key; the local value wins where both changed one.

    Of `texts`, keys whose texts several people write, nobody's words give way.
    """
    if _is_same(local, base):
        return remote
    if (
        _is_same(remote, base)
        or _is_same(remote, local)
        or not (isinstance(local, Mapping) and isinstance(remote, Mapping))
    ):
        return local
    old = base if isinstance(base, Mapping) else {}
    keys = [*remote, *(key for key in local if key not in remote)]
    merged = {
        key: both_texts(old[key], local[key], remote[key])
        if key in texts and _are_texts(old, local, remote, key=key)
        else _merge_key(old.get(key, _MISSING), local, remote, key)
        for key in keys
    }
    return {key: value for key, value in merged.items() if value is not _MISSING}


def overruled(
    base: Any, local: Any, remote: Any, path: str = "", texts: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """Yield the remote values that `merge_data` gives up for local ones, with the path of their keys."""
    if _is_same(local, base) or _is_same(remote, base) or _is_same(remote, local):
        return
    if base is _MISSING or not (isinstance(local, Mapping) and isinstance(remote, Mapping)):
        yield path, remote
        return
    old = base if isinstance(base, Mapping) else {}
    for key, theirs in remote.items():
        if key in texts and _are_texts(old, local, remote, key=key):
            continue
        place = f"{path}.{key}" if path else str(key)
        yield from overruled(old.get(key, _MISSING), local.get(key, _MISSING), theirs, place)


def difference(one: Any, other: Any, texts: Collection[str] = ()) -> int:
    """Return how many keys have other values in two JSON data; of `texts` counts every character."""
    if _is_same(one, other):
        return 0
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return 1
    return sum(
        text_difference(one[key], other[key])
        if key in texts and _are_texts(one, other, key=key)
        else difference(one.get(key, _MISSING), other.get(key, _MISSING))
        for key in one.keys() | other.keys()
    )


def text_difference(one: str, other: str) -> int:
    """Return how many characters have to be taken out and put in to make one text of the other."""
    return sum(change.stop - change.start + len(change.text) for change in text_changes(one, other))


def _merge_key(base: Any, local: Mapping[str, Any], remote: Mapping[str, Any], key: str) -> Any:
    ours, theirs = local.get(key, _MISSING), remote.get(key, _MISSING)
    if ours is _MISSING or theirs is _MISSING or base is _MISSING:
        return theirs if _is_same(ours, base) else ours
    return merge_data(base, ours, theirs)


def _are_texts(*versions: Mapping[str, Any], key: str) -> bool:
    return all(isinstance(data.get(key), str) for data in versions)


def _is_same(left: Any, right: Any) -> bool:
    return left is right or (left is not _MISSING and right is not _MISSING and wire.is_same(left, right))


def _lines(text: str) -> list[str]:
    """Return the lines, the last one ended too: one that is appended to does not count as changed."""
    return (text if text.endswith("\n") or not text else f"{text}\n").splitlines(keepends=True)


def _merged_end(base: str, local: str, remote: str) -> bool:
    """Tell whether the merged text ends with a line break."""
    old, ours, theirs = (text.endswith("\n") for text in (base, local, remote))
    return ours if ours != old else theirs


def _moved(change: TextChange, others: list[TextChange]) -> list[TextChange]:
    """Return one change of the base as changes of the current text, from the end to the beginning."""
    start = _position(change.start, others)
    pieces = [TextChange(left, right, "") for left, right in _surviving(change.start, change.stop, others)]
    if pieces and pieces[0].start == start:
        first = pieces.pop(0)
        return [*pieces[::-1], TextChange(first.start, first.stop, change.text)]
    insertion = [TextChange(start, start, change.text)] if change.text else []
    return [*pieces[::-1], *insertion]


def _position(position: int, others: list[TextChange]) -> int:
    """Return where a position of the base lies in the current text; behind what was inserted there."""
    shift = 0
    for other in others:
        if position < other.start:
            break
        if position < other.stop:
            return other.start + shift
        shift += len(other.text) - (other.stop - other.start)
    return position + shift


def _surviving(start: int, stop: int, others: list[TextChange]) -> list[tuple[int, int]]:
    """Return the stretches of the current text that come from `base[start:stop]`."""
    found: list[tuple[int, int]] = []
    shift, at = 0, start
    for other in others:
        if other.stop <= start:
            shift += len(other.text) - (other.stop - other.start)
            continue
        if other.start >= stop:
            break
        if other.start > at:
            found.append((at + shift, other.start + shift))
        shift += len(other.text) - (other.stop - other.start)
        at = max(at, other.stop)
    if at < stop:
        found.append((at + shift, stop + shift))
    return found
