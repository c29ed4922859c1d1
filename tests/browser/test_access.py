"""Somebody without access to a document: tried over REST, over the socket, and in their own notebook."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from pycrdt import Doc, Map, Text

from teaching_nb.schema.roots import root_id, shared_root_id
from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.people import MEMBERS_ONLY, Person
from tests.browser.shared_cell import show
from tests.harness.hub_process import HubProcess
from tests.harness.socket_probe import SocketProbe

ROOT = shared_root_id(root_id(MEMBERS_ONLY), "code")
SECRET = "secret = 4711"
A_REFUSAL = re.compile("access|not allowed|may not|permission", re.IGNORECASE)


@pytest.fixture
def alices_cell(alice: Person) -> LiveCell:
    """Return the class's own document as Alice sees it."""
    cell = show(alice, MEMBERS_ONLY, SECRET)
    cell.expect_part(SECRET)
    cell.expect_state(SAVED)
    return cell


@pytest.fixture
def a_document(alices_cell: LiveCell, alice: Person, a_hub: HubProcess) -> dict[str, Any]:
    """Return the record of that document."""
    return a_hub.documents(MEMBERS_ONLY, alice.hub_token)[0]


def test_an_outsider_reads_nothing_over_rest(a_document: dict[str, Any], carol: Person, a_hub: HubProcess) -> None:
    """No request of Carol's, neither at the hub nor through Carol's Jupyter server, returns the document."""
    author = a_document["authorId"]
    paths = [
        f"/documentRoots/{ROOT}",
        f"/documentRoots?ids={ROOT}",
        f"/documents/{a_document['id']}",
        f"/documents?rids={ROOT}",
        f"/users/{author}/documents",
        f"/users/{author}/documentRoots?ids={ROOT}",
    ]

    answers = {path: a_hub.request("GET", path, carol.hub_token).text for path in paths}
    for path, body in {"/documents/multiple": {"documentRootIds": [ROOT]}, "/documents/main": main_document()}.items():
        answers[path] = a_hub.request("POST", path, carol.hub_token, body).text
    answers["proxy"] = carol.lab.get(f"teaching/api/v1/documentRoots/{ROOT}").text

    assert [path for path, text in answers.items() if "4711" in text or '"data"' in text] == []


def test_an_outsider_writes_nothing_over_rest(
    a_document: dict[str, Any], alice: Person, carol: Person, a_hub: HubProcess
) -> None:
    """Changing, deleting and adding are refused and leave no trace."""
    path = f"/documents/{a_document['id']}"
    mine = {"documentRootId": ROOT, "type": "code", "data": {"code": "mine"}}
    requests = [
        ("PUT", path, carol.hub_token, {"data": {"code": "hacked"}}),
        ("PUT", path + "?onBehalfOf=true", carol.hub_token, {"data": {"code": "hacked"}}),
        ("DELETE", path, carol.hub_token, None),
        ("POST", "/documents", carol.hub_token, mine),
        ("POST", "/documents/main", carol.hub_token, main_document()),
        ("PUT", f"/documentRoots/{ROOT}", carol.hub_token, {"access": "RW_DocumentRoot"}),
        ("PUT", path, "", {"data": {"code": "hacked"}}),
    ]

    statuses = [a_hub.request(*request).status_code for request in requests]

    assert statuses == [404, 404, 404, 403, 403, 403, 401]
    assert a_hub.documents(MEMBERS_ONLY, alice.hub_token) == [a_document]


def test_an_outsider_gets_nothing_over_the_socket(
    a_document: dict[str, Any], alices_cell: LiveCell, alice: Person, carol: Person, a_hub: HubProcess
) -> None:
    """Joining, syncing and editing are refused, and of what Alice types nothing is heard."""
    document_id = a_document["id"]
    with SocketProbe(a_hub.url, carol.hub_token) as probe:
        joined = [probe.call("JOIN_ROOM", room) for room in (ROOT, document_id, a_document["authorId"])]
        synced = probe.call("SYNC_DOCUMENT", {"id": document_id, "stateVector": b""})
        edited = probe.call("UPDATE_DOCUMENT", {"id": document_id, "update": an_update()})
        probe.emit("AWARENESS", {"id": document_id, "state": b"\x00"})
        probe.emit("STREAM_UPDATE", {"roomId": ROOT, "id": document_id, "data": {"code": "hacked"}})
        alices_cell.append(" # untouched")
        alices_cell.expect_state(SAVED)
        # An answered call afterwards: whatever was sent before it has been heard by now.
        left = probe.call("LEAVE_DOCUMENT", {"id": document_id})

    assert joined == [False, False, False]
    assert [answer["ok"] for answer in (synced, edited)] == [False, False]
    assert [answer["error"]["status"] for answer in (synced, edited)] == [404, 404]
    assert "4711" not in repr([synced, edited, left])
    assert probe.heard_of(document_id, ROOT) == []
    assert a_hub.code(MEMBERS_ONLY, alice.hub_token) == alices_cell.text
    assert "hacked" not in alices_cell.text


def test_an_outsiders_widget_says_that_it_is_refused(alices_cell: LiveCell, carol: Person, a_hub: HubProcess) -> None:
    """Carol's own notebook shows a sentence instead of the document, and what is typed there stays there."""
    at_carol = show(carol, MEMBERS_ONLY, "my = 1")

    at_carol.expect_sentence(A_REFUSAL)
    expect(at_carol.widget).not_to_contain_text("4711")
    assert "4711" not in carol.notebook.value("doc.model.code")
    assert carol.notebook.value("doc.model.save_state") in ("refused", "read-only")
    assert a_hub.documents(MEMBERS_ONLY, carol.hub_token) == []
    assert "my = 1" not in alices_cell.text


def main_document() -> dict[str, Any]:
    """Return a request for the shared document below the class's root."""
    return {"documentRootId": ROOT, "type": "code", "data": {"code": "mine"}, "shared": True}


def an_update() -> bytes:
    """Return a well-formed edit of the live text `code`."""
    doc: Doc[Any] = Doc()
    doc.get("data", type=Map)["code"] = Text("hacked")
    return doc.get_update()
