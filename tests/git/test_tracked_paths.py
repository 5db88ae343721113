"""Which paths git tracks, asked of real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.git import tracked
from support.repositories import ScratchRepository

NASTY = ["-x", "a b ", 'it\'s "q"', "결제", "👩‍💻", "[x]", "*", "?", "!a", "#a", ":(top)a", ":a", "b\\c", "**"]


def test_files_directories_and_parents(repository: ScratchRepository, tmp_path: Path) -> None:
    repository.commit({"src/a.py": "", "src/b/c.py": "", ".env": ""})
    os.symlink(tmp_path, repository.path / "data")
    repository.git("add", "data")
    found = tracked.entries(
        os.fspath(repository.path),
        [".env", "src", "src/b", "src/x", "srcx", "data", "data/x/y", ".env/x", "node_modules", "deep/data/x"],
    )
    assert found == {
        ".env": ".env",
        "src": "src/a.py",
        "src/b": "src/b/c.py",
        "data": "data",
        "data/x/y": "data",
        ".env/x": ".env",
    }


def test_a_submodule_is_a_parent(repository: ScratchRepository) -> None:
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.head},vendor/lib")
    found = tracked.entries(os.fspath(repository.path), ["vendor/lib/node_modules", "vendor/node_modules"])
    assert found == {"vendor/lib/node_modules": "vendor/lib"}


@pytest.mark.parametrize("name", NASTY)
def test_names_are_taken_literally(repository: ScratchRepository, name: str) -> None:
    where = os.fspath(repository.path)
    repository.commit({"a": "", "abc": "", "README/x": ""})
    assert tracked.entries(where, [name, f"{name}/in", f"in/{name}/x"]) == {}
    (repository.path / name).write_text("")
    (repository.path / "in").mkdir()
    (repository.path / "in" / name).write_text("")
    repository.git("add", "--all")
    assert tracked.entries(where, [name]) == {name: name}
    assert tracked.entries(where, [name, f"{name}/in", f"in/{name}/x"]) == {
        name: name,
        f"{name}/in": name,
        f"in/{name}/x": f"in/{name}",
    }


def test_one_git_call_answers_for_all(
    repository: ScratchRepository, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKSTRA_TRACE", "1")
    tracked.entries(os.fspath(repository.path), ["a", "b/c", "README.md"])
    assert capfd.readouterr().err.count("okstra: trace:") == 1
    assert tracked.entries(os.fspath(repository.path), []) == {}
    assert capfd.readouterr().err == ""
