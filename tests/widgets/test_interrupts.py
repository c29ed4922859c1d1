"""Interrupts that come while output is kept or sent."""

from __future__ import annotations

import signal

import pytest

from teaching_nb.widgets.interrupts import held_back


def test_an_interrupt_waits_until_output_is_kept() -> None:
    """What must not be interrupted is done to its end, nested or not, and then the interrupt counts."""
    done: list[str] = []

    with pytest.raises(KeyboardInterrupt), held_back:
        with held_back:
            signal.raise_signal(signal.SIGINT)
            done.append("inner")
        done.append("outer")

    assert done == ["inner", "outer"]
    with held_back:
        done.append("an interrupt counts once")


def test_an_interrupt_counts_at_once_elsewhere() -> None:
    """Outside of it the handler is the one that was there before."""
    before = signal.getsignal(signal.SIGINT)

    with held_back:
        assert signal.getsignal(signal.SIGINT) != before

    assert signal.getsignal(signal.SIGINT) == before
