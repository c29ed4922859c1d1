"""Write what pages share with hub and kernel as TypeScript: `js/src/schema`, a file for each Python module.

    python js/generate_schema.py           # writes the files anew, and removes those that nothing is left of
    python js/generate_schema.py --check   # exits with 1 when one of them is not what would be written

It reads the modules below `teaching_nb.schema` and the messages of pages to kernels. Of each it takes the public
constants, the names of sets of words (`Literal`) and the structs, with their docstrings. A new struct or module is
found by itself.
"""

from __future__ import annotations

import ast
import json
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UNSET, UnsetType

from teaching_nb.schema import documents

sys.path.insert(0, str(Path(__file__).parent))
import generate_forms
from generate_forms import Home

TARGET = Path(__file__).parent / "src" / "schema"
PACKAGE = "teaching_nb.schema"
MESSAGES = "teaching_nb.widgets.messages"
"""What pages tell kernels; not part of the package, for nobody else needs it."""
_OF_SERVERS = ("delta", "document_type", "markdown", "misfits", "update_reader")
NOT_FOR_PAGES = frozenset(f"{PACKAGE}.{name}" for name in _OF_SERVERS)
"""Modules whose public constants are of the servers' own."""

WIDTH = 110
"""As in biome.json: the files are written as the formatter would leave them."""
TAKEN = frozenset({"Array", "Boolean", "Date", "Function", "Map", "Number", "Object", "Set", "String", "Symbol"})
"""Names that mean something else in TypeScript; a struct of such a name gets `Data` behind it."""

_PLAIN: Mapping[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    bytes: "Uint8Array | ArrayBuffer",
    NoneType: "null",
    Any: "unknown",
    object: "unknown",
}


class Name(NamedTuple):
    """What a Python type is called in TypeScript, and in which file."""

    path: str
    word: str


class NotOnTheWireError(Exception):
    """A field holds something that is never sent, such as a class."""


Names = dict[Any, Name]


def generate() -> dict[str, str]:
    """Return path below `js/src/schema` → content."""
    modules = {_path_of(module): module for module in _modules()}
    names = names_in(modules)
    files = {path: File(path, module, names).text() for path, module in modules.items()}
    shown = (name for name in documents.known_types() if (TARGET.parent / "widgets" / name).is_dir())
    data = {known.data for known in map(documents.document_type, shown) if known}
    files["forms.ts"] = generate_forms.text({struct: Home(names[struct].path, _constant(struct)) for struct in data})
    return {path: text for path, text in files.items() if text}


