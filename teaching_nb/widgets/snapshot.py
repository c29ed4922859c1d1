"""A document as it was when it was shown, for whatever has no page of ours: exports, terminals, files. Pure.

It becomes a part of the notebook's file. What a person has written is shown as it is, and never taken for markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_MARKUP = re.compile(r"[^\w\s.,:;/%@?=-]|_")
"""What could mean something in Markdown, HTML or mathematics."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What could mean something to a terminal, line feeds and tabs excepted."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a document held at a time."""

    title: str
    text: str
    at: datetime
    language: str = "text"
    """Of the text, as highlighters call it."""

    def bundle(self) -> dict[str, str]:
        """Return it in the formats that exports and terminals choose from."""
        return {"text/plain": self.plain(), "text/markdown": self.markdown()}

    def plain(self) -> str:
        """Return it for a terminal."""
        return f"{self._heading(_one_line(self.title))}\n\n{_shown(self.text)}"

    def markdown(self) -> str:
        """Return it as Markdown: the text in a fence, which no renderer takes for markup."""
        fence = _marks_around(self.text, 3)
        title = _bold(_one_line(self.title)) if self.title.strip() else ""
        return f"{self._heading(title)}\n\n{fence}{self.language}\n{_shown(self.text)}\n{fence}"

    def _heading(self, title: str) -> str:
        when = f"as of {self.at:%Y-%m-%d %H:%M} {self.at.tzname()}".rstrip()
        return f"{title} ({when})" if title else f"({when})"


def invitation(title: str, words: str) -> dict[str, str]:
    """Return what stands for something of which the file holds nothing: its name, and what to do to see it."""
    name = _one_line(title)
    return {"text/plain": f"{name}: {words}", "text/markdown": f"{_bold(name)}: {words}" if name else words}


def _one_line(text: str) -> str:
    return _shown(" ".join(text.split()))


def _shown(text: str) -> str:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _bold(text: str) -> str:
    """Return text whose marks are references to characters, which all renderers show and none takes for markup."""
    if "$" in text or "\\" in text:
        # A page looks for mathematics after all references are gone, but not in code.
        marks = _marks_around(text, 1)
        return f"{marks} {text} {marks}"
    return f"**{_MARKUP.sub(lambda found: f'&#{ord(found[0])};', text)}**"


def _marks_around(text: str, least: int) -> str:
    """Return more backticks than stand in a row anywhere in a text."""
    return "`" * max(least, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
