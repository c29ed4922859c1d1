"""Two people in two JupyterLabs edit one code document."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.live_cell import SAVED
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, open_shared, type_at_once
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until


def test_typing_of_one_person_appears_at_the_other(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str) -> None:
    """What Alice types is in Bob's editor, in both kernels and at the hub."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    text = INIT + " # Größe 🙂 by Alice"

    at_alice.append(" # Größe 🙂 by Alice")

    at_bob.expect_text(text)
    at_alice.expect_state(SAVED)
    assert alice.notebook.value("doc.model.code") == text
    assert bob.notebook.value("doc.model.code") == text
    assert a_hub.code(a_slug, bob.hub_token) == text


def test_the_kernel_of_one_person_changes_the_editor_of_the_other(alice: Person, bob: Person, a_slug: str) -> None:
    """An assignment in Alice's kernel appears in Alice's and in Bob's editor."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)

    alice.notebook.run("doc.model.code = 'total = 1\\nprint(total)'")

    at_alice.expect_text("total = 1\nprint(total)")
    at_bob.expect_text("total = 1\nprint(total)")


def test_people_see_who_else_has_the_document_open(alice: Person, bob: Person, a_slug: str) -> None:
    """Bob's name stands at Alice's cell, and at Bob's cursor, for as long as Bob shows the document."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)

    at_bob.go_to_end()
    expect(at_alice.here).to_contain_text("Bob")
    expect(at_alice.cursor_name("Bob Brown")).to_be_attached()
    bob.notebook.clear()

    expect(at_alice.here).to_be_hidden()
    expect(at_alice.cursor_name("Bob Brown")).not_to_be_attached()


def test_typing_at_both_ends_of_a_line_keeps_both_edits(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """Alice types before, Bob behind the same words; both end with the same line."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    at_alice.go_to_start()
    at_bob.go_to_end()

    type_at_once(at_alice, "subtotal = ", at_bob, " + 1 + 2 + 3")

    expected = f"subtotal = {INIT} + 1 + 2 + 3"
    at_alice.expect_text(expected)
    at_bob.expect_text(expected)
    at_alice.expect_state(SAVED)
    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == expected


def test_typing_at_one_place_keeps_both_edits(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str) -> None:
    """Both type at the very same place; every character of both survives once, in the same order everywhere."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    at_alice.go_to_end()
    at_bob.go_to_end()

    type_at_once(at_alice, "abcdefghijklm", at_bob, "NOPQRSTUVWXYZ")

    wait_until(lambda: len(at_alice.text) == len(INIT) + 26 and at_alice.text == at_bob.text, "both texts are equal")
    added = at_alice.text.removeprefix(INIT)
    assert "".join(filter(str.islower, added)) == "abcdefghijklm"
    assert "".join(filter(str.isupper, added)) == "NOPQRSTUVWXYZ"
    at_alice.expect_state(SAVED)
    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, bob.hub_token) == at_alice.text
