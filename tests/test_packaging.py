"""What gets installed: the wheel carries everything, and both kinds of installation find it."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import resources
from support import processes

ROOT = Path(__file__).parents[1]
TEMPLATE = "share/templates/plan.toml"
ASK = f"from git_okstra.state import resources; print(resources.path({TEMPLATE!r}))"

# Run from elsewhere, and seeing only what it is told to: the interpreter's own site-packages name this checkout.
PYTHON = [sys.executable, "-I", "-S"]


def beside_the_package(folder: str) -> list[str]:
    """The files of one of the folders that lie at the checkout's root, as paths within it."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout."""
    source, made = tmp_path_factory.mktemp("source") / "git-okstra", tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "benchmarks", "docs", "dist", "build")
    shutil.copytree(ROOT, source, ignore=ignored, symlinks=True)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", f"{made}"]
    processes.run(build, cwd=source).require_success()
    (path,) = made.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def contents(wheel: Path) -> list[str]:
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as file:
        return file.namelist()


@pytest.mark.parametrize("folder", ["hooks", "share", "man"])
def test_the_wheel_carries_what_lies_beside_the_package(folder: str, contents: list[str]) -> None:
    files = beside_the_package(folder)
    assert files, f"{folder}/ is empty"
    assert [name for name in contents if name.startswith(f"git_okstra/data/{folder}/")] == [
        f"git_okstra/data/{name}" for name in files
    ]


def test_the_wheel_installs_the_manual_pages_where_man_finds_them(contents: list[str]) -> None:
    pages = [name.partition(".data/data/share/man/man1/")[2] for name in contents if ".data/data/share/man/" in name]
    assert sorted(pages) == [name.removeprefix("man/") for name in beside_the_package("man")]
    assert "git-okstra.1" in pages
    assert all(page.endswith(".1") for page in pages)


def test_the_wheel_carries_the_whole_package_and_nothing_else(contents: list[str]) -> None:
    modules = [path.relative_to(ROOT).as_posix() for path in (ROOT / "git_okstra").rglob("*.py")]
    assert sorted(name for name in contents if name.endswith(".py")) == sorted(modules)
    assert "git_okstra/py.typed" in contents
    assert {name.split("/")[0].rpartition(".")[2] for name in contents} == {"git_okstra", "dist-info", "data"}


def test_resources_are_found_in_the_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "site")
    ended = processes.run([*PYTHON, "-c", f"import sys; sys.path.insert(0, {f'{tmp_path}/site'!r}); {ASK}"])
    assert ended.require_success().out == f"{tmp_path}/site/git_okstra/data/{TEMPLATE}\n"
    assert Path(ended.out.strip()).read_bytes() == (ROOT / TEMPLATE).read_bytes()


def test_resources_are_found_in_the_checkout_of_an_editable_install() -> None:
    ended = processes.run([sys.executable, "-I", "-c", ASK])
    assert ended.require_success().out == f"{ROOT / TEMPLATE}\n"


def test_a_resource_that_is_missing_is_a_clear_error() -> None:
    with pytest.raises(OkstraError, match="the installation is incomplete") as caught:
        resources.path("share/templates/none.toml")
    assert caught.value.code == "damaged-file"
    assert caught.value.hint


def test_the_installed_wheel_answers_as_a_command_of_git(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    processes.run([sys.executable, "-m", "venv", "--without-pip", f"{home}"]).require_success()
    pip = [sys.executable, "-m", "pip", "--python", f"{home}/bin/python", "--disable-pip-version-check"]
    processes.run([*pip, "install", "-q", "--no-deps", "--no-index", f"{wheel}"]).require_success()
    # The dependencies are those of this interpreter; a directory named in a .pth does not have its own .pth files read,
    # so the editable installation there stays out of sight.
    (site,) = home.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    path = {"PATH": f"{home}/bin{os.pathsep}{os.environ['PATH']}"}

    version = processes.run(["git", "okstra", "--version"], env=path, cwd=tmp_path).require_success()
    assert version.out.startswith("git-okstra version ")
    usage = processes.run(["git", "okstra", "-h"], env=path, cwd=tmp_path).require_success()
    assert "start" in usage.out
    where = processes.run([f"{home}/bin/python", "-c", ASK]).require_success()
    assert where.out == f"{site}/git_okstra/data/{TEMPLATE}\n"
    if shutil.which("man"):
        page = processes.run(["man", "-w", "git-okstra"], env=path).require_success()
        assert page.out == f"{home}/share/man/man1/git-okstra.1\n"
