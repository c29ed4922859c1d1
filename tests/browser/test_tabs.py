"""One person twice: two tabs of one kernel, two Jupyter servers, and a tab that is somebody else at the hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocketRoute

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.people import OpenBrowser, Person, lab_of
from tests.browser.shared_cell import INIT, open_shared, show, type_at_once
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

BOTH_ENDS = f"# one\n{INIT} + 1"
LANE = "**/teaching/socket.io/**"


@pytest.fixture
def alice_elsewhere(
    alice: Person, a_hub: HubProcess, open_browser: OpenBrowser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """Return Alice at a second computer: another Jupyter server, kernel and browser."""
    lab = lab_of(tmp_path_factory.mktemp("elsewhere"), a_hub, alice.hub_token).launch().wait_ready()
    person = Person(lab, open_browser, alice.hub_token)
    yield person
    person.check_consoles()
    person.close()


def test_two_tabs_of_one_kernel_lose_and_double_nothing(alice: Person, a_hub: HubProcess, a_slug: str) -> None:
    """Each tab has a lane of its own; typed in turn, every key of both is there once, at the hub and in the kernel."""
    first, second = in_two_tabs(alice, a_slug)
    first.expect_road("lane")
    second.expect_road("lane")

    type_in_turn(first, second)

    expect_both(first, second, a_hub, alice, a_slug)
    wait_until(lambda: alice.notebook.value("doc.model.code") == first.text, "the kernel has it too")


def test_a_tab_without_lane_and_one_with_a_lane_lose_and_double_nothing(
    alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """One tab's edits go through the kernel, the other's do not; what comes back on both roads counts once."""
    first, second = in_two_tabs(alice, a_slug, block_lane=True)
    first.expect_road("lane")
    second.expect_road("comm")

    type_in_turn(first, second)

    expect_both(first, second, a_hub, alice, a_slug)
    second.expect_road("comm")


def test_two_servers_of_one_person_lose_and_double_nothing(
    alice: Person, alice_elsewhere: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """At two computers at once, typed in turn, every key is there once."""
    (first,) = open_shared(a_slug, alice)
    second = show(alice_elsewhere, a_slug)
    second.expect_text(INIT)
    first.expect_road("lane")
    second.expect_road("lane")

    type_in_turn(first, second)

    expect_both(first, second, a_hub, alice, a_slug)


def test_a_page_of_somebody_else_does_not_write_under_that_name(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """A page that is Bob at the hub, on Alice's kernel, takes no lane: its edits stay those of the kernel's user."""
    (first,) = open_shared(a_slug, alice)
    alice.notebook.save()
    bobs_answer = bob.lab.get("teaching/api/v1/user").json()
    page = alice.context.new_page()
    page.route("**/teaching/api/v1/user", lambda route: route.fulfill(json=bobs_answer))
    sent: list[tuple[str, bytes | str]] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append((socket.url, frame))))
    with page.expect_response("**/teaching/api/v1/user"):
        second = LiveCell(alice.open_in(page, alice.notebook.path).last_cell())
        second.expect_text(INIT)

    second.append(" # mine")

    first.expect_text(INIT + " # mine")
    second.expect_state(SAVED)
    second.expect_road("comm")
    assert not [frame for url, frame in sent if "/teaching/" in url and "_DOCUMENT" in str(frame)]


def in_two_tabs(person: Person, slug: str, *, block_lane: bool = False) -> tuple[LiveCell, LiveCell]:
    """Return what a person sees of a document in two tabs of one kernel."""
    (first,) = open_shared(slug, person)
    person.notebook.save()
    page = person.context.new_page()
    if block_lane:
        page.route_web_socket(LANE, refuse)
    second = LiveCell(person.open_in(page, person.notebook.path).last_cell())
    second.expect_text(INIT)
    return first, second


def refuse(socket: WebSocketRoute) -> None:
    """End a connection as soon as it is asked for."""
    socket.close()


def type_in_turn(first: LiveCell, second: LiveCell) -> None:
    """Type key by key, one at the start and one at the end, then both at the end."""
    first.go_to_start()
    second.go_to_end()
    type_at_once(first, "# one\n", second, " + 1")
    first.expect_text(BOTH_ENDS)
    second.expect_text(BOTH_ENDS)
    first.go_to_end()
    type_at_once(first, "abcde", second, "FGHIJ")


def expect_both(first: LiveCell, second: LiveCell, hub: HubProcess, person: Person, slug: str) -> None:
    """Wait until both editors and the hub hold the same text, with every key in it once and in order."""
    length = len(BOTH_ENDS) + 10
    wait_until(lambda: len(first.text) == length and first.text == second.text, "both editors hold the same text")
    added = first.text.removeprefix(BOTH_ENDS)
    assert "".join(filter(str.islower, added)) == "abcde"
    assert "".join(filter(str.isupper, added)) == "FGHIJ"
    first.expect_state(SAVED)
    second.expect_state(SAVED)
    assert hub.code(slug, person.hub_token) == first.text
