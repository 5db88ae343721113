"""The JSON documents have the fields that the manual names, and no others: every command is run with --json."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from git_okstra.core import bases
from git_okstra.operations import start
from support import commands, manual_pages
from support.processes import Ended
from support.repositories import ScratchRepository

PAGES = manual_pages.load_all()
OF_EVERY_DOCUMENT = {"schema", "notes", "dry_run"}
VALUES = {
    *(start.CREATED, start.REUSED, start.IN_PLACE, "skipped-not-git"),
    *(bases.ANCHOR, bases.DEPENDENCY, bases.TASK_HEAD),
    *("null", "okstra.plan/1", "removed", "absent", "refused"),
}
"""Words of the sections about JSON that are values and not fields."""
ONLY_AFTER_ABORT = {"aborted"}
ONLY_OF_A_PULL_REQUEST = {"status", "url", "number"}
ONLY_IN_CONFLICT = {"against", "files", "stands_on"}

PLAN = """\
[[stage]]
number = 1
title = "One"
files = ["**"]

[[stage]]
number = 2
title = "Two"
files = ["b/**"]
depends_on = [1]
"""

Documents = dict[str, list[Mapping[str, Any]]]


def fields_of(row: str) -> set[str]:
    """The fields of a task or stage as git-okstra(1) lists them."""
    start = {"task": "A task as ", "stage": "A stage has the fields "}[row]
    line = next(line for line in PAGES["git-okstra.1"].sections["JSON"] if line.startswith(start))
    return set(manual_pages.bold([line.partition("has the fields")[2]])) - (
        {"ref", "commit"} if row == "task" else set()
    )


def named_on(page: str) -> set[str]:
    """The fields that a page names under JSON."""
    return set(manual_pages.bold(PAGES[page].sections["JSON"]))


def keys_in(value: object) -> set[str]:
    """Every field name in a document, however deep."""
    if isinstance(value, Mapping):
        return {*value, *(key for part in value.values() for key in keys_in(part))}
    return {key for part in value for key in keys_in(part)} if isinstance(value, list) else set()


def first_of(okstra: Callable[..., Ended], repository: ScratchRepository, *args: str) -> Mapping[str, Any]:
    """The first document of a command that goes on."""
    words = okstra.words(*args, "--json")  # type: ignore[attr-defined]
    with subprocess.Popen(words, cwd=repository, stdout=subprocess.PIPE) as going:
        assert going.stdout is not None
        line = going.stdout.readline()
        going.kill()
    document: Mapping[str, Any] = json.loads(line)
    return document


def play(okstra: Callable[..., Ended], repository: ScratchRepository, plan: Path) -> Documents:
    """The life of a task that has every command in it; what each printed, by its name."""
    documents: Documents = {}

    def run(name: str, *args: str, check: bool = True) -> Mapping[str, Any]:
        env = {"GIT_EDITOR": "sed -i s/Two/Deux/"}
        document: Mapping[str, Any] = okstra(
            *name.split(), *args, "--json", cwd=repository, env=env, check=check
        ).json()
        documents.setdefault(name, []).append(document)
        return document

    def work_off() -> None:
        """Another task with that plan, by commands that fail and by commands that work."""
        run("start", "feat", "DEV-3", "--base", "main")
        run("plan import", str(plan), "--task", "dev-3")
        run("plan approve", "--yes", "--task", "dev-3")
        works = "mkdir -p b && echo x >>b/$OKSTRA_STAGE && git add b && git commit -qm b"
        for options, command in (["-n"], "true"), (["--output", "--retry", "1"], "echo x; exit 1"), ([], works):
            words = ["run", "--task", "dev-3", "--json", *options, "--", "sh", "-c", command]
            told = okstra(*words, cwd=repository, check=False).out
            lines = [told] if options == ["-n"] else told.splitlines()
            documents.setdefault("run", []).extend(json.loads(line) for line in lines)
        okstra("remove", "DEV-3", "-D", cwd=repository)

    run("help", "stage")
    run("init")
    run("plan template")
    run("start", "feat", "DEV-1", "--base", "main")
    run("phase")
    run("plan check", str(plan))
    run("plan import", str(plan))
    run("plan show")
    run("plan approve", "--yes")
    stage = run("stage", "1")["path"]
    (Path(stage) / "a.txt").write_text("a\n")
    repository.git("add", "-A", cwd=stage)
    repository.git("commit", "-qm", "a", cwd=stage)
    run("done", "1")
    run("reopen", "1")
    run("stage", "1", "9", check=False)
    run("done", "1")
    run("merge")
    second = run("stage", "2")["path"]
    (Path(second) / "a.txt").write_text("another\n")
    repository.commit({"a.txt": "of the base\n"}, "the base moves")
    run("conflicts", check=False)
    run("sync", "2")
    run("sync", "--all")
    documents["conflicts"].append(first_of(okstra, repository, "conflicts", "--watch"))
    run("config set", "verify.commands", "true")
    run("verify", check=False)
    run("verify", "--preview", "--run")
    run("brief", "1")
    run("brief", "--gate")
    run("list")
    run("list", "--long")
    run("who")
    run("takeover", "2")
    run("status")
    documents["watch"] = [first_of(okstra, repository, "watch")]
    run("path", "2")
    run("log")
    run("graph")
    run("timeline", "--output", str(repository.path.parent / "timeline.svg"))
    (repository.path / ".git/okstra/tasks/dev/dev-1/paths").unlink()
    run("doctor", "--repair")
    run("abandon", "2", "-f")
    run("release", "1")
    run("plan edit")
    run("remove", "task", "-D")
    run("restore")
    run("restore", "DEV-1")
    run("doctor")
    run("prune")
    repository.commit({"a.txt": "a\n"}, cwd=run("start", "fix", "DEV-2", "--base", "main")["path"])
    run("verify", "--check", run("verify", "--task", "dev-2")["report"])
    run("handoff", "--action", "commit", "--squash", "--yes", "--task", "dev-2")
    run("phase", "implementation", "--yes", "--task", "dev-2")
    run("config set", "trash.keep", "9d")
    run("undo")
    run("log", "--operations", "-n", "1")
    work_off()
    run("config get", "start.base")
    run("config get", "start.base", "--scope", "all")
    run("config set", "start.base", "main")
    run("config unset", "start.base")
    run("config list")
    run("config trust")
    run("config untrust")
    run("hooks install")
    run("hooks status")
    run("hooks uninstall", "--yes")
    return documents


def test_documents_have_the_fields_that_the_manual_names(
    okstra: Callable[..., Ended], repository: ScratchRepository, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    documents = play(okstra, repository, plan)
    with_json = [leaf for leaf in commands.leaves() if leaf.takes("as_json")]
    assert set(documents) == {leaf.name for leaf in with_json}
    for leaf in with_json:
        for document in documents[leaf.name]:
            unnamed = set(document) - named_on(leaf.page) - OF_EVERY_DOCUMENT
            assert unnamed == set(), f"{leaf.page} does not name these fields of '{leaf.name}'"
            schema = "okstra.plan/1" if leaf.name == "plan show" else f"okstra.{leaf.name.replace(' ', '-')}/1"
            assert document["schema"] == schema
    for page in PAGES.keys() - {"git-okstra.1"}:
        mine = [leaf for leaf in with_json if leaf.page == page]
        printed = {key for leaf in mine for document in documents[leaf.name] for key in keys_in(document)}
        commands_named = {name for leaf in commands.leaves() for name in (leaf.name, leaf.words[-1])}
        others = {name for name in named_on(page) if name.startswith(("-", "git"))}
        gone = named_on(page) - printed - commands_named - others - VALUES - ONLY_AFTER_ABORT - ONLY_IN_CONFLICT
        gone -= ONLY_OF_A_PULL_REQUEST if page == "git-okstra-handoff.1" else set()
        assert gone == set(), f"{page} names fields that nothing prints"
    for page, part in (
        ("git-okstra-stage.1", documents["stage"][0]["stage"]),
        ("git-okstra-merge.1", documents["merge"][0]["stages"][0]),
        ("git-okstra-verify.1", documents["verify"][0]["checks"][0]),
        ("git-okstra-stage.1", documents["brief"][0]["stage"]),
        ("git-okstra-remove.1", documents["remove"][0]["removed"][0]),
        ("git-okstra-remove.1", documents["restore"][0]["trash"][0]),
        ("git-okstra-doctor.1", documents["doctor"][1]["findings"][0]),
        ("git-okstra-config.1", documents["config list"][0]["settings"][0]),
    ):
        assert set(part) <= named_on(page)

    (listed, long), (shown,), (watched,) = documents["list"], documents["status"], documents["watch"]
    assert set(long["tasks"][0]) - set(listed["tasks"][0]) == {"disk", "changed"}
    assert set(watched) - set(shown) == {"time"}
    for task in (*listed["tasks"], shown["task"]):
        assert set(task) == fields_of("task")
        assert set(task["base"]) == {"ref", "commit"}
        assert [set(stage) for stage in task["stages"]] == [fields_of("stage")] * 2


def test_an_error_is_a_document_too(okstra: Callable[..., Ended], repository: ScratchRepository) -> None:
    ended = okstra("status", "--json", cwd=repository, check=False)
    assert set(ended.json()) == {"error"}
    assert set(ended.json()["error"]) == {"code", "message", "hint"}
    assert ended.err == ""
