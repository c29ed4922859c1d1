"""A file tree as its documents make it: folders, files, and what does not fit between them. Pure.

Whatever the documents say, each folder and each file stands in the tree once: one whose folder is gone, or that lies
in a circle, which two people can make at a hub that does not look, stands at the top, and says so.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from teaching_nb.errors import InvalidInput, NotFound
from teaching_nb.schema.records import Document

FOLDER, FILE = "dir", "file"
MOST_CHARACTERS = 100
"""Of a name."""
MOST_BYTES = 200
"""Of a name; file systems count these."""
TEXT_KEYS: Mapping[str, str] = {"code": "code", "string": "text", "script": "code", "pyodide_code": "code"}
"""Document types that are a text, and the key that holds it."""

_NEVER = set('/\\<>:"|?*')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(10))}
"""What Windows takes for devices, whatever ends their names have."""

Oddity = Literal["", "lost", "name", "isOpen", "twice"]
"""What is odd about an entry: its folder is gone, what stands under that key does not fit, or its name is taken."""
UNFIT = frozenset({"name", "isOpen"})
"""Those in which another program has stored what does not fit: such an entry takes no change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A folder or a file of the tree."""

    id: str
    kind: str
    """`dir` or `file`."""
    name: str
    parent: str = ""
    """The folder that it stands in; empty at the top."""
    is_open: bool = False
    author_id: str = ""
    content_id: str = ""
    """The document that holds what is in a file; empty while there is none."""
    content_type: str = ""
    contents: int = 0
    """How many documents say that they are it: more than one is odd, and the oldest counts."""
    oddity: Oddity = ""

    @property
    def is_folder(self) -> bool:
        """Tell whether there may be something in it."""
        return self.kind == FOLDER


class FileTree:
    """All entries below a top folder, folders first, by name."""

    def __init__(self, records: Iterable[Document] = (), top_id: str = "") -> None:
        known = {each.id: each for each in records}
        entries = {each.id: _entry(each) for each in known.values() if _is_entry(each) and each.id != top_id}
        placed = [_placed(entry, known, entries, top_id) for entry in entries.values()]
        contents: defaultdict[str, list[Document]] = defaultdict(list)
        for each in known.values():
            if not _is_entry(each):
                contents[each.parent_id or ""].append(each)
        names = Counter((entry.parent, key_of(entry.name)) for entry in placed)
        whole = (_marked(_filled(entry, contents[entry.id]), names) for entry in placed)
        self.entries: dict[str, Entry] = {entry.id: entry for entry in sorted(whole, key=_order)}
        self._children: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            self._children[entry.parent].append(entry)
        self.top_id = top_id

    def get(self, entry_id: str) -> Entry:
        """Return an entry; raises `NotFound`."""
        found = self.entries.get(entry_id)
        if found is None:
            raise NotFound("it is not there any more: somebody has deleted it, or you may not see it")
        return found

    def children(self, folder_id: str) -> list[Entry]:
        """Return what is directly in a folder; at the top for an empty id."""
        return list(self._children.get(folder_id, ()))

    def below(self, entry_id: str) -> list[Entry]:
        """Return all that is in a folder, however deep: parents before children."""
        found: list[Entry] = []
        for child in self.children(entry_id):
            found += [child, *self.below(child.id)]
        return found

    def path(self, entry_id: str) -> str:
        """Return the names down to an entry, with slashes; empty for the top."""
        names: list[str] = []
        while entry_id:
            entry = self.get(entry_id)
            names.append(entry.name)
            entry_id = entry.parent
        return "/".join(reversed(names))

    def find(self, path: str) -> Entry:
        """Return the entry at a path such as `src/main.py`, or of an id; raises `InvalidInput`, or `NotFound`.

        Of several folders of one name, which several people can make at the same moment, the one counts that holds
        what the path names.
        """
        names, found = names_in(path), [""]
        if path in self.entries:
            return self.entries[path]
        for name in names:
            found = [entry.id for folder_id in found for entry in self.named(name, folder_id)]
        if not names:
            raise InvalidInput("a path names a folder or a file, such as 'src/main.py', not ''")
        if not found:
            raise NotFound(f"there is no {path!r} in this tree")
        if len(found) > 1:
            raise InvalidInput(
                f"there are {len(found)} of the name {path!r}: rename one of them first, by its id in the place of its "
                f"path, such as {found[-1]!r}"
            )
        return self.get(found[0])

    def named(self, name: str, folder_id: str) -> list[Entry]:
        """Return what has a name in a folder; mostly one, or nothing."""
        return [entry for entry in self.children(folder_id) if key_of(entry.name) == key_of(name)]

    def local_path(self, entry_id: str) -> str:
        """Return the path of an entry, for a folder of a computer; raises `InvalidInput` where that cannot be."""
        at = entry_id
        while at:
            entry = self.get(at)
            if checked_name(entry.name) != entry.name:
                raise InvalidInput(f"“{entry.name}” cannot be a name: it has blanks around it, or is written oddly")
            if entry.oddity == "twice":
                raise InvalidInput(f"there are several of the name “{entry.name}” in one folder: rename one of them")
            at = entry.parent
        return self.path(entry_id)

    def check_free(self, name: str, folder_id: str, *, but: str = "") -> None:
        """Raise `InvalidInput` when something beside it has that name already; `but` is the entry that gets it."""
        if any(entry.id != but for entry in self.named(name, folder_id)):
            where = f"in “{self.path(folder_id)}”" if folder_id else "at the top"
            raise InvalidInput(f"there is something called “{name}” {where} already")

    def check_move(self, entry_id: str, folder_id: str) -> None:
        """Raise `InvalidInput` when an entry cannot be put into a folder; an empty id is the top."""
        entry = self.get(entry_id)
        if folder_id and not self.get(folder_id).is_folder:
            raise InvalidInput(f"“{self.get(folder_id).name}” is a file: only a folder holds others")
        if folder_id == entry_id or any(each.id == folder_id for each in self.below(entry_id)):
            raise InvalidInput(f"“{entry.name}” cannot be moved into itself or a folder in it")
        self.check_free(entry.name, folder_id, but=entry_id)

    def as_text(self) -> str:
        """Return the tree in words, one entry a line."""
        return "\n".join(self._lines("", 0)) or "(no files yet)"

    def _lines(self, folder_id: str, depth: int) -> list[str]:
        lines: list[str] = []
        for entry in self.children(folder_id):
            lines += [f"{'  ' * depth}{entry.name}{'/' if entry.is_folder else ''}", *self._lines(entry.id, depth + 1)]
        return lines


def checked_name(name: Any) -> str:
    """Return a name that a folder or a file may have everywhere; raises `InvalidInput` with what is wrong with it."""
    if not isinstance(name, str):
        raise InvalidInput(f"a name is a text, not {name!r:.60}")
    name = unicodedata.normalize("NFC", name.strip())
    problem = _problem(name)
    if problem:
        raise InvalidInput(f"“{name:.60}” cannot be a name: {problem}")
    return name


def names_in(path: Any) -> list[str]:
    """Return the names in a path such as `src/main.py`; an empty path is the top. Raises `InvalidInput`."""
    if not isinstance(path, str):
        raise InvalidInput(f"a path is a text such as 'src/main.py', not {path!r:.60}")
    if not path:
        return []
    names = path.removesuffix("/").split("/")
    if any(name in {"", ".", ".."} for name in names):
        raise InvalidInput(f"a path has names with one slash between them, such as 'src/main.py', not {path!r:.60}")
    return names


def key_of(name: str) -> str:
    """Return what is the same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _problem(name: str) -> str:
    if not name:
        return "it is empty"
    if len(name) > MOST_CHARACTERS:
        return f"it has {len(name)} characters, and there may be {MOST_CHARACTERS}"
    odd = sorted({sign for sign in name if sign in _NEVER or not sign.isprintable()})
    if odd:
        return f"{odd[0]!r} has a meaning of its own in paths" if odd[0] in _NEVER else "it has signs that are not seen"
    if (size := len(name.encode())) > MOST_BYTES:
        return f"it takes {size} bytes, and there may be {MOST_BYTES}"
    if name.startswith("."):
        return "it begins with a dot, and programs act on such files without being asked"
    if name.endswith("."):
        return "it ends with a dot, which some computers drop"
    if key_of(name).split(".")[0].strip() in _RESERVED:
        return "Windows takes it for a device"
    return ""


