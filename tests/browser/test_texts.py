"""Every kind of text: it looks right, arrives whole, and is stored as it was meant."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from teaching_nb.schema.limits import LIVE_TEXT_BYTES
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.people import Person
from tests.browser.shared_cell import open_shared, show
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

FAMILY = "👨‍👩‍👧‍👦"
SLOW_MS = 60_000


def test_characters_of_several_units_stay_whole(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str) -> None:
    """Emoji of many parts, flags and combining marks: typed beside, deleted one by one, the same everywhere."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init=f"{FAMILY}🇨🇭e\u0301")
    at_alice.go_to_end()
    at_bob.go_to_start()

    at_bob.type("🙂")
    at_alice.page.keyboard.press("Backspace")
    at_alice.expect_text(f"🙂{FAMILY}🇨🇭e")
    at_alice.page.keyboard.press("Backspace")
    at_alice.page.keyboard.press("Backspace")
    at_alice.expect_text(f"🙂{FAMILY}")
    at_bob.type("👍🏽")
    # Typed in one place without knowing of each other, it would be anybody's guess which comes first.
    at_alice.expect_text(f"🙂👍🏽{FAMILY}")
    at_alice.page.keyboard.press("Backspace")
    at_alice.type("\u200b\u200d")

    expected = "🙂👍🏽\u200b\u200d"
    wait_until(lambda: a_hub.code(a_slug, bob.hub_token) == expected, "the hub has it")
    assert alice.notebook.value("doc.model.code") == expected
    assert bob.notebook.value("doc.model.code") == expected


def test_line_ends_of_all_kinds_become_line_feeds(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str) -> None:
    """Pasted, assigned or sent by another program: positions do not drift, and NUL is left out with a word."""
    at_alice, at_bob = [show(person, a_slug, "a\r\nb\r") for person in (alice, bob)]
    at_alice.expect_text("a\nb\n")
    at_bob.expect_text("a\nb\n")

    at_alice.go_to_end()
    at_alice.paste("c\r\nd\re\0f\n")
    expect(at_alice.widget.get_by_role("alert").filter(has_text="1 NUL character was left out")).to_be_visible()
    at_bob.expect_text("a\nb\nc\nd\nef\n")
    bob.notebook.run("doc.model.data = {'code': doc.model.code + 'g\\r\\nh'}")
    at_alice.expect_text("a\nb\nc\nd\nef\ng\nh")
    (document,) = a_hub.documents(a_slug, bob.hub_token)
    sent = document["data"]["code"].replace("\n", "\r\n") + "\r\ni"
    a_hub.request("PUT", f"/documents/{document['id']}", bob.hub_token, {"data": {"code": sent}}).raise_for_status()
    at_alice.expect_text("a\nb\nc\nd\nef\ng\nh\ni")
    at_bob.append("!")

    expected = "a\nb\nc\nd\nef\ng\nh\ni!"
    at_alice.expect_text(expected)
    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, bob.hub_token) == expected
    assert alice.notebook.value("doc.model.code") == expected


