"""Raw frames of Engine.IO: plays `wire` entries and tells which packets came back."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from tests.conformance.placeholders import Bindings
from tests.conformance.recording import Entry

Packet = dict[str, Any]

QUIET_SECONDS = 0.2
"""How long nothing must come until the hub counts as having answered."""

PATIENCE_SECONDS = 20.0
"""How long an answer that the recording shows may take."""


async def play(client: aiohttp.ClientSession, url: str, entry: Entry, bindings: Bindings) -> list[Packet]:
    """Open a raw websocket, send the recorded frames, and return all packets in order."""
    request = entry["request"]
    address = url.replace("http", "ws", 1) + bindings.fill(request["path"])
    try:
        socket = await client.ws_connect(address, headers=request.get("headers"), max_msg_size=0, autoclose=False)
    except aiohttp.ClientError:
        return [{"dir": "error", "opened": False}]
    packets: list[Packet] = [{"dir": "open"}]
    async with socket:
        for recorded, is_answered in _sent_frames(entry["packets"]):
            if recorded is not None:
                packets.append({"dir": "sent", "packet": bindings.fill(recorded["packet"])})
                await socket.send_str(packets[-1]["packet"])
            if not await _receive(socket, packets, PATIENCE_SECONDS if is_answered else QUIET_SECONDS):
                break
    return packets


def _sent_frames(packets: list[Packet]) -> list[tuple[Packet | None, bool]]:
    """Return what is sent, beginning with nothing, and whether the recording shows an answer to it."""
    frames: list[tuple[Packet | None, bool]] = [(None, False)]
    for packet in packets:
        if packet["dir"] == "sent":
            frames.append((packet, False))
        elif packet["dir"] == "received":
            frames[-1] = (frames[-1][0], True)
    return frames


async def _receive(socket: aiohttp.ClientWebSocketResponse, packets: list[Packet], patience: float) -> bool:
    """Add what comes until nothing comes; return whether the connection still stands."""
    while True:
        try:
            message = await socket.receive(timeout=patience)
        except TimeoutError:
            return True
        patience = QUIET_SECONDS
        if message.type is aiohttp.WSMsgType.TEXT:
            packets.append({"dir": "received", "packet": message.data})
        elif message.type is not aiohttp.WSMsgType.BINARY:
            packets.append({"dir": "close"})
            return False


def parsed(packet: str) -> tuple[str, Any]:
    """Return what stands before the JSON of a packet, and the JSON."""
    for index, character in enumerate(packet):
        if character in '{["':
            try:
                return packet[:index], json.loads(packet[index:])
            except ValueError:
                break
    return packet, None
