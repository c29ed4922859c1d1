"""A lesson in figures: for people, and for programs."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

from teaching_nb.simulator.figures import summary
from teaching_nb.simulator.lesson import Plan, Result
from teaching_nb.simulator.people import Lesson

ROWS = {
    "seen": "a letter typed → on another page",
    "acknowledged": "a letter typed → stored, and told so",
    "opened": "opening everything, all at once",
    "returned": "coming back after an interruption",
}


def as_data(lesson: Lesson, plan: Plan, result: Result) -> dict[str, Any]:
    """Return what `--json` writes; times in milliseconds."""
    figures = result.figures
    pages = max(1, len(figures.opened))
    return {
        "about": {
            "python": platform.python_version(),
            "machine": f"{platform.machine()}, {os.cpu_count()} processors",
            "packages": {name: version(name) for name in ("teaching-nb", "python-socketio", "pycrdt", "uvicorn")},
            "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        },
        "students": len(lesson.students),
        "seconds": plan.seconds,
        "chaos": sorted(plan.troubles),
        "seed": plan.seed,
        "milliseconds": {name: summary(getattr(figures, name)) for name in ROWS},
        "join": {
            "seconds": round(result.joined, 3),
            "presence_messages_each": round(result.presence / pages, 2),
        },
        "done": dict(sorted(figures.done.items())),
        "mistakes": result.mistakes,
    }


def as_text(data: dict[str, Any]) -> str:
    """Return the same for a terminal."""
    lines = [f"{'milliseconds':<38}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}{'times':>9}"]
    for name, words in ROWS.items():
        row = data["milliseconds"][name]
        values = "".join(f"{_shown(row[key]):>9}" for key in ("p50", "p95", "p99", "max"))
        lines.append(f"{words:<38}{values}{row['count']:>9}")
    join = data["join"]
    each = join["presence_messages_each"]
    lines += [
        "",
        f"All {data['students']} were there after {join['seconds']:.2f} s; each got {each} messages about who is here.",
        "Done: " + ", ".join(f"{count} {what}" for what, count in data["done"].items()) + ".",
        f"Seed {data['seed']}; load average {_shown(data['about']['load_average'])}, {data['about']['machine']}.",
    ]
    return "\n".join(lines)


def verdict(data: dict[str, Any], *, most: int = 20) -> str:
    """Return what the oracle says."""
    mistakes: list[str] = data["mistakes"]
    if not mistakes:
        return "Nothing is lost, doubled or seen by somebody who may not see it; all pages show what the hub has."
    more = [f"… and {len(mistakes) - most} more"] if len(mistakes) > most else []
    return "\n".join([f"{len(mistakes)} things are not as they must be:", *mistakes[:most], *more])


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
