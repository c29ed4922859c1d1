"""Everything that reaches into traitlets where it has no public way.

`tests/client/test_traitlets_hooks.py` says what has moved when a release moves it.
"""

from __future__ import annotations

from typing import Any

from traitlets import HasTraits


def values_of(owner: HasTraits) -> dict[str, Any]:
    """Return where traitlets keeps the values: what is written there is visible, and announced to nobody.

    There is no public way to change a value under a lock and announce it later, outside of it.
    """
    return owner._trait_values  # noqa: SLF001 - see above


def announce(owner: HasTraits, name: str, old: Any, new: Any) -> None:
    """Tell the observers of a trait that its value has changed; raises what an observer raises."""
    owner._notify_trait(name, old, new)  # noqa: SLF001 - see `values_of`
