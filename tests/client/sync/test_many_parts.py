"""A text that fell into thousands of small parts is changed at once by a kernel: in as many messages as it takes."""

from __future__ import annotations

from typing import Any

import pycrdt

from teaching_nb.client import Classroom
from teaching_nb.schema import limits
from tests.client.sync.test_live_text import opened
from tests.harness.cast import ALICE
from tests.harness.hub_process import HubProcess
from tests.harness.socket_probe import SocketProbe
from tests.harness.waiting import wait_value

LENGTH = 6 * limits.UPDATE_PARTS


class Gnawing:
    """Somebody at the socket of the hub who takes single letters out of a text."""

    def __init__(self, probe: SocketProbe, document_id: str) -> None:
        self._probe = probe
        self._id = document_id
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        answer = probe.call("SYNC_DOCUMENT", {"id": document_id, "stateVector": self.doc.get_state()})
        self.doc.apply_update(answer["update"])

    @property
    def text(self) -> str:
        """Return the text as this side has it."""
        return str(self.doc.get("data", type=pycrdt.Map)["code"])

    def take_out(self, first: int, count: int) -> None:
        """Take out every other letter of a stretch in one message."""
        text = self.doc.get("data", type=pycrdt.Map)["code"]
        updates: list[bytes] = []
        subscription = self.doc.observe(lambda event: updates.append(event.update))
        with self.doc.transaction():
            for at in range(first, first + count):
                del text[at : at + 1]
        self.doc.unobserve(subscription)
        answer = self._probe.call("UPDATE_DOCUMENT", {"id": self._id, "update": updates[0]})
        assert answer["ok"], answer


def test_kernel_empties_a_text_that_fell_into_many_parts(alice: Classroom, a_hub: HubProcess) -> None:
    """10,000 letters are gone from between others: emptying it deletes more ranges than one message may hold."""
    model = opened(alice, "gnawed")
    model.code = "".join(chr(97 + at % 26) for at in range(LENGTH))
    model.wait_saved(30)
    half = limits.UPDATE_PARTS
    with SocketProbe(a_hub.url, a_hub.token(ALICE)) as probe:
        gnawing = Gnawing(probe, model.id)
        for first in (0, half, 2 * half):
            gnawing.take_out(first, half - 1)
    wanted = gnawing.text
    wait_value(model, "code", wanted)

    model.code = "new\n"
    model.wait_saved(60)

    assert model.code == "new\n"
    assert model.save_state == "saved"
    with SocketProbe(a_hub.url, a_hub.token(ALICE)) as probe:
        assert Gnawing(probe, model.id).text == "new\n"


def test_kernel_changes_a_text_at_thousands_of_places(alice: Classroom, a_hub: HubProcess) -> None:
    """One assignment that inserts at more places than one message may hold is stored, and is what was meant."""
    lines = [f"{number} a b c d e f g\n" for number in range(1_900)]
    changed = [line if number % 2 else line.replace(" ", f"{number % 7} ") for number, line in enumerate(lines)]
    model = opened(alice, "many-places", init="".join(lines))
    model.wait_saved(30)

    model.code = "".join(changed)
    model.wait_saved(60)

    assert model.save_state == "saved"
    assert a_hub.stored(model.id, ALICE) == {"code": "".join(changed)}
