"""The one request that a class sends all the time, `PUT /documents/ID` (D3), without the web framework.

Stands between gate and framework: whatever is unusual about a request, its query, its length or its body, makes
it pass on to the framework's handler, which does the same at several times the cost and tells what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from teaching_nb.errors import InvalidInput, OperationalError
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.rest import refusals
from teaching_nb.hub.rest.documents import put_document
from teaching_nb.hub.rest.gate import Application, Message, Receive, Scope, Send, send_answer
from teaching_nb.hub.rest.requests import revision_headers
from teaching_nb.schema import wire
from teaching_nb.schema.limits import REST_BODY_BYTES
from teaching_nb.schema.records import Document

_BEFORE_ID = "/api/v1/documents/"
_LENGTH = len(_BEFORE_ID) + 36

_json = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class _Plain:
    """A request that nothing is unusual about as yet."""

    document_id: str
    headers: dict[str, str]


class DocumentPuts:
    """Serves plain changes of documents; passes everything else on."""

    def __init__(self, app: Application, hub: HubContext) -> None:
        self._app = app
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request that the gate has let in."""
        plain = _plain(scope)
        if plain is None:
            await self._app(scope, receive, send)
            return
        messages = await _read(receive)
        if messages[-1]["type"] == "http.disconnect":
            return
        body = _parsed(b"".join([message["body"] for message in messages]))
        if body is None:
            await self._app(scope, _again(messages, receive), send)
            return
        await self._change(scope, plain, body["data"], send)

    async def _change(self, scope: Scope, plain: _Plain, data: Any, send: Send) -> None:
        actor, headers = scope["user"], plain.headers
        try:
            changed = await put_document(self._hub, actor, plain.document_id, data, headers=headers)
        except OperationalError as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - as the framework would: logged, and answered as a bug
            refusal = refusals.of_bug(f"PUT {scope['path']}", error)
        else:
            await _answer_stored(send, changed)
            return
        shaped = refusals.shaped(scope["path"], refusal)
        await send_answer(send, refusal.status, shaped.body, shaped.headers)


async def _answer_stored(send: Send, changed: Document) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in revision_headers(changed).items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _plain(scope: Scope) -> _Plain | None:
    path = scope["path"]
    if scope["type"] != "http" or scope["method"] != "PUT" or len(path) != _LENGTH or scope["query_string"]:
        return None
    if not path.startswith(_BEFORE_ID) or scope.get("user") is None:
        return None
    document_id = path[len(_BEFORE_ID) :].lower()
    # Of a header that is sent twice the first one counts, as in the framework.
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
    length = headers.get("content-length", "")
    if not length.isdecimal() or int(length) > REST_BODY_BYTES or "transfer-encoding" in headers:
        return None
    return _Plain(document_id, headers) if wire.is_uuid(document_id) else None


async def _read(receive: Receive) -> list[Message]:
    """Return everything up to the end of the body, or until the caller has hung up."""
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """Return the body of D3; None when it is none."""
    try:
        wire.check_no_nul(raw)
        body = _json.decode(raw)
    except (InvalidInput, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return body if isinstance(body, dict) and "data" in body else None


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Return what gives out the messages once more, then the ones that follow."""
    kept = iter(messages)

    async def receiving() -> Message:
        message = next(kept, None)
        return await receive() if message is None else message

    return receiving
