"""Merging data with a text that stands in two forms: neither side's words end up in what is made of both."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from teaching_nb.client.sync.text_merging import Merged, TextMerging
from teaching_nb.schema.delta import from_markdown
from teaching_nb.schema.documents import with_form, with_text
from teaching_nb.schema.wire import is_same

Data = dict[str, Any]

WORDS = st.lists(st.sampled_from(["one", "**two**", "three\n", "*four*\n"]), max_size=4).map(" ".join)
FOREIGN = st.sampled_from("rgb").map(
    lambda colour: [{"insert": "x", "attributes": {"color": colour}}, {"insert": "\n"}]
)
BESIDE = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2)


def _data(*kinds: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    """Return data of some of these kinds, with what stands beside the text."""
    return st.builds(lambda text, beside: {**beside, **text}, st.one_of(*kinds), BESIDE)


def _of_form(form: Data) -> Data:
    """Return data as another program stores them, as `StoredText` has them."""
    data: Data = with_text("quill_v2", {"delta": form})
    return data


OF_OTHERS = FOREIGN.map(lambda ops: _of_form({"ops": ops}))
"""A Delta that no Markdown says."""
DATA = _data(
    WORDS.map(lambda text: with_form("quill_v2", {"markdown": text})),
    WORDS.map(lambda text: _of_form(from_markdown(text))),
    OF_OTHERS,
)


def merged(base: Data, local: Data, remote: Data) -> Merged:
    """Merge, and make of it what is stored."""
    found = TextMerging("quill_v2", "markdown").merge(base, local, remote)
    return Merged(with_form("quill_v2", found.data), found.is_apart, found.given_up)


def foreign(data: Data) -> Any:
    """Return a Delta that no Markdown says; None where there is none."""
    return data["delta"] if "color" in str(data["delta"]) else None


@given(base=DATA, other=DATA)
def test_whoever_has_changed_nothing_gives_way(base: Data, other: Data) -> None:
    """To the last operation of the Delta, without a word of it."""
    assert merged(base, base, other) == Merged(other)
    assert is_same(merged(base, other, base).data, other)
    assert not merged(base, other, base).given_up


@given(base=DATA, local=DATA, remote=DATA)
def test_text_and_form_are_of_one_side(base: Data, local: Data, remote: Data) -> None:
    """What is stored says one thing in both forms, and one that no text says stands there alone."""
    data = merged(base, local, remote).data

    assert is_same(data, with_form("quill_v2", with_text("quill_v2", data)))


@given(base=DATA, local=DATA, remote=_data(OF_OTHERS))
def test_nothing_is_lost_without_a_word(base: Data, local: Data, remote: Data) -> None:
    """A Delta of theirs is kept, or named; a text of ours that is not merged is told to be apart."""
    assume(foreign(remote) != foreign(base))
    found = merged(base, local, remote)

    if found.data["delta"] != remote["delta"]:
        assert "delta" in {path.partition(".")[0] for path, _ in found.given_up}
        assert foreign(local) is not None
    elif not is_same(with_form("quill_v2", local)["delta"], with_form("quill_v2", base)["delta"]):
        assert found.is_apart or foreign(local) == foreign(remote)


def test_lines_of_both_are_merged() -> None:
    """The website's in its form, ours in Markdown."""
    base, local = ({"markdown": text} for text in ("one\n\ntwo", "one\n\n**two**"))
    remote = with_text("quill_v2", {"delta": from_markdown("*one*\n\ntwo")})

    found = merged(with_form("quill_v2", base), with_form("quill_v2", local), remote)

    assert found == Merged({"markdown": "*one*\n\n**two**", "delta": from_markdown("*one*\n\n**two**")})
