"""The access algebra against the protocol's tables."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.schema.access import (
    ACCESS_VALUES,
    Access,
    as_group,
    as_root,
    as_user,
    effective_access,
    highest,
    is_access,
    is_readable,
    is_writable,
    kind,
    own_permission,
    rank,
)
from tests.harness.worked_examples import EXAMPLES, Example

accesses = st.sampled_from(ACCESS_VALUES)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_effective_access_follows_the_worked_example(example: Example) -> None:
    """Own permission, effective access and the right to create are those of the protocol's strict column."""
    own = own_permission(
        as_root(f"{example.access}_DocumentRoot"),
        [as_group(f"{example.group}_StudentGroup")] if example.group else [],  # type: ignore[arg-type]  # a literal
        [as_user(f"{example.user}_User")] if example.user else [],  # type: ignore[arg-type]  # a literal
    )
    shared = as_root(f"{example.shared}_DocumentRoot")

    effective = effective_access(own, shared, is_own=example.caller == "author")

    assert effective == example.effective
    assert is_writable(own) is (example.create_status == 200)


@pytest.mark.parametrize(
    ("groups", "users", "expected"),
    [
        (["RW_StudentGroup", "None_StudentGroup"], [], "None_StudentGroup"),
        (["RO_StudentGroup", "RW_StudentGroup"], [], "RW_StudentGroup"),
        ([], ["RO_User", "RW_User"], "RW_User"),
        ([], [], "RW_DocumentRoot"),
    ],
    ids=["a group that denies", "a group that may write", "two of one user", "no permission"],
)
def test_own_permission_takes_the_highest_rank(groups: list[Access], users: list[Access], expected: Access) -> None:
    """Of several permissions of one tier a denial wins, then writing."""
    assert own_permission("RW_DocumentRoot", groups, users) == expected


def test_rank_orders_tiers_before_kinds() -> None:
    """The nine words have the ranks 0 to 8 of the table."""
    assert [rank(access) for access in ACCESS_VALUES] == list(range(9))
    assert ACCESS_VALUES[5] == "None_StudentGroup"


def test_highest_of_nothing_is_reading() -> None:
    """The empty set counts as RO of the root."""
    assert highest([]) == "RO_DocumentRoot"


def test_highest_is_limited_by_the_cap() -> None:
    """A cap of a lower rank replaces the highest value."""
    assert highest(["RW_User"], cap="RO_DocumentRoot") == "RO_DocumentRoot"
    assert highest(["RO_DocumentRoot"], cap="RW_User") == "RO_DocumentRoot"


@pytest.mark.parametrize("value", ["", "rw_user", "RW", None, 3, ["RO_User"]])
def test_as_root_takes_unknown_words_for_the_default(value: object) -> None:
    """A missing or unknown word is RW, as in the existing system."""
    assert not is_access(value)
    assert as_root(value) == "RW_DocumentRoot"


@given(accesses)
def test_tiers_keep_the_kind(access: Access) -> None:
    """Coercing to another tier changes the tier alone."""
    for coerce in (as_root, as_group, as_user):
        assert kind(coerce(access)) == kind(access)


@given(own=accesses, shared=accesses)
def test_sharing_never_gives_more_than_either_side(own: Access, shared: Access) -> None:
    """Somebody else's document is readable only if both the root shares and the reader is not shut out."""
    effective = effective_access(own, shared, is_own=False)

    assert is_readable(effective) == (is_readable(own) and is_readable(shared))
    assert is_writable(effective) == (is_writable(own) and is_writable(shared))
    assert rank(effective) // 3 == rank(own) // 3


def test_author_has_an_own_permission_whatever_is_shared() -> None:
    """The value of sharedAccess plays no role for the author, over all combinations."""
    for own, shared in itertools.product(ACCESS_VALUES, repeat=2):
        assert effective_access(own, shared, is_own=True) == own
