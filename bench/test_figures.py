"""The figures that the tables show."""

from __future__ import annotations

import figures
import pytest


def test_percentile_is_the_nearest_rank() -> None:
    """Of thirty values the 29th is the 95th percentile, of one value it is that one."""
    assert figures.percentile([float(value) for value in range(1, 31)], 95) == 29
    assert figures.percentile([7.0], 95) == 7


def test_hops_add_up_to_the_whole() -> None:
    """Splitting the stations of a sample loses no time."""
    hops = figures.split([100.0, 103.0, 103.5, 110.0])

    assert hops == [3.0, 0.5, 6.5]
    assert sum(hops) == 10


def test_shares_add_up_to_one() -> None:
    """A hop's share is its median's part of the sum of all medians."""
    shares = figures.shares([[1.0, 3.0], [3.0, 9.0], [2.0, 6.0]])

    assert [share["share"] for share in shares] == [0.25, 0.75]


def test_paths_table_compares_with_the_last_row() -> None:
    """The ratio is that of the medians, and lost keystrokes are shown."""
    text = figures.paths_table({"ours": [20.0, 30.0, 40.0], "peer": [10.0, 15.0, 99.0]}, lost={"ours": 1, "peer": 0})

    ours, peer = (line.split("|")[1:-1] for line in text.splitlines()[2:])
    assert [cell.strip() for cell in ours] == ["ours", "3", "1", "30.0", "40.0", "40.0", "2.00"]
    assert peer[-1].strip() == "1.00"


@pytest.mark.parametrize("rows", [[["a", "1"]], [["longer name", "1234567"]]])
def test_table_lines_are_equally_long(rows: list[list[str]]) -> None:
    """Columns are padded to their widest cell."""
    lines = figures.table(["name", "n"], rows).splitlines()

    assert len({len(line) for line in lines}) == 1
