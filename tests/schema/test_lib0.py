"""Numbers and strings in bytes: as the library reads them, and with bounds that it has not."""

from __future__ import annotations

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.schema.lib0 import Reader, encoded


@given(st.lists(st.integers(0, 2**53)))
def test_numbers_are_read_as_the_library_reads_them(numbers: list[int]) -> None:
    """One after the other, to the end."""
    raw = b"".join(map(encoded, numbers))
    reader, library = Reader(raw), pycrdt.Decoder(raw)

    assert [reader.number() for _ in numbers] == [library.read_var_uint() for _ in numbers] == numbers
    assert reader.left == 0


@given(st.lists(st.binary(max_size=300)))
def test_strings_are_read_as_the_library_reads_them(strings: list[bytes]) -> None:
    """With their length in front."""
    raw = b"".join(encoded(len(one)) + one for one in strings)
    reader = Reader(raw)

    assert [reader.string() for _ in strings] == list(pycrdt.Decoder(raw).read_messages()) == strings


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\xff" * 11, b"\xff" * 1_000_000])
def test_number_without_an_end_is_refused(raw: bytes) -> None:
    """However much there is of it: the library would read all of it."""
    reader = Reader(raw)

    with pytest.raises(IndexError):
        reader.number()
    assert len(raw) - reader.left <= 11


@pytest.mark.parametrize("raw", [b"\x05abcd", b"\xff\xff\xff\xff\x7fabcd"])
def test_string_that_is_cut_off_is_refused(raw: bytes) -> None:
    """The library returns what there is."""
    with pytest.raises(IndexError):
        Reader(raw).string()
