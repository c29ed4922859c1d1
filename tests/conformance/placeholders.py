"""Placeholders of recordings: what they stand for, in requests and in answers.

A placeholder is bound when it is seeded or first met in an answer; afterwards it is the same value
everywhere, and no other placeholder of its kind may have that value.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"<[^<>]+>")
_WHOLE = re.compile(r"<[^<>]+>\Z")
_VARIANT = re.compile(r"<(?P<name>[^<>,]+), (?P<how>in upper case|without dashes)>")
_LONG = re.compile(r"<string of (?P<length>\d+) characters>")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_KINDS = frozenset(
    {"user", "group", "root", "doc", "userPermission", "groupPermission", "allowedAction", "cms", "session", "uuid"}
)
_ANYTHING = frozenset({"<ip>", "<host>", "<database>"})

UNORDERED = frozenset({"userIds", "adminIds", "userPermissions", "groupPermissions", "documents", "authProviders", "$"})
"""Lists whose order follows the database; `$` is an answer that is a list."""

MISSING = "(missing)"


@dataclass(frozen=True)
class Mismatch:
    """One place where an answer is not what was recorded."""

    path: str
    expected: Any
    got: Any


@dataclass
class Bindings:
    """What the placeholders of one scenario stand for."""

    values: dict[str, str] = field(default_factory=dict)

    def bind(self, name: str, value: str) -> None:
        """Let a placeholder stand for a value."""
        self.values[name] = value

    def known(self, name: str) -> str | None:
        """Return the value of a placeholder, also of one that is written differently."""
        variant = _VARIANT.fullmatch(name)
        if variant is None:
            return self.values.get(name)
        value = self.values.get(f"<{variant['name']}>")
        if value is None:
            return None
        return value.upper() if variant["how"] == "in upper case" else value.replace("-", "")

    def fill(self, template: Any) -> Any:
        """Return a request with values in the places of its placeholders."""
        if isinstance(template, dict):
            return {self.fill(key): self.fill(value) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        if not isinstance(template, str):
            return template
        long = _LONG.fullmatch(template)
        if long is not None:
            return "x" * int(long["length"])
        return _TOKEN.sub(lambda found: self.known(found[0]) or self._invented(found[0]), template)

    def _invented(self, name: str) -> str:
        """Return a value for an id that a client chose, or that nobody has."""
        kind = name.strip("<>").split(":")[0]
        if name == "<unknown-uuid>" or (kind in _UUID_KINDS and ":" in name):
            self.values[name] = str(uuid.uuid4())
            return self.values[name]
        if name.startswith("<ts"):
            return "2020-01-01T00:00:00.000Z"
        return name

    def compare(self, template: Any, actual: Any, path: str = "$") -> list[Mismatch]:
        """Return where `actual` differs from a recorded value; binds placeholders that are met first here."""
        if isinstance(template, dict) and isinstance(actual, dict):
            return list(self._compare_objects(template, actual, path))
        if isinstance(template, list) and isinstance(actual, list):
            if path.rsplit(".", 1)[-1] in UNORDERED:
                return self._compare_unordered(template, actual, path)
            return list(self._compare_lists(template, actual, path))
        if isinstance(template, str) and isinstance(actual, str) and self._fits(template, actual):
            return []
        # A boolean is no number, but 1 and 1.0 are the same JSON number.
        if template == actual and isinstance(template, bool) == isinstance(actual, bool):
            return []
        return [Mismatch(path, template, actual)]

    def _compare_objects(self, template: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[Mismatch]:
        for key, value in template.items():
            if key in actual:
                yield from self.compare(value, actual[key], f"{path}.{key}")
            else:
                yield Mismatch(f"{path}.{key}", value, MISSING)
        for key in actual.keys() - template.keys():
            yield Mismatch(f"{path}.{key}", MISSING, actual[key])

    def _compare_lists(self, template: list[Any], actual: list[Any], path: str) -> Iterator[Mismatch]:
        for index, (expected, got) in enumerate(zip(template, actual, strict=False)):
            yield from self.compare(expected, got, f"{path}[{index}]")
        for expected in template[len(actual) :]:
            yield Mismatch(f"{path}[]", expected, MISSING)
        for got in actual[len(template) :]:
            yield Mismatch(f"{path}[]", MISSING, got)

    def _compare_unordered(self, template: list[Any], actual: list[Any], path: str) -> list[Mismatch]:
        rest, found = list(actual), []
        unmatched = [expected for expected in template if not self._take(expected, rest, path)]
        while unmatched and rest:
            expected, got = self._closest(unmatched, rest, path)
            unmatched.remove(expected)
            rest.remove(got)
            found += self.compare(expected, got, f"{path}[]")
        found += [Mismatch(f"{path}[]", expected, MISSING) for expected in unmatched]
        return found + [Mismatch(f"{path}[]", MISSING, got) for got in rest]

    def _take(self, expected: Any, rest: list[Any], path: str) -> bool:
        for index, got in enumerate(rest):
            attempt = copy.copy(self)
            attempt.values = dict(self.values)
            if not attempt.compare(expected, got, f"{path}[]"):
                self.values = attempt.values
                del rest[index]
                return True
        return False

    def _closest(self, unmatched: list[Any], rest: list[Any], path: str) -> tuple[Any, Any]:
        pairs = ((expected, got) for expected in unmatched for got in rest)
        return min(pairs, key=lambda pair: self.distance(pair[0], pair[1], path))

    def distance(self, template: Any, actual: Any, path: str = "$") -> int:
        """Return how different two values are, without binding anything; another id counts most."""
        attempt = Bindings(dict(self.values))
        return sum(100 if mismatch.path.endswith(".id") else 1 for mismatch in attempt.compare(template, actual, path))

    def _fits(self, template: str, actual: str) -> bool:
        if template == actual or template in _ANYTHING:
            return True
        if template in {"<ts>", "<ts-no-zone>"}:
            return _TIME.fullmatch(actual) is not None
        long = _LONG.fullmatch(template)
        if long is not None:
            return len(actual) == int(long["length"])
        if _WHOLE.match(template):
            return self._fits_placeholder(template, actual)
        return bool(_TOKEN.search(template)) and self._fits_pattern(template, actual)

    def _fits_placeholder(self, name: str, actual: str) -> bool:
        known = self.known(name)
        if known is not None:
            return known == actual
        kind = name.strip("<>").split(":")[0]
        if ":" not in name or (kind in _UUID_KINDS and not _UUID.fullmatch(actual)):
            return False
        # `<uuid:1>` and `<uuid:2>` may be the same: those ids have no kind by which they were told apart.
        if kind != "uuid" and self.name_of(actual, kind):
            return False
        self.values[name] = actual
        return True

    def _fits_pattern(self, template: str, actual: str) -> bool:
        names = _TOKEN.findall(template)
        pattern = "".join(
            "(.+?)" if _TOKEN.fullmatch(part) and self.known(part) is None else re.escape(self.known(part) or part)
            for part in re.split(r"(<[^<>]+>)", template)
        )
        match = re.fullmatch(pattern, actual, re.DOTALL)
        if match is None:
            return False
        unknown = (name for name in names if self.known(name) is None)
        return all(self._fits(name, value) for name, value in zip(unknown, match.groups(), strict=True))

    def name_of(self, value: str, kind: str | None = None) -> str | None:
        """Return the placeholder that stands for a value."""
        for name, known in self.values.items():
            if known == value and (kind is None or name.startswith(f"<{kind}:")):
                return name
        return None

    def blank(self, value: Any) -> Any:
        """Return a value with placeholders in the places of what they stand for, to be read by people."""
        if isinstance(value, dict):
            return {self.blank(key): self.blank(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.blank(entry) for entry in value]
        if not isinstance(value, str):
            return value
        if _TIME.fullmatch(value):
            return "<ts>"
        if len(value) > 2_000:
            return f"<string of {len(value)} characters>"
        return self.name_of(value) or _UUID.sub(lambda found: self.name_of(found[0]) or found[0], value)


def unused(names: Iterable[str], bindings: Bindings) -> list[str]:
    """Return the placeholders that stand for nothing yet."""
    return [name for name in names if bindings.known(name) is None]
