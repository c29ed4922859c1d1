"""What `traitlets_hooks` needs of traitlets, a sentence for each thing that may move."""

from __future__ import annotations

from typing import Any

from traitlets import HasTraits, Int, Unicode

from teaching_nb.client.models.traitlets_hooks import announce, values_of


class Thing(HasTraits):
    """Something with a value."""

    name = Unicode("before")
    count = Int()


def test_values_written_behind_traitlets_are_seen_and_told_to_nobody() -> None:
    """HasTraits keeps its values in a dict by name, and reads them from there."""
    thing, told = Thing(), list[Any]()
    assert thing.name == "before"
    thing.observe(told.append)

    values_of(thing)["name"] = "after"

    assert thing.name == "after", "traitlets does not read its values from HasTraits._trait_values any more"
    assert told == [], "writing into HasTraits._trait_values tells observers now"
    thing.name = "later"
    assert values_of(thing)["name"] == "later", "traitlets does not write into HasTraits._trait_values any more"


def test_observers_are_told_what_we_say() -> None:
    """Old and new value are ours, and observers of all traits hear it as well."""
    thing, of_name, of_all, of_count = Thing(), list[Any](), list[Any](), list[Any]()
    thing.observe(of_name.append, "name")
    thing.observe(of_all.append)
    thing.observe(of_count.append, "count")

    announce(thing, "name", "old", "new")

    moved = "HasTraits._notify_trait(name, old, new) does not tell observers any more"
    assert [(change.name, change.old, change.new) for change in of_name] == [("name", "old", "new")], moved
    assert len(of_all) == 1, moved
    assert of_count == []