def names_in(modules: Mapping[str, ModuleType]) -> Names:
    """Return what the types of some modules, by their paths, are called."""
    names: Names = {}
    for path, module in modules.items():
        for alias, value in _aliases(module):
            names.setdefault(value, Name(path, alias))
        names |= {struct: Name(path, _word(struct)) for struct in _structs(module)}
    return names


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` say which are not as they should be; return the exit code."""
    wanted = generate()
    present = {path.relative_to(TARGET).as_posix(): path.read_text("utf-8") for path in TARGET.rglob("*.ts")}
    stale = sorted(path for path in wanted.keys() | present.keys() if wanted.get(path) != present.get(path))
    if "--check" in arguments:
        for path in stale:
            print(f"js/src/schema/{path} is not what js/generate_schema.py writes: run it")
        return 1 if stale else 0
    for path in stale:
        file = TARGET / path
        if path in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(wanted[path], "utf-8")
        else:
            file.unlink()
    return 0


def _modules() -> Iterator[ModuleType]:
    package = import_module(PACKAGE)
    for found in sorted(pkgutil.walk_packages(package.__path__, f"{PACKAGE}."), key=lambda found: found.name):
        if found.name not in NOT_FOR_PAGES:
            yield import_module(found.name)
    yield import_module(MESSAGES)


def _path_of(module: ModuleType) -> str:
    inner = "messages" if module.__name__ == MESSAGES else module.__name__.removeprefix(f"{PACKAGE}.")
    return inner.replace(".", "/") + ".ts"


def _word(struct: type[msgspec.Struct]) -> str:
    return f"{struct.__name__}Data" if struct.__name__ in TAKEN else struct.__name__


def _aliases(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name in _own_names(module):
        value = getattr(module, name)
        if get_origin(value) is Literal:
            yield name, value


def _structs(module: ModuleType) -> list[type[msgspec.Struct]]:
    """Return the structs that a module defines, in their order; not the bases that only hold what all have."""
    own = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)]
    return [
        struct
        for struct in own
        if struct.__module__ == module.__name__ and not _members(struct) and (_tag(struct) or _fields(struct))
    ]


def _members(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return what is told apart by its tag below a struct, which then is a name for all of these."""
    below = [member for child in struct.__subclasses__() for member in (_members(child) or [child])]
    return [member for member in below if _tag(member) and member.__module__ == struct.__module__]


def _tag(struct: type[msgspec.Struct]) -> tuple[str, str] | None:
    config = struct.__struct_config__
    return (str(config.tag_field), str(config.tag)) if config.tag is not None else None


def _fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)


def _own_names(module: ModuleType) -> list[str]:
    """Return the public names that a module assigns."""
    return [name for name in _docs(module) if not name.startswith("_") and "." not in name and hasattr(module, name)]


def _docs(module: ModuleType) -> dict[str, str]:
    """Return name → docstring of what a module defines, empty where there is none; fields as `Class.field`."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    docs = dict(_docs_in(tree.body))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            docs[node.name] = ast.get_docstring(node) or ""
            docs |= {f"{node.name}.{name}": doc for name, doc in _docs_in(node.body)}
    return docs


def _docs_in(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node, after in zip(body, [*body[1:], None], strict=True):
        for target in _targets_of(node):
            yield target.id, _string_in(after)


def _targets_of(node: ast.stmt) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target for target in targets if isinstance(target, ast.Name)]


def _string_in(node: ast.stmt | None) -> str:
    is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    value = node.value.value if is_string else ""  # type: ignore[union-attr]  # `is_string` has looked
    return textwrap.dedent(value) if isinstance(value, str) else ""


class File:
    """One module as TypeScript."""

    def __init__(self, path: str, module: ModuleType, names: Names) -> None:
        self._path = path
        self._module = module
        self._names = names
        self._docs = _docs(module)
        self._foreign: set[Name] = set()

    def text(self) -> str:
        """Return the content, empty when the module has nothing to share."""
        parts = [*self._constants(), *self._words(), *self._all_structs(), *self._unions()]
        if not parts:
            return ""
        source = self._module.__name__.replace(".", "/")
        head = f"// Generated by js/generate_schema.py from {source}.py; changes are made there."
        # What is imported has an empty line below it already.
        return "\n".join([head, *self._imports(), *(parts[1:] if self._foreign and not parts[0] else parts)]) + "\n"

    def _constants(self) -> Iterator[str]:
        for name in _own_names(self._module):
            value = getattr(self._module, name)
            if name.isupper() and (written := _value(value)) is not None:
                yield from _comment(self._docs[name])
                yield _wrapped(f"export const {name} = ", written, ";")

    def _words(self) -> Iterator[str]:
        for name, value in _aliases(self._module):
            yield from _comment(self._docs[name])
            yield _union(f"export type {name} =", [json.dumps(word) for word in get_args(value)])

    def _all_structs(self) -> Iterator[str]:
        for struct in _structs(self._module):
            try:
                lines = list(self._struct(struct))
            except NotOnTheWireError:
                continue
            yield from ["", *lines]

    def _struct(self, struct: type[msgspec.Struct]) -> Iterator[str]:
        tag, fields, hints = _tag(struct), _fields(struct), get_type_hints(struct)
        defaults = {field.encode_name: _default_of(field) for field in fields}
        # Then what arrives may lack a key, but whoever shows it fills it up.
        data = {key: value for key, value in defaults.items() if value is not UNSET}
        has_defaults = not tag and bool(data) and all(_is_json(value) for value in data.values())
        yield from _comment(self._docs[struct.__name__])
        yield f"export interface {_word(struct)} {{"
        if tag:
            yield f"  {tag[0]}: {json.dumps(tag[1])};"
        for field in fields:
            yield from _comment(self._field_doc(struct, field.name), "  ")
            is_there = field.required or (has_defaults and field.encode_name in data)
            sign = "" if is_there else "?"
            yield f"  {field.encode_name}{sign}: {self._type(hints[field.name])};"
        yield "}"
        if has_defaults:
            yield from self._default_data(struct, data)

    def _default_data(self, struct: type[msgspec.Struct], defaults: dict[str, Any]) -> Iterator[str]:
        written = [f"{key}: {json.dumps(value)}" for key, value in defaults.items()]
        yield ""
        yield "/** What a document holds before anybody has said anything else. */"
        name = _constant(struct)
        line = f"export const {name}: {_word(struct)} = {{ {', '.join(written)} }};"
        if len(line) <= WIDTH:
            yield line
            return
        yield f"export const {name}: {_word(struct)} = {{"
        yield from (f"  {entry}," for entry in written)
        yield "};"

    def _unions(self) -> Iterator[str]:
        """Name what is told apart by its tag, after the struct that all of it derives from."""
        for base in vars(self._module).values():
            is_own = isinstance(base, type) and base.__module__ == self._module.__name__
            if is_own and issubclass(base, msgspec.Struct) and (members := _members(base)):
                yield ""
                yield from _comment(self._docs[base.__name__])
                yield _union(f"export type {base.__name__} =", [_word(member) for member in members])

    def _field_doc(self, struct: type[msgspec.Struct], field: str) -> str:
        return next((doc for cls in struct.__mro__ if (doc := self._docs.get(f"{cls.__name__}.{field}"))), "")

    def _imports(self) -> Iterator[str]:
        up = "../" * self._path.count("/") or "./"
        for path in sorted({name.path for name in self._foreign}):
            words = ", ".join(sorted(name.word for name in self._foreign if name.path == path))
            yield f'import type {{ {words} }} from "{up}{path.removesuffix(".ts")}";'
        if self._foreign:
            yield ""

    def _type(self, hint: Any) -> str:
        if hint in _PLAIN:
            return _PLAIN[hint]
        if hint in self._names:
            name = self._names[hint]
            if name.path != self._path:
                self._foreign.add(name)
            return name.word
        origin, inner = get_origin(hint), get_args(hint)
        if origin in {Union, UnionType}:
            return " | ".join(dict.fromkeys(self._type(part) for part in inner if part is not UnsetType))
        if origin is Literal:
            return " | ".join(json.dumps(word) for word in inner)
        return self._container(hint, origin, inner)

    def _container(self, hint: Any, origin: Any, inner: tuple[Any, ...]) -> str:
        if origin in {list, frozenset, set} or (origin is tuple and inner[1:] == (...,)):
            item = self._type(inner[0])
            return f"({item})[]" if " | " in item else f"{item}[]"
        if origin is tuple:
            return f"[{', '.join(self._type(part) for part in inner)}]"
        if origin is dict:
            return f"Record<string, {self._type(inner[1])}>"
        if origin in {type, Callable}:
            raise NotOnTheWireError
        raise TypeError(f"js/generate_schema.py does not know how {hint!r} is written in TypeScript")


def _constant(struct: type[msgspec.Struct]) -> str:
    """Return what the default data of a struct are called."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in struct.__name__).strip("_").upper()


def _default_of(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not NODEFAULT:
        return field.default_factory()
    return field.default


def _is_json(value: Any) -> bool:
    return value is not NODEFAULT and not isinstance(value, bytes)


def _value(value: Any) -> str | None:
    """Return a constant in TypeScript, None for what no page needs."""
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, tuple) and value and all(isinstance(word, str) for word in value):
        return f"[{', '.join(json.dumps(word) for word in value)}] as const"
    return None


def _wrapped(before: str, value: str, after: str) -> str:
    if len(before + value + after) <= WIDTH:
        return before + value + after
    if not value.startswith("["):
        return f"{before.rstrip()}\n  {value}{after}"
    items, _, kind = value[1:].partition("]")
    return "\n".join([f"{before}[", *(f"  {item}," for item in items.split(", ")), f"]{kind}{after}"])


def _union(before: str, members: list[str]) -> str:
    line = f"{before} {' | '.join(members)};"
    if len(line) <= WIDTH:
        return line
    return "\n".join([before, *(f"  | {member}" for member in members)]) + ";"


def _comment(doc: str, indent: str = "") -> Iterator[str]:
    lines = doc.strip().splitlines()
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
    elif lines:
        yield f"{indent}/**"
        yield from (f"{indent} * {line}".rstrip() for line in lines)
        yield f"{indent} */"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
