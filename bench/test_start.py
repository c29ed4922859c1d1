"""The benchmark of a kernel's start."""

from __future__ import annotations

import start


def test_every_way_is_measured_in_a_process_of_its_own() -> None:
    """A way that does not run any more fails here, and not first when somebody wants figures."""
    found = start.measure(1)

    assert list(found) == list(start.WAYS)
    assert all(values[0] > 0 for values in found.values())


def test_ratios_are_to_the_second_row() -> None:
    """What we need is told in terms of what our libraries need."""
    ours, libraries, other = start.WAYS

    lines = start.report({ours: [30.0, 10.0, 20.0], libraries: [10.0, 10.0], other: [5.0]}).splitlines()

    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["2.00", "1.00", "0.50"]
