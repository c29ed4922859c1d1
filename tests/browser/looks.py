"""How a widget looks: contrast of its texts by WCAG, and whether its colours are the theme's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

_SCRIPT = (Path(__file__).parent / "looks.js").read_text()


Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class ShownText:
    """A piece of text with the colours that it is drawn in."""

    text: str
    css: str
    """The colour as the browser writes it."""
    colour: Rgb
    background: Rgb

    @property
    def contrast(self) -> float:
        """Return the contrast ratio, 1 to 21."""
        lighter, darker = sorted((_luminance(self.colour), _luminance(self.background)), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)

    def __str__(self) -> str:
        return f"{self.contrast:.2f} {self.text!r} {self.colour} on {self.background}"


def shown_texts(node: Locator) -> list[ShownText]:
    """Return the visible texts below a node."""
    node.page.evaluate(_SCRIPT)
    return [ShownText(**found) for found in node.evaluate("node => teachingLooks.texts(node)")]


def texts_below(cover: Locator, node: Locator) -> list[str]:
    """Return the texts of a node that another element covers."""
    cover.page.evaluate(_SCRIPT)
    pair = [cover.element_handle(), node.element_handle()]
    return list(cover.page.evaluate("([cover, node]) => teachingLooks.coveredBy(cover, node)", pair))


def theme_colours(page: Page) -> set[str]:
    """Return the colours that JupyterLab's theme defines."""
    page.evaluate(_SCRIPT)
    return set(page.evaluate("() => teachingLooks.themeColours()"))


def _luminance(colour: Rgb) -> float:
    channels = (part / 255 for part in colour)
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
