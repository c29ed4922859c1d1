"""The disk is full: whoever writes is told so, their work is kept where it is, and everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from teaching_nb.client.models.code import CodeModel
from tests.faults.conftest import NewHub
from tests.faults.school import School
from tests.faults.small_disks import LimitedFiles, SmallDisk, may_mount, mounted_disk
from tests.harness.classrooms import SECONDS, Classrooms, opened
from tests.harness.waiting import wait_for, wait_value

LONG = "a line of a long answer\n" * 8_000


@pytest.fixture(params=["files that may not grow", "a disk of its own"])
def a_small_disk(
    request: pytest.FixtureRequest, new_hub: NewHub, a_seeded_school: tuple[Path, School], tmp_path: Path
) -> Iterator[SmallDisk]:
    """Return a hub whose disk can be filled: by a quota, or really."""
    if request.param == "files that may not grow":
        yield LimitedFiles(new_hub())
        return
    if not may_mount():
        pytest.skip("this system lets nobody but root mount a disk")
    with mounted_disk(a_seeded_school[0], tmp_path / "disk") as disk:
        yield disk


def test_full_disk_loses_nothing_and_work_goes_on_when_there_is_space(
    a_small_disk: SmallDisk, a_school: School
) -> None:
    """Writes are refused in words, what was stored can be read, kernels keep their edits and save them afterwards."""
    url, record = a_small_disk.url, f"/api/v1/documents/{a_school.record_id}"
    with Classrooms() as kernels, httpx.Client(base_url=url, headers=a_school.cast.teacher.headers) as rest:
        ada = opened(kernels.start(url, a_school.cast.student1), a_school.text_id, CodeModel)
        ada.code = "before\n"
        ada.wait_saved(SECONDS)
        rest.put(record, json={"data": {"entries": ["before"]}}, timeout=SECONDS).raise_for_status()

        a_small_disk.fill()
        refused = rest.put(record, json={"data": {"entries": [LONG]}}, timeout=SECONDS)
        ada.code = f"before\n{LONG}"
        detail = wait_for(ada, "save_detail", lambda text: "cannot save just now" in text, SECONDS)
        state, kept = ada.save_state, ada.code
        health = rest.get("/api/v1/health", timeout=SECONDS)
        read = rest.get(record, timeout=SECONDS).json()["document"]["data"]
        text = rest.get(f"/api/v1/documents/{a_school.text_id}", timeout=SECONDS)

        a_small_disk.free()
        wait_value(ada, "save_state", "saved", SECONDS)
        again = rest.put(record, json={"data": {"entries": [LONG]}}, timeout=SECONDS)
        stored = rest.get(f"/api/v1/documents/{a_school.text_id}", timeout=SECONDS).json()["document"]["data"]

    assert (refused.status_code, health.status_code, again.status_code) == (503, 200, 204)
    assert text.status_code == 200, "a text that is being edited can be read too"
    assert "try again" in refused.text
    assert (state, kept) == ("offline", f"before\n{LONG}")
    assert "kept" in detail
    assert read == {"entries": ["before"]}
    assert text.json()["document"]["data"] in ({"code": ""}, {"code": "before\n"})
    assert stored == {"code": f"before\n{LONG}"}
