"""The school of the scaling benchmark is one that a hub can serve, and the picture shows what was measured."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import scaling
import scaling_picture
import scaling_school
from scaling_clients import Clients
from scaling_meter import Meter
from scaling_picture import Chart, Line
from scaling_requests import Cost, Documents
from sqlalchemy import Connection, select

from teaching_nb.hub.crdt.document import LiveDoc
from teaching_nb.hub.documents import documents, update_log
from teaching_nb.hub.store import tables
from tests.harness.databases import in_database

_SVG = "{http://www.w3.org/2000/svg}"


def test_meter_counts_what_all_threads_use() -> None:
    """As much as the process itself says, and nothing of the time in which it waits."""

    def work() -> None:
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass

    _, used = Meter(os.getpid()).used_by(work)

    assert 0.045 < used < 0.5


def test_classes_are_filled_one_after_the_other() -> None:
    """A class has forty places of 25 documents; a smaller school has a class with fewer."""
    assert [list(scaling_school.classes_of(number)) for number in (100, 1_000, 2_600)] == [[4], [40], [40, 40, 24]]


def test_live_texts_of_a_school_are_their_authors_own(tmp_path: Path) -> None:
    """Each holds, in its record, its log and its history, what was typed into it, as if its author had."""
    school = scaling_school.build(tmp_path, 150)
    place = school.places("live")[0]

    def look(tx: Connection) -> list[tuple[object, ...]]:
        found = []
        for document_id, author_id in zip(place.document_ids, school.last_class.student_ids, strict=True):
            state, row = update_log.load(tx, document_id), documents.find_row(tx, document_id)
            assert state is not None
            assert row is not None
            of_log = tables.live_updates.c.document_id == document_id
            authors = set(tx.execute(select(tables.live_updates.c.author_id).where(of_log)).scalars())
            text = LiveDoc(state.type_name, state.updates).data()
            found.append((text == row.data, authors == {None, author_id}, len(state.updates), text["code"]))
        return found

    (text, *others) = set(in_database(f"sqlite:///{tmp_path / 'hub.db'}", look))

    assert others == []
    assert text[:3] == (True, True, scaling_school.LETTERS + 1)
    assert len(str(text[3])) == len(scaling_school.CODE) + scaling_school.LETTERS
    assert (school.documents, school.live) == (150, 50)
    assert school.bytes_of["logs"] / school.live > school.merged_bytes > 0
    assert school.places("stored")[0].document_ids[0] != place.document_ids[0]


@pytest.mark.parametrize(
    ("most", "expected"),
    [(0, [0, 1]), (4.4, [0, 1, 2, 3, 4, 5]), (12, [0, 2.5, 5, 7.5, 10, 12.5]), (95, [0, 20, 40, 60, 80, 100])],
)
def test_ticks_are_round_and_reach_the_most(most: float, expected: list[float]) -> None:
    """From 0 on, at most six."""
    assert scaling_picture.ticks(most) == pytest.approx(expected)


def test_decades_hold_everything() -> None:
    """Of a single value there are two all the same."""
    assert scaling_picture.decades(0.4, 38) == pytest.approx([0.1, 1, 10, 100])
    assert scaling_picture.decades(10, 10) == pytest.approx([10, 100])


def test_labels_do_not_lie_upon_each_other() -> None:
    """They keep their order, and stay above the lowest place."""
    found = scaling_picture.apart([50, 10, 51, 52], 14, 60)

    assert found == [32, 10, 46, 60]


def test_picture_shows_every_figure() -> None:
    """A chart with three lines of two sizes: six points within it, the names, the title; nothing else is loaded."""
    lines = [Line(f"line <{number}>", [(100, number), (1_000, 10.0 * number)]) for number in (1, 2, 3)]

    drawn = scaling_picture.picture(
        [Chart("Title", "ms", "documents", lines, is_logarithmic=True)], description='a "b"'
    )

    root = ET.fromstring(drawn)  # noqa: S314 - drawn here
    words = [element.text for element in root.iter(f"{_SVG}text")]
    points = [(float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in root.iter(f"{_SVG}circle")]
    assert root.attrib["aria-label"] == 'a "b"'
    assert {"Title", "ms", "documents", "line <1>", "line <2>", "line <3>", "100", "1,000"} <= {*words}
    assert len(points) == 6
    assert all(0 < x < scaling_picture.WIDTH and 0 < y < scaling_picture.HEIGHT for x, y in points)
    assert points[0][1] > points[1][1]
    assert "prefers-color-scheme: dark" in drawn
    assert not re.findall(r"(?:href|url\(|@import)", drawn)


def test_benchmark_draws_what_it_has_measured() -> None:
    """Each size has its point in each chart; what is drawn of requests is there under that name."""
    crowds = [Clients(size, 1, 50, 0.3, 100, 4, 2, 1e5, 10, 5, 0, is_bound_by_generator=False) for size in (30, 300)]
    costs = [Cost(what, 5, 1.5, 2.0) for what in scaling.DRAWN]
    schools = [
        Documents(size, 5, size * 9_000, size * 900, 900, 54_000, 550, 2_000, 40, 85, costs) for size in (100, 1_000)
    ]

    root = ET.fromstring(scaling.draw(crowds, schools))  # noqa: S314 - drawn here

    assert len(list(root.iter(f"{_SVG}circle"))) == 2 * (4 + len(scaling.DRAWN) + 2)
    assert {*scaling.DRAWN.values()} <= {element.text for element in root.iter(f"{_SVG}text")}
