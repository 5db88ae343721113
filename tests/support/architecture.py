"""Reads the imports and calls of a package and names every place that breaks the rules of the house.

`faults(package)` looks at source alone and imports nothing, so it can be held against a package made for a test.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FLOORS = {"core": 1, "state": 2, "git": 2, "operations": 3, "hooks": 4, "cli": 5}
"""A module imports from floors below its own; two folders on one floor do not know each other."""

BESIDE = "crashpoints"
"""The module beside the floors: it imports only the standard library, and every floor but core may use it."""

LARGEST = 24 * 1024
"""Bytes; a file that grows beyond is two subjects."""

# Third party, or standard but reserved to one place -> where it may be imported ("state/" is a folder).
RESERVED = {
    "click": ("cli/",),
    "rich": ("cli/",),
    "dulwich": ("git/objects.py",),
    "filelock": ("state/locks.py",),
    "jsonschema": ("operations/report_checking.py",),
    "tomli_w": ("state/",),
    "tomllib": ("state/", "core/toml_", "core/plan", "core/setting_values.py"),
    "subprocess": ("git/",),
    "pty": ("git/",),
    "multiprocessing": ("git/",),
    "importlib": ("cli/", "hooks/"),
}
RUNTIME_DEPENDENCIES = frozenset({"click", "rich", "dulwich", "filelock", "jsonschema", "tomli_w"})

# os.NAME that starts or replaces a process; also asyncio's and whatever begins so.
_STARTS_PROCESSES = ("system", "popen", "spawn", "posix_spawn", "fork", "exec", "create_subprocess")

# What core cannot import without touching a clock, a file, a process, the environment or chance.
_IMPURE = frozenset(
    {
        "os", "io", "sys", "time", "tempfile", "shutil", "glob", "socket", "signal", "threading", "asyncio", "random",
        "secrets", "uuid", "fcntl", "mmap", "locale", "platform", "getpass", "pwd", "ctypes", "logging", "contextvars",
    }
)  # fmt: skip
_CLOCK_CALLS = frozenset({"now", "utcnow", "today"})

# Floors that print nothing and ask nothing.
_SILENT = frozenset({"core", "state", "operations"})


class Import(NamedTuple):
    """One imported name: the module it is in, the name taken from it ("" for the module itself), and the line."""

    module: str
    name: str
    line: int


class Module(NamedTuple):
    """A file of the package: its dotted name, path within the package, and source."""

    name: str
    place: str
    size: int
    tree: ast.Module

    @property
    def folder(self) -> str:
        """The folder right under the package; "" for a file of the package itself."""
        return self.place.split("/")[0] if "/" in self.place else ""


def faults(package: Path) -> list[str]:
    """Every broken rule as "place:line: what", in the order of the files; none when the house is in order."""
    modules = list(_modules(package))
    graph = {module.name: dict(_own_imports(module, package.name, {m.name for m in modules})) for module in modules}
    found = []
    for module in modules:
        found += [f"{module.place}:{line}: {what}" for line, what in sorted(_faults_of(module, package.name, graph))]
    return found + [f"cycle: {' -> '.join(cycle)}" for cycle in _cycles(graph)]


def _modules(package: Path) -> Iterator[Module]:
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package).as_posix()
        dotted = place.removesuffix(".py").replace("/", ".")
        name = f"{package.name}.{dotted}".removesuffix(".__init__")
        yield Module(name, place, path.stat().st_size, ast.parse(path.read_bytes(), place))


def _faults_of(module: Module, package: str, graph: dict[str, dict[str, int]]) -> Iterator[tuple[int, str]]:
    yield from _form(module)
    yield from _floor_faults(module, package, graph[module.name])
    yield from _reserved_faults(module, package)
    yield from _process_faults(module)
    yield from _swallowing(module)
    if module.folder == "core":
        yield from _impurity(module)
    if module.folder in _SILENT:
        yield from _talking(module)


def _form(module: Module) -> Iterator[tuple[int, str]]:
    if not ast.get_docstring(module.tree):
        yield 1, "has no docstring"
    if Path(module.place).stem == "utils":
        yield 1, "is called utils: name it after its subject"
    if module.size > LARGEST:
        yield 1, f"has {module.size} bytes, more than {LARGEST}: is it two subjects?"


def _floor_faults(module: Module, package: str, imported: dict[str, int]) -> Iterator[tuple[int, str]]:
    floor = _floor(module.name, package)
    if floor is None:
        yield 1, "stands on no floor"
        return
    for target, line in imported.items():
        folder = _folder(target, package)
        if folder == BESIDE:
            if module.folder == "core":
                yield line, f"core imports {target}, which reads the environment"
            continue
        below = _floor(target, package)
        if below is None or (folder != module.folder and below >= floor):
            yield line, f"{module.folder or module.name} imports {target}, which is not below it"


def _reserved_faults(module: Module, package: str) -> Iterator[tuple[int, str]]:
    for one in _imports(module):
        top = one.module.split(".")[0]
        if top in RESERVED and not module.place.startswith(RESERVED[top]):
            yield one.line, f"imports {top}, which belongs to {' and '.join(RESERVED[top])}"
        elif top not in sys.stdlib_module_names | RUNTIME_DEPENDENCIES | {package}:
            yield one.line, f"imports {top}, which is no dependency"


def _process_faults(module: Module) -> Iterator[tuple[int, str]]:
    if module.folder == "git":
        return
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("os", "asyncio")
            and node.attr.startswith(_STARTS_PROCESSES)
        ):
            yield node.lineno, f"{node.value.id}.{node.attr} starts a process outside git/"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            yield node.lineno, "__import__ hides an import"
    for one in _imports(module):
        if one.module in ("os", "asyncio") and one.name.startswith(_STARTS_PROCESSES):
            yield one.line, f"{one.module}.{one.name} starts a process outside git/"


def _swallowing(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            swallows = _is_broad(node.type) and all(_is_nothing(statement) for statement in node.body)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("suppress", "contextlib.suppress"):
            swallows = any(_is_broad(argument) for argument in node.args)
        else:
            continue
        if swallows:
            yield node.lineno, "swallows every error"


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_is_broad(one) for one in caught.elts)
    return caught is None or (isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException"))


def _is_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _impurity(module: Module) -> Iterator[tuple[int, str]]:
    for one in _imports(module):
        top = one.module.split(".")[0]
        if top in _IMPURE:
            yield one.line, f"core imports {top}: it has no clock, file, process or environment"
        elif top == "pathlib" and not one.name.startswith("Pure"):
            yield one.line, "core imports pathlib: only its Pure… paths touch no file"
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "open":
            yield node.lineno, "core opens a file"
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _CLOCK_CALLS:
            yield node.lineno, f"core reads the clock: {ast.unparse(node.func)}"


def _talking(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "input"):
            yield node.lineno, f"{module.folder} calls {node.func.id}: it prints nothing and asks nothing"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdin", "sys.stdout", "sys.stderr"):
            yield node.lineno, f"{module.folder} uses {ast.unparse(node)}: it prints nothing and asks nothing"


def _imports(module: Module) -> Iterator[Import]:
    """Every import in the file; those inside functions and under TYPE_CHECKING are knowledge all the same."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = f"{module.name}.x" if module.place.endswith("__init__.py") else module.name
                base = above.split(".")[: -node.level]
                origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(origin, alias.name, node.lineno)


def _own_imports(module: Module, package: str, known: set[str]) -> Iterator[tuple[str, int]]:
    """The modules of the package that this one imports, each with a line."""
    for one in _imports(module):
        if one.module.split(".")[0] != package:
            continue
        inner = f"{one.module}.{one.name}"
        yield (inner if inner in known else one.module), one.line


def _folder(name: str, package: str) -> str:
    return name.removeprefix(package).lstrip(".").split(".")[0]


def _floor(name: str, package: str) -> int | None:
    """The floor of a module; the package itself and what stands beside are under all, `__main__` on top."""
    roof = max(FLOORS.values()) + 1
    return {"": 0, BESIDE: 0, "__main__": roof, **FLOORS}.get(_folder(name, package))


def _cycles(graph: dict[str, dict[str, int]]) -> list[list[str]]:
    """One cycle for each group of modules that import each other, the start repeated at its end."""
    found, finished = [], set[str]()

    def visit(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append([*trail[trail.index(name) :], name])
            return
        if name in finished:
            return
        for target in sorted(graph.get(name, ())):
            visit(target, [*trail, name])
        finished.add(name)

    for name in sorted(graph):
        visit(name, [])
    return found
