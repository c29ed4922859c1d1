"""Draws figures as small line charts in one SVG, which is readable on light and on dark pages. No I/O, no library.

Every chart has a logarithmic axis of sizes; lines are named at their ends, in the colour of the text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 440, 300
"""Of one chart, in pixels."""
_LEFT, _TOP, _BOTTOM = 52, 52, 46
_COLOURS = ("#3b82c4", "#d9822b", "#2f9e6e", "#c2528b", "#8a6fd1", "#8c8c3a", "#7a8793", "#c95454")
"""Of middle lightness, so that they stand out from white and from black."""
_LABEL_PIXELS = 14
_STYLE = """
text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; } .quiet { fill: #59636e; }
.page { fill: #ffffff; } .grid { stroke: #d1d9e0; } .axis { stroke: #59636e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .quiet { fill: #9aa4af; }
  .page { fill: #0d1117; } .grid { stroke: #30363d; } .axis { stroke: #9aa4af; }
}
"""


@dataclass(frozen=True)
class Line:
    """One line of a chart."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """One chart; sizes along, what they cost upwards."""

    title: str
    unit: str
    """What is shown, in which unit."""
    along: str
    """What the sizes are of."""
    lines: Sequence[Line] = field(default_factory=tuple)
    is_logarithmic: bool = False
    """Upwards; otherwise the axis begins at 0."""
    right: int = 24
    """Pixels for the names of the lines."""


def picture(charts: Sequence[Chart], *, description: str, columns: int = 2) -> str:
    """Return an SVG of charts side by side and below each other."""
    rows = -(-len(charts) // columns)
    drawn = [
        f'<g transform="translate({index % columns * WIDTH},{index // columns * HEIGHT})">{_chart(chart)}</g>'
        for index, chart in enumerate(charts)
    ]
    width, height = WIDTH * columns, HEIGHT * rows
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(description, {chr(34): "&quot;"})}">'
    )
    page = f'<rect class="page" width="{width}" height="{height}"/>'
    return "\n".join([head, f"<style>{_STYLE}</style>", page, *drawn, "</svg>", ""])


def ticks(most: float) -> list[float]:
    """Return three to six round values from 0 to at least `most`."""
    if most <= 0:
        return [0.0, 1.0]
    power = 10 ** math.floor(math.log10(most))
    step = next(power * part for part in (0.2, 0.25, 0.5, 1.0, 2.0) if most / (power * part) <= 5)
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]


def decades(least: float, most: float) -> list[float]:
    """Return the powers of ten around what is shown."""
    first, last = math.floor(math.log10(least) + 1e-9), math.ceil(math.log10(most) - 1e-9)
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def apart(places: Sequence[float], distance: float, most: float) -> list[float]:
    """Return places for labels, near the wanted ones and in their order, none closer to another than `distance`."""
    order = sorted(range(len(places)), key=places.__getitem__)
    found = [0.0] * len(places)
    before = -math.inf
    for index in order:
        before = found[index] = max(places[index], before + distance)
    limit = most
    for index in reversed(order):
        limit = found[index] = min(found[index], limit)
        limit -= distance
    return found


def number(value: float) -> str:
    """Return a value as an axis names it."""
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:g}"


def _chart(chart: Chart) -> str:
    along = sorted({x for line in chart.lines for x, _ in line.points})
    upwards = [y for line in chart.lines for _, y in line.points]
    marks = decades(min(upwards), max(upwards)) if chart.is_logarithmic else ticks(max(upwards))
    right, bottom = WIDTH - chart.right, HEIGHT - _BOTTOM

    def place_along(x: float) -> float:
        return _LEFT + (right - _LEFT) * math.log(x / along[0]) / (math.log(along[-1] / along[0]) or 1.0)

    def place_upwards(y: float) -> float:
        low, high = marks[0], marks[-1]
        is_logarithmic = chart.is_logarithmic
        part = math.log(y / low) / math.log(high / low) if is_logarithmic else (y - low) / (high - low)
        return bottom - (bottom - _TOP) * part

    parts = [_text(12, 22, chart.title, "title"), _text(12, 40, chart.unit, "quiet")]
    for mark in marks:
        y = place_upwards(mark)
        kind = "axis" if mark == marks[0] else "grid"
        parts.append(f'<line class="{kind}" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT - 6, y + 4, number(mark), "quiet", "end"))
    parts += [_text(place_along(x), bottom + 17, number(x), "quiet", "middle") for x in along]
    parts.append(_text((_LEFT + right) / 2, bottom + 35, chart.along, "quiet", "middle"))
    ends = apart([place_upwards(line.points[-1][1]) for line in chart.lines], _LABEL_PIXELS, bottom - 2)
    for line, colour, end in zip(chart.lines, _COLOURS, ends, strict=False):
        places = [(place_along(x), place_upwards(y)) for x, y in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        if line.name:
            last_x, last_y = places[-1]
            ends_at = f"{last_x + 14:.1f},{end:.1f}"
            parts.append(f'<polyline points="{last_x:.1f},{last_y:.1f} {ends_at}" fill="none" stroke="{colour}"/>')
            parts.append(_text(last_x + 18, end + 4, line.name))
    return "".join(parts)


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named} text-anchor="{anchor}">{escape(words)}</text>'
