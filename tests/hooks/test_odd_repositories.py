"""Repositories of every kind: the plan holds there too, and the hooks of others run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.operations import hooking
from support.hooked import PLAN, Held, require_refused
from support.repositories import ScratchRepository, make_repository

Made = Callable[[Path], ScratchRepository]


def named(name: str) -> Made:
    return lambda path: make_repository(path / name)


def bare(path: Path) -> ScratchRepository:
    source = make_repository(path / "source")
    source.git("clone", "-q", "--bare", os.fspath(source), os.fspath(path / "shop.git"))
    return ScratchRepository(path / "shop.git")


def of_format(*options: str) -> Made:
    def made(path: Path) -> ScratchRepository:
        path = path / "shop"
        path.mkdir()
        repository = ScratchRepository(path)
        ended = repository.git.run("init", "-q", "-b", "main", *options)
        if ended.status != 0:
            pytest.skip(f"this git has no {options[0]}")
        repository.commit({"README.md": "x\n"})
        return repository

    return made


def separate(path: Path) -> ScratchRepository:
    (path / "shop").mkdir()
    repository = ScratchRepository(path / "shop")
    repository.git("init", "-q", "-b", "main", f"--separate-git-dir={path}/elsewhere.git")
    repository.commit({"README.md": "x\n"})
    return repository


def without_hooks_directory(path: Path) -> ScratchRepository:
    (path / "template").mkdir()
    (path / "shop").mkdir()
    repository = ScratchRepository(path / "shop")
    repository.git("init", "-q", "-b", "main", f"--template={path}/template")
    repository.commit({"README.md": "x\n"})
    return repository


def with_relative_path(path: Path) -> ScratchRepository:
    repository = make_repository(path / "shop")
    (repository.path / "hooks").mkdir()
    (repository.path / "hooks" / "commit-msg").write_text("#!/bin/sh\necho 'checked by ours' >&2\n")
    (repository.path / "hooks" / "commit-msg").chmod(0o755)
    repository.commit({"hooks/x": "x\n"})
    repository.git("add", "hooks")
    repository.git("commit", "-qm", "hooks")
    repository.git("config", "core.hooksPath", "hooks")
    return repository


def with_submodule(path: Path) -> ScratchRepository:
    inner = make_repository(path / "inner")
    repository = make_repository(path / "shop")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", os.fspath(inner), "sub")
    repository.git("commit", "-qm", "submodule")
    return repository


def behind_a_link(path: Path) -> ScratchRepository:
    make_repository(path / "real")
    (path / "shop").symlink_to(path / "real")
    return ScratchRepository(path / "shop")


KINDS: dict[str, Made] = {
    "spaces": named("my  shop"),
    "quotes": named('it\'s "my" $shop `x` \\ [a-z]*'),
    "Korean": named("쇼핑몰"),
    "bare": bare,
    "sha256": of_format("--object-format=sha256"),
    "reftable": of_format("--ref-format=reftable"),
    "separate": separate,
    "no hooks directory": without_hooks_directory,
    "relative hooksPath": with_relative_path,
    "submodule": with_submodule,
    "link": behind_a_link,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("fresh")
def test_the_plan_holds_everywhere(kind: str, tmp_path: Path) -> None:
    repository = KINDS[kind](tmp_path)
    held = Held(repository, PLAN)
    where = held.open(1)
    assert all(one.active for one in hooking.status(held.context()))
    held.write(1, "s1/a.txt", "a\n")
    ended = held.git.run("commit", "-qm", "own", cwd=where).require_success()
    assert ("checked by ours" in ended.err) == (kind == "relative hooksPath")
    held.write(1, "src/x")
    for options in ((), ("-n",)):
        require_refused(held.git.run("commit", "-qm", "x", *options, cwd=where), "commit-plan")
    held.git("reset", "-q", "--hard", cwd=where)
    held.git("gc", "-q", cwd=where)
    held.git("commit", "-q", "--amend", "-m", "other", cwd=where)
    require_refused(held.git.run("update-ref", "-d", f"refs/heads/{held.branch(1)}", cwd=where), "ref-deletion")
    held.git(
        "init", "-q", "--bare", f"--object-format={held.git('rev-parse', '--show-object-format')}", f"{tmp_path}/t"
    )
    require_refused(held.git.run("push", "-q", f"{tmp_path}/t", "HEAD:main", cwd=where), "push-protected")
    held.git("push", "-q", f"{tmp_path}/t", "HEAD", cwd=where)
    held.done(1)
    held.merge()
    hooking.uninstall(held.context())


@pytest.mark.usefixtures("fresh")
def test_hooks_of_the_superproject_and_of_a_submodule_do_not_meet(tmp_path: Path) -> None:
    held = Held(with_submodule(tmp_path), PLAN)
    where = held.open(1)
    held.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", cwd=where)
    held.repository.commit({"anything": "x\n"}, cwd=where / "sub")
    held.git("add", "sub", cwd=where)
    require_refused(held.git.run("commit", "-qm", "x", cwd=where), "commit-plan")
    require_refused(held.git.run("commit", "-qnm", "x", cwd=where), "commit-plan")
