"""What does not fit a type: kernels and pages have one rule, made of the structs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from teaching_nb.schema import documents, wire
from teaching_nb.schema.misfits import fitting, misfits_in, refusal

JS = Path(__file__).parents[2] / "js"
SHOWN = [name for name in documents.known_types() if (JS / "src" / "widgets" / name).is_dir()]
"""Types that pages show."""

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 3.0, 3.7, -0.5, 2**53 - 1, 2**53, -(2**60), 1e300, "", "nope", "checked", "ok", [],
    [0, 2], [-1], [0.5], [2.0], [True], ["a"], [None], [[]], {}, {"a": 1}, {"a": {}}, {"a": {"choices": [-1]}},
    {"a": {"choices": [1], "points": {"kind": "fixed", "max": 2}}}, {"a": {"points": {"max": 2}}},
    {"a": {"points": {"kind": "deducted", "max": "2"}}},
]  # fmt: skip
WHOLES: list[Any] = [None, True, 0, 5.5, "", "abc", [], [{}], {}, {"of another program": None}]

PAGE = """
import { fitting } from "./src/document/fitting";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
const found = cases.map(([name, data]) => fitting(TYPES[name], data).misfits.map(({ key }) => key));
console.log(JSON.stringify(found));
"""


def cases() -> list[tuple[str, Any]]:
    """Return types with stored data: every value below every key, and what may stand in the place of it all."""
    found: list[tuple[str, Any]] = []
    for name in SHOWN:
        known = documents.document_type(name)
        assert known is not None
        keys = [field.encode_name for field in msgspec.structs.fields(known.data)]
        found += [(name, {key: value}) for key in keys for value in VALUES]
        found += [(name, data) for data in WHOLES]
    return found


def test_pages_and_kernels_find_the_same() -> None:
    """Each type by each value: `fitting` of the page's bundle, run by Node, against the rule of the kernel."""
    types = {name: documents.document_type(name) for name in SHOWN}
    homes = {name: _home(known.data) for name, known in types.items() if known}
    imports = {f'import {{ {word} }} from "./src/schema/types/{file}";' for file, word in homes.values()}
    table = f"const TYPES = {{ {', '.join(f'{name}: {word}' for name, (_, word) in homes.items())} }};"
    bundle = subprocess.run(
        [JS / "node_modules" / ".bin" / "esbuild", "--bundle", "--platform=node", "--loader=ts"],
        input="\n".join([*sorted(imports), table, PAGE]),
        capture_output=True,
        text=True,
        cwd=JS,
        check=True,
    ).stdout
    asked = cases()

    done = subprocess.run(
        ["node", "--eval", bundle], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    on_the_page = json.loads(done.stdout)
    in_the_kernel = [[misfit.key for misfit in misfits_in(types[name], data)] for name, data in asked]

    differences = [
        (case, page, kernel)
        for case, page, kernel in zip(asked, on_the_page, in_the_kernel, strict=True)
        if page != kernel
    ]
    assert differences == []
    assert sum(map(bool, in_the_kernel)) > len(asked) / 3
    assert sum(not each for each in in_the_kernel) > len(asked) / 10


@pytest.mark.parametrize("name", SHOWN)
def test_what_fits_alone_is_what_may_be_assigned(name: str) -> None:
    """Without what does not fit, and as pages count, data pass the check of assignments; other keys stay."""
    known = documents.document_type(name)
    for of, data in cases():
        if of == name and isinstance(data, dict) and data.keys() != {"of another program"}:
            rest = fitting(known, {**data, "theirs": [1]})
            assert rest["theirs"] == [1]
            if 3.0 not in data.values() and [2.0] not in data.values():
                documents.check_data(name, rest)


def test_a_refusal_names_the_values_and_what_to_do() -> None:
    """Long ones are cut."""
    known = documents.document_type("page_read_check")

    words = refusal(misfits_in(known, {"readTime": -5, "read": "y" * 100}))

    assert words.startswith('another program has stored something here that does not fit: readTime is -5, read is "yyy')
    assert "y …; whoever wrote it can mend it, its author by assigning `.model.data` in Python" in words
    assert refusal(misfits_in(known, None)).startswith(
        "another program has stored something here that does not fit: it is null;"
    )


def test_true_is_not_one() -> None:
    """In JSON; whole numbers and fractions of the same value are one number."""
    assert not wire.is_same({"a": [1]}, {"a": [True]})
    assert not wire.is_same(False, 0)
    assert wire.is_same({"a": [3.0], "b": None}, {"b": None, "a": [3]})


def _home(data: type[msgspec.Struct]) -> tuple[str, str]:
    """Return the file and the name of the default data of a struct on the page."""
    word = "".join(f"_{letter}" if letter.isupper() else letter for letter in data.__name__).strip("_").upper()
    return data.__module__.rpartition(".")[2], word
