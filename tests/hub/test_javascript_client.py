"""The hub with the stock JavaScript clients: socket.io-client and yjs from npm, run by Node.js."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.live.documents import new_document, record_of

SCRIPTS = Path(__file__).parent.parent / "javascript"

NODE = shutil.which("node")


async def play(script: str, **scene: str) -> dict[str, Any]:
    """Run a script with its scene and return its result."""
    assert NODE is not None, "these tests need Node.js 20 or newer"
    assert (SCRIPTS / "node_modules").is_dir(), "run: npm ci --prefix tests/javascript"
    process = await asyncio.create_subprocess_exec(
        NODE,
        str(SCRIPTS / script),
        env={**os.environ, "TEACHING_NB_SCENE": json.dumps(scene)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(40):
        output, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


async def test_javascript_client_hears_a_change(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """It connects with a token, is refused with a wrong one, and hears a PUT in the other tab only."""
    document_id = await new_document(a_student)

    result = await play(
        "records.mjs",
        url=a_hub.url,
        token=a_cast.student1.token,
        documentId=document_id,
        roomId=a_cast.class_a,
    )

    assert (result["refused"], result["status"], result["echoes"]) == ("unauthorized", 204, 0)
    assert result["joined"] is True
    changed = result["changed"]
    assert (changed["id"], changed["data"], changed["revision"]) == (document_id, {"code": "from JavaScript"}, 2)


async def test_javascript_client_edits_live_text(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """Yjs syncs with the hub's documents, and its updates arrive as binary, merged and stored."""
    document_id = await new_document(a_student)

    result = await play("live_text.mjs", url=a_hub.url, token=a_cast.student1.token, documentId=document_id)

    expected = "# ada 😀\nx = 1\n# bob"
    assert result == {
        "access": "RW_DocumentRoot",
        "revisions": [2, 3],
        "isOk": True,
        "kinds": ["Buffer", "Buffer"],
        "texts": [expected, expected],
        "pending": True,
    }
    record = await record_of(a_student, document_id)
    assert (record["data"], record["revision"]) == ({"code": expected}, 3)
