"""Reading Yjs state vectors."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest

from teaching_nb.client.sync.state_vector import lacks, read_state_vector


def a_doc(client_id: int, text: str) -> pycrdt.Doc[Any]:
    """Return a document with a text of one author."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
    doc.get("data", type=pycrdt.Text).insert(0, text)
    return doc


def test_state_vector_is_read_as_yjs_writes_it() -> None:
    """Clients with large ids and their clocks are found."""
    doc = a_doc(2**40 + 5, "abc" * 100)

    assert read_state_vector(doc.get_state()) == {2**40 + 5: 300}


def test_empty_state_vectors_know_nothing() -> None:
    """No bytes, and the vector of an empty document, are the same."""
    assert read_state_vector(b"") == read_state_vector(b"\x00") == {}


def test_lacks_tells_who_is_behind() -> None:
    """Somebody who has not seen an edit lacks it, not the other way round."""
    doc = a_doc(7, "a")
    before = doc.get_state()
    doc.get("data", type=pycrdt.Text).insert(1, "b")

    assert lacks(before, doc.get_state())
    assert not lacks(doc.get_state(), before)


@pytest.mark.parametrize("raw", [b"\x01", b"\x01\x80", b"\xff\xff"])
def test_state_vector_that_is_cut_off_is_refused(raw: bytes) -> None:
    """Rubbish raises a ValueError."""
    with pytest.raises(ValueError, match="cut off"):
        read_state_vector(raw)
