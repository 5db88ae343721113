"""The six floors stand: who imports whom, and what each floor keeps its hands off.

`support.architecture` holds the rules. Each is shown here to fail on a small package that breaks it and nothing else.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import git_okstra
from support import architecture

PACKAGE = Path(git_okstra.__file__).parent

SOUND = {
    "__init__.py": '"""The package."""\n__version__ = "1"\n',
    "__main__.py": '"""Runs it."""\nfrom house.cli import entry\nentry.main()\n',
    "crashpoints.py": '"""Beside."""\nimport os\nimport signal\n',
    "core/__init__.py": '"""Rules."""\n',
    "core/names.py": '"""Names."""\nimport unicodedata\nfrom datetime import datetime\nfrom pathlib import PurePath\n',
    "core/plan_reading.py": '"""Reads plans."""\nimport tomllib\nfrom . import names\nfrom .names import datetime\n',
    "state/__init__.py": '"""Files."""\n',
    "state/locks.py": '"""Locks."""\nimport filelock\nfrom house import crashpoints\n',
    "state/config.py": '"""Settings."""\nimport os, tomllib, tomli_w\n'
    "from house.core import names\nfrom house.state import locks\n",
    "git/__init__.py": '"""Git."""\n',
    "git/process.py": '"""Starts git."""\nimport os, subprocess\nos.execvp("git", ["git"])\n',
    "git/objects.py": '"""Reads objects."""\nfrom dulwich.object_store import DiskObjectStore\n',
    "operations/__init__.py": '"""Verbs."""\n',
    "operations/start.py": '"""Starts."""\nfrom house.state import config\nfrom house.git import process\n'
    "try:\n    config.x\nexcept Exception:\n    raise\n",
    "hooks/__init__.py": '"""Hooks."""\n',
    "hooks/push.py": '"""Judges a push."""\nimport house.operations.start\nprint("blocked")\n',
    "cli/__init__.py": '"""Commands."""\n',
    "cli/entry.py": '"""Entry."""\nimport click, importlib\nfrom rich import console\nfrom house.hooks import push\n',
}

# rule -> (the file that breaks it, its source, what the checker says)
BROKEN = {
    "core imports state": ("core/a.py", '"""A."""\nfrom house.state import config\n', "not below it"),
    "core imports operations, inside a function": (
        "core/a.py",
        '"""A."""\ndef f():\n    import house.operations.start\n',
        "not below it",
    ),
    "core imports upward by a relative name": ("core/a.py", '"""A."""\nfrom ..git import process\n', "not below it"),
    "core imports upward for types only": (
        "core/a.py",
        '"""A."""\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.git import process\n',
        "not below it",
    ),
    "a floor's package imports upward": ("core/__init__.py", '"""C."""\nfrom house.cli import entry\n', "not below it"),
    "state imports git": ("state/a.py", '"""A."""\nfrom house.git import process\n', "not below it"),
    "git imports state": ("git/a.py", '"""A."""\nimport house.state.config\n', "not below it"),
    "operations imports hooks": ("operations/a.py", '"""A."""\nfrom house.hooks import push\n', "not below it"),
    "hooks imports cli": ("hooks/a.py", '"""A."""\nfrom house.cli import entry\n', "not below it"),
    "the package imports a floor": ("__init__.py", '"""P."""\nfrom house.core import names\n', "not below it"),
    "a folder that is no floor": ("helpers/a.py", '"""A."""\n', "stands on no floor"),
    "a module beside the floors": ("extras.py", '"""A."""\n', "stands on no floor"),
    "importing what stands on no floor": ("cli/a.py", '"""A."""\nimport house.extras\n', "not below it"),
    "two modules import each other": ("state/locks.py", '"""A."""\nfrom house.state import config\n', "cycle: "),
    "a module imports itself": ("core/a.py", '"""A."""\nfrom house.core import a\n', "cycle: "),
    "subprocess in an operation": ("operations/a.py", '"""A."""\nimport subprocess\n', "imports subprocess"),
    "subprocess in a command": ("cli/a.py", '"""A."""\nfrom subprocess import run\n', "imports subprocess"),
    "pty in a command": ("cli/a.py", '"""A."""\nimport pty\n', "imports pty"),
    "multiprocessing": ("operations/a.py", '"""A."""\nimport multiprocessing.pool\n', "imports multiprocessing"),
    "os.system": ("operations/a.py", '"""A."""\nimport os\nos.system("git")\n', "os.system starts"),
    "os.popen": ("state/a.py", '"""A."""\nimport os\nos.popen("git")\n', "os.popen starts"),
    "os.spawnv": ("hooks/a.py", '"""A."""\nimport os\nos.spawnvp(0, "git", [])\n', "os.spawnvp starts"),
    "os.posix_spawn": ("hooks/a.py", '"""A."""\nimport os\nrun = os.posix_spawn\n', "os.posix_spawn starts"),
    "os.fork": ("state/a.py", '"""A."""\nimport os\nos.fork()\n', "os.fork starts"),
    "os.exec in a command": ("cli/a.py", '"""A."""\nimport os\nos.execvp("man", [])\n', "os.execvp starts"),
    "from os import execvp": ("cli/a.py", '"""A."""\nfrom os import execvp\n', "os.execvp starts"),
    "asyncio's processes": (
        "cli/a.py",
        '"""A."""\nimport asyncio\nasyncio.create_subprocess_exec("git")\n',
        "asyncio.create_subprocess_exec starts",
    ),
    "dulwich beside objects": ("git/refs.py", '"""A."""\nfrom dulwich import refs\n', "imports dulwich"),
    "dulwich in an operation": ("operations/a.py", '"""A."""\nimport dulwich.repo\n', "imports dulwich"),
    "click in a hook": ("hooks/a.py", '"""A."""\nimport click\n', "imports click"),
    "rich in an operation": ("operations/a.py", '"""A."""\nfrom rich.table import Table\n', "imports rich"),
    "filelock beside locks": ("state/a.py", '"""A."""\nimport filelock\n', "imports filelock"),
    "tomllib in an operation": ("operations/a.py", '"""A."""\nimport tomllib\n', "imports tomllib"),
    "tomli_w in core": ("core/plan_writing.py", '"""A."""\nimport tomli_w\n', "imports tomli_w"),
    "importlib in an operation": ("operations/a.py", '"""A."""\nimport importlib\n', "imports importlib"),
    "__import__": ("operations/a.py", '"""A."""\n__import__("subprocess")\n', "hides an import"),
    "a package that is no dependency": ("cli/a.py", '"""A."""\nimport requests\n', "is no dependency"),
    "core imports crashpoints": ("core/a.py", '"""A."""\nfrom house import crashpoints\n', "reads the environment"),
    "crashpoints imports a floor": ("crashpoints.py", '"""B."""\nfrom house.core import names\n', "not below it"),
    "crashpoints imports a dependency": (
        "crashpoints.py",
        '"""B."""\nimport tomli_w\n',
        "imports tomli_w",
    ),
    "os.environ in core": ("core/a.py", '"""A."""\nimport os\nos.environ["HOME"]\n', "core imports os"),
    "from os import environ in core": ("core/a.py", '"""A."""\nfrom os import environ\n', "core imports os"),
    "time in core": ("core/a.py", '"""A."""\nfrom time import time\n', "core imports time"),
    "datetime.now in core": (
        "core/a.py",
        '"""A."""\nimport datetime\nx = datetime.datetime.now(datetime.UTC)\n',
        "core reads the clock",
    ),
    "date.today in core": (
        "core/a.py",
        '"""A."""\nfrom datetime import date\nx = date.today()\n',
        "core reads the clock",
    ),
    "open in core": ("core/a.py", '"""A."""\nopen("x")\n', "core opens a file"),
    "pathlib in core": ("core/a.py", '"""A."""\nfrom pathlib import Path\n', "core imports pathlib"),
    "print in an operation": ("operations/a.py", '"""A."""\nprint("done")\n', "operations calls print"),
    "input in an operation": ("operations/a.py", '"""A."""\nx = input()\n', "operations calls input"),
    "sys.stderr in an operation": (
        "operations/a.py",
        '"""A."""\nimport sys\nsys.stderr.write("x")\n',
        "operations uses sys.stderr",
    ),
    "no docstring": ("core/a.py", "x = 1\n", "has no docstring"),
    "an empty package file": ("core/__init__.py", "", "has no docstring"),
    "utils.py": ("core/utils.py", '"""U."""\n', "is called utils"),
    "a file that is too large": ("core/a.py", '"""A."""\n' + "# x\n" * 6200, "more than 24576"),
    "except Exception: pass": (
        "cli/a.py",
        '"""A."""\ntry:\n    x = 1\nexcept Exception:\n    pass\n',
        "swallows every error",
    ),
    "a bare except": ("cli/a.py", '"""A."""\ntry:\n    x = 1\nexcept:\n    ...\n', "swallows every error"),
    "except with a broad one among others": (
        "cli/a.py",
        '"""A."""\nfor y in ():\n    try:\n        x = 1\n    except (KeyError, BaseException):\n        pass\n',
        "swallows every error",
    ),
    "suppress(Exception)": (
        "cli/a.py",
        '"""A."""\nimport contextlib\nwith contextlib.suppress(Exception):\n    x = 1\n',
        "swallows every error",
    ),
}


def house(root: Path, extra: dict[str, str]) -> Path:
    """A package called `house` under `root`: the sound one, with the given files put in."""
    for place, source in (SOUND | extra).items():
        path = root / "house" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return root / "house"


def test_the_house_is_in_order() -> None:
    assert len(list(PACKAGE.rglob("*.py"))) > 20
    found = architecture.faults(PACKAGE)
    assert not found, "\n" + "\n".join(found)


def test_a_sound_package_has_no_fault(tmp_path: Path) -> None:
    assert architecture.faults(house(tmp_path, {})) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(rule: str, tmp_path: Path) -> None:
    place, source, said = BROKEN[rule]
    found = architecture.faults(house(tmp_path, {place: source}))
    assert len(found) == 1, found
    assert said in found[0]
    assert found[0].startswith((f"{place}:", "cycle: house."))


def test_a_longer_cycle_is_named_with_all_its_modules(tmp_path: Path) -> None:
    ring = {f"core/{name}.py": f'"""{name}."""\nfrom house.core import {after}\n' for name, after in ("ab", "bc", "ca")}
    assert architecture.faults(house(tmp_path, ring)) == [
        "cycle: house.core.a -> house.core.b -> house.core.c -> house.core.a"
    ]
