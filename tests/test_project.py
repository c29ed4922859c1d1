"""The project as a whole: versions, locks, settings and documents agree with each other and with the code."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teaching_nb.demo.people import class_file, people
from teaching_nb.processes.children import Processes, run
from teaching_nb.processes.hub import Store, load_class, mint_tokens, start_hub

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHON_LOCKS = sorted(ROOT.glob("requirements*.lock"))
NPM_LOCKS = sorted(
    [
        *(ROOT / "js" / folder / "package-lock.json" for folder in ("", "lab", "lab/types")),
        *ROOT.glob("tests/*/package-lock.json"),
    ]
)
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
COMMANDS = (
    *("", "demo", "hub", "hub serve", "hub load", "hub dump", "hub token"),
    *("hub user", "hub user add", "hub user set-role", "hub user list", "sim"),
)
VERBS = (
    *("demo", "test", "build", "style", "types", "browser", "compat", "conformance"),
    *(
        "bench",
        "bench-writes",
        "bench-fanout",
        "bench-quick",
        "bench-faults",
        "bench-start",
        "bench-opening",
        "bench-cells",
        "bench-scaling",
        "bench-processes",
        "soak",
        "gallery",
        "soak-cells",
        "two-processes",
    ),
)


def read(*parts: str) -> str:
    """Return the text of a file of the project."""
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def blocks_of(text: str, language: str) -> list[str]:
    """Return the code blocks of one language in a Markdown text."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def python_requirements() -> list[str]:
    """Return the names of all packages that pyproject.toml asks for."""
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), *groups.values()]
    named = [entry for entries in lists for entry in entries if isinstance(entry, str)]
    return [re.split(r"[\[<>=!~; ]", entry)[0].lower() for entry in [*named, *PYPROJECT["build-system"]["requires"]]]


def locked_versions(lock: str) -> dict[str, str]:
    """Return the version of each package in a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)", read(lock), flags=re.MULTILINE))


def npm_requirements() -> list[str]:
    """Return the names of all packages that the package.json files ask for."""
    names: list[str] = []
    for lock in NPM_LOCKS:
        content = json.loads(lock.with_name("package.json").read_text(encoding="utf-8"))
        names += [*content.get("dependencies", {}), *content.get("devDependencies", {})]
    return names


def test_versions_agree() -> None:
    """The installed package, pyproject.toml and what the browser half says of itself have one version."""
    versions = {
        PYPROJECT["project"]["version"],
        json.loads(read("js", "package.json"))["version"],
        json.loads(read("js", "lab", "extension", "package.json"))["version"],
        importlib.metadata.version("teaching-nb"),
    }

    assert len(versions) == 1, versions


def test_package_carries_the_lab_extension() -> None:
    """Whoever installs us has the JupyterLab extension: what the page loads, its settings, and whose it is."""
    name = json.loads(read("js", "lab", "extension", "package.json"))["name"]
    folder = f"share/jupyter/labextensions/{name}/"
    files = importlib.metadata.files("teaching-nb") or []
    carried = {path.as_posix().split(folder)[1] for path in files if folder in path.as_posix()}

    assert {"package.json", "install.json", f"schemas/{name}/cells.json"} <= carried
    assert [path for path in carried if path.startswith("static/remoteEntry.")]
    assert [path for path in files if path.parts[0] == "js"] == []
    assert json.loads(read("js", "lab", "install.json"))["packageName"] == PYPROJECT["project"]["name"]


def test_build_finds_the_lab_extension_in_the_sdist() -> None:
    """Git ignores what is built, so it is named where sdist and wheel are described; the hook looks for the same."""
    build = PYPROJECT["tool"]["hatch"]["build"]
    extension = json.loads(read("js", "lab", "extension", "package.json"))["jupyterlab"]
    built = (ROOT / "js" / "lab" / "extension" / extension["outputDir"]).resolve().relative_to(ROOT).as_posix()

    assert f"{built}/**" in build["artifacts"]
    assert built in build["targets"]["wheel"]["shared-data"]
    assert f'"{built}/install.json"' in read("hatch_build.py")


def test_changelog_begins_with_unreleased() -> None:
    """What comes next is written down first."""
    headings = re.findall(r"^## (.+)$", read("CHANGELOG.md"), flags=re.MULTILINE)

    assert headings[0] == "Unreleased"


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_python_lock_names_versions_and_hashes_only(lock: Path) -> None:
    """A lock file has a version and a hash for every package, and no address or option of an index."""
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9][^\n]*\n", text, flags=re.MULTILINE)

    assert not re.findall(r"://|--index|--extra-index|--find-links|^/", text, flags=re.MULTILINE)
    assert packages
    assert [line for line in packages if not re.match(r"\S+==\S+( ; .+)? \\$", line)] == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_npm_lock_names_hashes_only(lock: Path) -> None:
    """Packages come with a hash and without the address of the registry that they came from."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]

    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_python_locks_hold_what_is_asked_for() -> None:
    """Every requirement is in the lock file for development."""
    assert set(python_requirements()) - {"hatchling"} <= set(locked_versions("requirements-dev.lock"))