def _is_entry(record: Document) -> bool:
    return record.type in {FOLDER, FILE}


def _entry(record: Document) -> Entry:
    data: dict[str, Any] = record.data if isinstance(record.data, dict) else {}
    name = data.get("name")
    is_named = isinstance(name, str) and bool(name.strip())
    return Entry(
        id=record.id,
        kind=record.type,
        name=str(name) if is_named else f"unnamed-{record.id[:8]}",
        is_open=data.get("isOpen") is True,
        author_id=record.author_id,
        oddity="name" if not is_named else "" if isinstance(data.get("isOpen", False), bool) else "isOpen",
    )


def _placed(entry: Entry, known: Mapping[str, Document], entries: Mapping[str, Entry], top_id: str) -> Entry:
    """Return an entry with its folder, at the top where that is none."""
    parent = known[entry.id].parent_id or ""
    if parent in {"", top_id}:
        return entry
    folder = entries.get(parent)
    if folder is None or not folder.is_folder or _is_in_circle(entry.id, known):
        return replace(entry, oddity="lost")
    return replace(entry, parent=parent)


def _is_in_circle(entry_id: str, known: Mapping[str, Document]) -> bool:
    """Tell whether the way up from an entry leads back to it."""
    seen: set[str] = set()
    at: str | None = known[entry_id].parent_id
    while at is not None and at in known and at not in seen:
        if at == entry_id:
            return True
        seen.add(at)
        at = known[at].parent_id
    return False


def _filled(entry: Entry, inside: list[Document]) -> Entry:
    """Return a file with the document that holds what is in it: of several the oldest."""
    if entry.is_folder or not inside:
        return entry
    oldest = min(inside, key=lambda each: (each.created_at, each.id))
    return replace(entry, content_id=oldest.id, content_type=oldest.type, contents=len(inside))


def _marked(entry: Entry, names: Counter[tuple[str, str]]) -> Entry:
    is_twice = not entry.oddity and names[entry.parent, key_of(entry.name)] > 1
    return replace(entry, oddity="twice") if is_twice else entry


def _order(entry: Entry) -> tuple[bool, str, str]:
    return (not entry.is_folder, key_of(entry.name), entry.id)
