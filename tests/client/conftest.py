"""A hub with a small school, its people in their notebooks, and a hub that may be killed."""

from __future__ import annotations

from tests.harness.classrooms import a_course, a_hub, a_mortal_hub, alice, bob, connect_as, the_second_hub, tina

__all__ = ["a_course", "a_hub", "a_mortal_hub", "alice", "bob", "connect_as", "the_second_hub", "tina"]
