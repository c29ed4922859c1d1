"""What a kernel of a real Jupyter server starts inherits its environment: another kernel, and a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from tests.proxy.conftest import StartProcess
from tests.proxy.test_whole import SECONDS, start_kernel

OWN = """
import subprocess, sys
import teaching_nb as tnb
own = tnb.code("solution", init="the teacher's")
assert tnb.connect().wait_live(60) and own.model.wait_loaded(60)
"""
A_STUDENTS = """
import teaching_nb as tnb
cell = tnb.code("solution", init="given")
cell.model.code += ", a student's"
print(tnb.connect(), cell.code)
"""
NESTED = 'run = ["-m", "nbconvert", "--to", "markdown", "--execute", "--stdout", "theirs.ipynb"]'
SCRIPT = 'run = ["theirs.py"]'
START = "print(subprocess.run([sys.executable, *run], capture_output=True, text=True, check=True).stdout)"
LOOK = 'own.model.code += "!"\nown.model.wait_saved(60)\nprint(own.model.save_state, own.code)'

pytestmark = pytest.mark.timeout(240)


async def run(client: AsyncKernelClient, *sources: str) -> str:
    """Run cells in a kernel, and return what they printed; fail when one raised."""
    printed: list[str] = []

    def take(message: dict[str, Any]) -> None:
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            printed.append(message["content"]["text"])

    for source in sources:
        await client.execute_interactive(source, timeout=SECONDS, output_hook=take)
    return "".join(printed)


async def test_what_a_kernel_starts_is_not_connected_as_its_user(tmp_path: Path, start_process: StartProcess) -> None:
    """A teacher who runs a student's notebook, or script, from a cell finds their own document as it was."""
    server = await start_process(tmp_path)
    kernel_id, _environment = await start_kernel(server)
    cells = [nbformat.v4.new_code_cell(A_STUDENTS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), server.root / "theirs.ipynb")
    (server.root / "theirs.py").write_text(A_STUDENTS)
    client = AsyncKernelClient(connection_file=str(tmp_path / "runtime" / f"kernel-{kernel_id}.json"))
    client.load_connection_file()
    # Without the heartbeat, which takes a kernel that a busy machine keeps waiting for a dead one.
    client.start_channels(hb=False)

    try:
        await client.wait_for_ready(timeout=SECONDS)
        await run(client, OWN)
        nested = await run(client, NESTED, START)
        script = await run(client, SCRIPT, START)
        after = await run(client, LOOK)
    finally:
        client.stop_channels()

    for printed in (nested, script):
        assert "<Classroom without a hub: 1 documents> given, a student's" in printed
    assert "the teacher's" not in nested + script
    # Whatever else had been written would have come before the answer to this edit.
    assert after == "saved the teacher's!\n"
