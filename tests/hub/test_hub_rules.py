"""The table of hub rules in the documentation: complete, and about code and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]

ROWS = {
    row[1]: row[0]
    for row in re.finditer(r"^\| (HUB-\d+) \|.*$", (PROJECT / "docs" / "hub-rules.md").read_text(), re.MULTILINE)
}


def test_every_rule_has_a_row() -> None:
    """HUB-1 to HUB-27, in order."""
    assert list(ROWS) == [f"HUB-{number}" for number in range(1, 28)]


def test_rules_are_proven_by_tests_that_exist() -> None:
    """Each row names tests, and each of these is a function of the file that is named."""
    for rule, row in ROWS.items():
        named = re.findall(r"`([\w/]+/test_\w+\.py)::(test_\w+)`", row)
        assert named, rule
        for file, test in named:
            text = (PROJECT / "tests" / file).read_text()
            assert re.search(rf"^(async )?def {test}\(", text, re.MULTILINE), (rule, file, test)


def test_rules_are_done_in_code_that_exists() -> None:
    """Each row names files of the hub, and what stands in brackets behind one occurs in it."""
    hub = PROJECT / "teaching_nb" / "hub"
    for rule, row in ROWS.items():
        where = row.split(" | ")[2]
        places = re.findall(r"`([\w./]+(?:\.py|/))`(?: \(`(\w+)`\))?", where)
        assert places, rule
        for place, word in places:
            assert (hub / place).exists(), (rule, place)
            assert not word or word in (hub / place).read_text(), (rule, place, word)