def test_a_document_that_was_stored_with_other_line_ends_is_edited_in_place(
    alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """What another program created with Windows' line ends is opened, and typing lands where the cursor is."""
    shared = {"documentRootId": shared_root_id(root_id(a_slug), "code"), "ownRootId": root_id(a_slug)}
    root = {**shared, "type": "code", "root": {"sharedAccess": "RW_DocumentRoot"}}
    body = {**root, "data": {"code": "one\r\ntwo\r\nthree"}, "shared": True}
    a_hub.request("POST", "/documents/main", alice.hub_token, body).raise_for_status()

    cell = show(alice, a_slug, "")
    cell.expect_text("one\ntwo\nthree")
    cell.go_to_start()
    cell.page.keyboard.press("ArrowDown")
    cell.page.keyboard.press("End")
    cell.type(" and a half")

    cell.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == "one\ntwo and a half\nthree"


def test_prose_runs_in_its_own_direction(alice: Person, bob: Person, a_slug: str) -> None:
    """Hebrew runs from the right, English from the left; Bob's cursor stands where the next letter goes."""
    source = f"import teaching_nb as tnb\ndoc = tnb.text({a_slug!r}, init='שלום\\nhello', shared=True)\ndoc"
    at_alice, at_bob = [LiveCell(person.notebook.run(source)) for person in (alice, bob)]
    at_alice.expect_text("שלום\nhello")
    at_bob.expect_text("שלום\nhello")

    at_bob.go_to_start()
    at_bob.page.keyboard.press("End")
    at_bob.type(" עולם")

    at_alice.expect_text("שלום עולם\nhello")
    hebrew, english = at_alice.editor.locator(".cm-line").all()
    expect(hebrew).to_have_css("direction", "rtl")
    expect(english).to_have_css("direction", "ltr")
    caret = at_alice.scroller.locator(".tnb-caret")
    expect(caret).to_be_attached()
    edges = hebrew.evaluate(
        "node => { const range = document.createRange(); range.selectNodeContents(node);"
        " const box = range.getBoundingClientRect(); return [box.left, box.right] }"
    )
    wait_until(lambda: abs(caret.evaluate("node => node.getBoundingClientRect().left") - edges[0]) < 4, "cursor left")


def test_tabs_are_kept_and_indent_where_a_program_uses_them(alice: Person, a_hub: HubProcess, a_slug: str) -> None:
    """Enter and Tab indent with tabs in a program with tabs; the text that is stored has them."""
    cell = show(alice, a_slug, "if True:\n\tx = 1")
    cell.expect_text("if True:\n\tx = 1")

    cell.append("\nif x:")
    cell.type("\ny = 2\n")
    cell.page.keyboard.press("Tab")
    cell.type("z")

    cell.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == "if True:\n\tx = 1\n\tif x:\n\t\ty = 2\n\t\t\tz"


def test_a_text_near_the_limit_opens_and_merges_and_more_is_refused_in_words(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """970 kB are pasted, opened by another, and edited by both at once; beyond the limit a sentence, and no loss."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="# start\n")
    large = "".join(f"value_{number:06d} = 'größe'\n" for number in range(36_500))
    at_alice.go_to_end()
    at_alice.paste(large)
    at_alice.expect_state(SAVED, timeout=SLOW_MS)
    at_bob.expect_part("# start\nvalue_000000", timeout=SLOW_MS)

    at_bob.go_to_start()
    at_bob.type("# bob\n")
    at_alice.go_to_end()
    at_alice.type("# alice")
    at_alice.paste("x" * (LIVE_TEXT_BYTES // 10))
    refusal = re.compile(r"Not inserted: the text would have 1,\d\d\d,\d\d\d bytes, and the limit is 1,000,000")
    expect(at_alice.widget.get_by_role("alert").filter(has_text=refusal)).to_be_visible()
    at_alice.expect_state(SAVED, timeout=SLOW_MS)
    at_bob.expect_state(SAVED, timeout=SLOW_MS)

    expected = "# bob\n# start\n" + large + "# alice"
    wait_until(lambda: a_hub.code(a_slug, bob.hub_token) == expected, "both edits are at the hub", timeout=60)
    wait_until(lambda: bob.notebook.value("doc.model.code") == expected, "and in the other's kernel", timeout=60)


def test_enter_begins_a_line_while_words_are_offered(alice: Person, a_slug: str) -> None:
    """What is only offered is not taken: `import time` stays that, however slowly somebody types."""
    cell = show(alice, a_slug, "import ")
    cell.go_to_end()
    offered = cell.page.get_by_role("listbox", name="Completions")

    cell.page.keyboard.type("time", delay=60)
    expect(offered).to_be_visible()
    cell.page.keyboard.press("Enter")
    cell.type("x")
    cell.expect_text("import time\nx")

    cell.page.keyboard.type(" = Timeo", delay=60)
    expect(offered.get_by_role("option", name="TimeoutError")).to_be_visible()
    cell.page.keyboard.press("ArrowDown")
    cell.page.keyboard.press("Enter")
    cell.expect_text("import time\nx = TimeoutError")
