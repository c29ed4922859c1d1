"""A real hub with the demo's people, and kernels that belong to one of them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import nbformat
import pytest
import pytest_asyncio
from nbclient import NotebookClient
from traitlets.config import Config

from teaching_nb.demo.labs import notebooks_folder
from teaching_nb.demo.people import class_file, people
from teaching_nb.processes.children import Processes
from teaching_nb.processes.hub import Store, load_class, mint_tokens, start_hub
from teaching_nb.schema.roots import root_id
from tests.harness import kernels

CELL_SECONDS = 60


@dataclass(frozen=True)
class SchoolHub:
    """A hub and the tokens of its people by first name."""

    url: str
    tokens: dict[str, str]

    async def main_document(self, name: str, root: str) -> dict[str, Any]:
        """Return the one document below a root that a person sees at the hub."""
        [document] = await self.documents(name, root)
        return document

    async def documents(self, name: str, root: str) -> list[dict[str, Any]]:
        """Return the documents below a root that a person sees at the hub."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as http,
            http.get(f"/api/v1/documentRoots/{root}") as response,
        ):
            assert response.status == 200, await response.text()
            found: list[dict[str, Any]] = (await response.json())["documents"]
            return found

    async def change(self, name: str, document_id: str, data: Any) -> None:
        """Store other data in a document, as a page does."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as http,
            http.put(f"/api/v1/documents/{document_id}", json={"data": data}) as response,
        ):
            assert response.status < 300, await response.text()

    async def open_cell(self, name: str, notebook: str, document: str) -> None:
        """Open the document of an own live cell as JupyterLab does it when somebody opens the notebook."""
        cells = nbformat.read(notebooks_folder() / notebook, as_version=4).cells
        [cell] = [cell for cell in cells if cell.metadata.get("teaching_nb", {}).get("document") == document]
        wanted = {"documentRootId": root_id(document), "type": "code", "data": {"code": cell.source}}
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as http,
            http.post("/api/v1/documents/main", json=wanted | {"root": {"name": document}}) as response,
        ):
            assert response.status == 200, await response.text()


Execute = Callable[..., Awaitable[nbformat.NotebookNode]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def a_school_hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SchoolHub]:
    """Return a running hub that knows Thea, Alice, Bob and Carol; one for all notebooks, as in a class."""
    everybody = people(3)
    tmp_path = tmp_path_factory.mktemp("school")
    store = Store(tmp_path / "hub")
    processes = Processes(tmp_path)
    await load_class(class_file(everybody), store=store, directory=tmp_path)
    by_email = await mint_tokens([person.email for person in everybody], store=store)
    tokens = {person.first_name: by_email[person.email] for person in everybody}
    try:
        yield SchoolHub((await start_hub(processes, store=store)).url, tokens)
    finally:
        await processes.close()


@pytest.fixture
def execute(a_school_hub: SchoolHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Return a function that runs a notebook from top to bottom in a kernel of one person."""
    kernels.install_older(tmp_path / "kernels")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    async def run(notebook: str, name: str, kernel_name: str = "python3") -> nbformat.NotebookNode:
        env = os.environ | {
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "TEACHING_NB_TOKEN": a_school_hub.tokens[name],
            "TEACHING_NB_URL": a_school_hub.url,
        }
        content = nbformat.read(notebooks_folder() / notebook, as_version=4)
        config = Config(KernelManager=kernels.ipc_options())
        client = NotebookClient(content, timeout=CELL_SECONDS, kernel_name=kernel_name, config=config)
        return await client.async_execute(env=env)

    return run