def test_older_kernel_differs_in_the_kernel_only() -> None:
    """The second environment has ipykernel 6 instead of 7, and every other package in the version that it has here."""
    ours, theirs = (locked_versions(lock) for lock in ("requirements.lock", "requirements-ipykernel6.lock"))
    other = {name for name, version in theirs.items() if ours.get(name, version) != version}

    assert other == {"ipykernel"}
    assert (ours["ipykernel"].split(".")[0], theirs["ipykernel"].split(".")[0]) == ("7", "6")


@pytest.mark.parametrize("name", sorted({*python_requirements(), *npm_requirements()}))
def test_dependency_has_its_reason(name: str) -> None:
    """docs/dependencies.md says of each dependency why it is there."""
    assert f"`{name}`" in read("docs", "dependencies.md")


def test_every_lint_exception_has_its_reason() -> None:
    """Whatever ruff is told to overlook stands with a comment."""
    section = read("pyproject.toml").split("[tool.ruff.lint]")[1].split("[tool.ruff.lint.flake8-tidy-imports]")[0]
    after_select = section.split("ignore = [", 1)[1]
    entries = [line for line in after_select.splitlines() if re.match(r'\s+"[A-Z]+[0-9]*",?', line)]
    inline = [line for line in after_select.splitlines() if re.search(r'= \["[A-Z]+[0-9]+"\]', line)]

    assert len(entries) > 20
    assert [line for line in (*entries, *inline) if "#" not in line] == []


def test_makefile_has_the_verbs() -> None:
    """Each verb is a target, and `make` alone names it."""
    makefile = read("Makefile")

    for verb in VERBS:
        assert re.search(rf"^{verb}:", makefile, flags=re.MULTILINE), verb
        assert f"make {verb}" in makefile, verb


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_names_only_what_exists(document: Path) -> None:
    """Verbs of make, tests, files and links that a document names are there."""
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), flags=re.MULTILINE))
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link and not link.startswith("#")]
    tests = {name.removeprefix("tests/") for name in re.findall(r"`((?:\w+/)+test_\w+)", text)}

    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    assert {name for name in tests if not (ROOT / "tests" / f"{name}.py").exists()} == set()
    assert [link for link in links if not (document.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("part", ["hub", "client"])
def test_tests_lie_where_the_code_lies(part: str) -> None:
    """Each folder of a part's tests is one of the part, so that whoever knows a file finds its tests."""
    code, tests = (
        {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
        for folder in (ROOT / "teaching_nb" / part, ROOT / "tests" / part)
    )

    assert tests == code


def test_people_are_they() -> None:
    """No line of the product, its documents or its tests takes somebody for a man or a woman."""
    gendered = re.compile(r"(?<![a-z])(he|him|his|himself|she|her|hers|herself)(?![a-z])", flags=re.IGNORECASE)
    folders = [ROOT / name for name in ("teaching_nb", "js/src", "js/tests", "docs", "bench", "tests")]
    kinds = {".py", ".ts", ".mjs", ".md", ".toml", ".jsonl"}
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in (*files, ROOT / "README.md", ROOT / "CHANGELOG.md")
        if "node_modules" not in path.parts and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if gendered.search(line)
    ]

    assert len(files) > 500
    assert found == []


@pytest.mark.parametrize("command", COMMANDS)
def test_command_has_help(command: str) -> None:
    """Every command explains itself."""
    assert "Usage:" in help_of(command)


def test_documented_options_exist() -> None:
    """Every `teaching-nb` command line in a document is one of the commands, with options that it has."""
    lines = [line for block in _shell_blocks() for line in block.splitlines() if line.startswith("teaching-nb ")]

    assert lines
    for line in lines:
        command = max((name for name in COMMANDS if line.startswith(f"teaching-nb {name}")), key=len)
        usage = help_of(command)
        assert [option for option in re.findall(r"--[a-z-]+", line) if option not in usage] == [], line
        assert command, line


def help_of(command: str) -> str:
    """Return what a command prints when it is asked for help."""
    done = subprocess.run(
        [sys.executable, "-m", "teaching_nb", *command.split(), "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    return done.stdout


def _shell_blocks() -> list[str]:
    return [block for document in DOCUMENTS for block in blocks_of(document.read_text(encoding="utf-8"), "sh")]


@pytest.fixture
async def a_kernels_environment(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Return the environment that a student's kernel finds, with a real hub behind it."""
    everybody = people(1)
    store = Store(tmp_path / "hub")
    processes = Processes(tmp_path)
    student = everybody[1].email
    await load_class(class_file(everybody), store=store, directory=tmp_path)
    tokens = await mint_tokens([student], store=store)
    hub = await start_hub(processes, store=store)
    yield os.environ | {"TEACHING_NB_URL": hub.url, "TEACHING_NB_TOKEN": tokens[student]}
    await processes.close()


async def test_code_of_the_readme_runs(a_kernels_environment: dict[str, str]) -> None:
    """The README's Python lines run as they stand, and what they write is stored."""
    [block] = blocks_of(read("README.md"), "python")
    ending = "print(cell.model.save_state, cell.model.code)"

    printed = await run([sys.executable, "-c", f"{block}\n{ending}"], env=a_kernels_environment)

    assert printed == "saved def fib(n): ...\nprint(fib(10))\n"
