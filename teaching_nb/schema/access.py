"""The access algebra: who may do what with a document. Pure; used on join, read, write, broadcast and sync.

Nine values in three tiers (root, group, user) of three kinds (RO, RW, None). A higher tier beats a lower
one; inside a tier None beats RW beats RO. See the protocol, sections 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast, get_args

Access = Literal[
    "RO_DocumentRoot",
    "RW_DocumentRoot",
    "None_DocumentRoot",
    "RO_StudentGroup",
    "RW_StudentGroup",
    "None_StudentGroup",
    "RO_User",
    "RW_User",
    "None_User",
]
Kind = Literal["None", "RO", "RW"]

ACCESS_VALUES: tuple[Access, ...] = get_args(Access)
"""All values in the order of their rank."""

_RANK: dict[str, int] = {value: rank for rank, value in enumerate(ACCESS_VALUES)}
_KINDS: tuple[Kind, ...] = ("RO", "RW", "None")
_KIND_ORDER: dict[Kind, int] = {"None": 0, "RO": 1, "RW": 2}


def is_access(value: object) -> bool:
    """Tell whether `value` is one of the nine words."""
    return isinstance(value, str) and value in _RANK


def rank(access: Access) -> int:
    """Return 3 · tier + kind, 0 … 8."""
    return _RANK[access]


def kind(access: Access) -> Kind:
    """Return what the value permits: None, RO or RW."""
    return _KINDS[_RANK[access] % 3]


def highest(values: Iterable[Access], cap: Access | None = None) -> Access:
    """Return the value with the highest rank, `RO_DocumentRoot` for none; never above `cap`."""
    best: Access = max(values, key=rank, default="RO_DocumentRoot")
    return best if cap is None else min(best, cap, key=rank)


def as_root(value: object) -> Access:
    """Return the value's kind in the root tier; `RW_DocumentRoot` for a missing or unknown word."""
    return _in_tier(value, 0) if is_access(value) else "RW_DocumentRoot"


def as_group(value: Access) -> Access:
    """Return the value's kind in the group tier."""
    return _in_tier(value, 1)


def as_user(value: Access) -> Access:
    """Return the value's kind in the user tier."""
    return _in_tier(value, 2)


def own_permission(
    root_access: Access, group_accesses: Iterable[Access] = (), user_accesses: Iterable[Access] = ()
) -> Access:
    """Return the own permission: what a user may do with documents of their own below a root.

    `group_accesses` are those of the groups that contain the user; `sharedAccess` plays no role.
    """
    return highest((root_access, *group_accesses, *user_accesses))


def effective_access(own: Access, shared_access: Access, *, is_own: bool) -> Access:
    """Return the effective access: what a user may do with one document, by the strict rule.

    Whom it belongs to, mostly its author, has the own permission; everybody else the smaller kind of that and
    `shared_access`, labelled with the tier of the permission.
    """
    if is_own:
        return own
    return ACCESS_VALUES[_RANK[own] // 3 * 3 + _KINDS.index(_smaller(kind(own), kind(shared_access)))]


def lesser(access: Access, other: Access) -> Access:
    """Return the one that permits less; the first when they permit the same."""
    return access if _smaller(kind(access), kind(other)) == kind(access) else other


def is_readable(access: Access) -> bool:
    """Tell whether the value lets its holder see the data."""
    return kind(access) != "None"


def is_writable(access: Access) -> bool:
    """Tell whether the value lets its holder change the data."""
    return kind(access) == "RW"


def _smaller(first: Kind, second: Kind) -> Kind:
    return min(first, second, key=_KIND_ORDER.__getitem__)


def _in_tier(value: object, tier: int) -> Access:
    return ACCESS_VALUES[tier * 3 + _RANK[cast(str, value)] % 3]
