"""Delivery 3: a commit that the plan refuses reaches no governed branch, whichever command tries."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from support.hooked import Held, rules
from support.processes import Ended

Way = Callable[[Held], Ended]


def run(held: Held, *args: str, number: int = 1, **more: object) -> Ended:
    return held.git.run(*args, cwd=held.path(number), **more)  # type: ignore[arg-type]


def bad(held: Held, *, onto: str = "") -> str:
    """A commit that stage 1 must not have, on top of its branch."""
    return held.loose({"src/evil.py": "x\n"}, onto or held.tip(1))


def commit(*options: str) -> Way:
    def way(held: Held) -> Ended:
        held.write(1, "src/evil.py")
        return run(held, "commit", "-m", "evil", *options)

    return way


def merge_no_verify(held: Held) -> Ended:
    run(held, "branch", "side", bad(held))
    return run(held, "merge", "--no-ff", "--no-verify", "-m", "m", "side")


def evil_merge(held: Held) -> Ended:
    base = held.base_commit({"base.txt": "b\n"})
    run(held, "merge", "--no-commit", "--no-ff", base).require_success()
    held.write(1, "src/evil.py")
    return run(held, "commit", "--no-verify", "-m", "merge and more")


def sequencer(verb: str) -> Way:
    def way(held: Held) -> Ended:
        commit = bad(held)
        if verb == "revert":  # taking back a change that only the base has changes its files too
            held.base_commit({"base.txt": "b\n"})
            run(held, "merge", "-q", "--no-edit", "main").require_success()
            commit = held.git("rev-parse", "main")
        return run(held, verb, "--no-edit", commit) if verb == "revert" else run(held, verb, commit)

    return way


def rebase(*options: str) -> Way:
    def way(held: Held) -> Ended:
        held.git("branch", "side", bad(held))
        held.git("branch", "onto", "main")
        return run(held, "rebase", *options, "onto", "side").require_success() and run(
            held, "rebase", *options, "side", held.branch(1)
        )

    return way


def rebase_exec(held: Held) -> Ended:
    body = "mkdir -p src && echo x >src/evil.py && git add src && git commit -qn -m evil"
    return run(held, "rebase", "-i", "--exec", body, "main", env={"GIT_SEQUENCE_EDITOR": "true"})


def am(held: Held) -> Ended:
    patch = held.git("format-patch", "--stdout", "-1", bad(held))
    return run(held, "am", input=patch + "\n")


def update_ref(held: Held) -> Ended:
    return run(held, "update-ref", f"refs/heads/{held.branch(1)}", bad(held))


def update_ref_head(held: Held) -> Ended:
    return run(held, "update-ref", "HEAD", bad(held))


def update_ref_stdin(held: Held) -> Ended:
    return run(held, "update-ref", "--stdin", input=f"update refs/heads/{held.branch(1)} {bad(held)}\n")


def update_ref_of_another(held: Held) -> Ended:
    """From the worktree of stage 2, by the name that git has for refs of the main worktree."""
    return run(held, "update-ref", f"main-worktree/refs/heads/{held.branch(1)}", bad(held), number=2)


def branch_force(held: Held) -> Ended:
    return run(held, "branch", "-f", held.branch(1), bad(held), number=2)


def branch_force_unattended(held: Held) -> Ended:
    """The branch of another stage, which is nowhere checked out."""
    held.git("switch", "-q", "--detach", cwd=held.path(1))
    return run(held, "branch", "-f", held.branch(1), bad(held), number=2)


def fetch_into(held: Held) -> Ended:
    held.git("branch", "side", bad(held))
    held.git("switch", "-q", "--detach", cwd=held.path(1))
    return run(held, "fetch", "-q", ".", f"side:{held.branch(1)}", number=2)


def fetch_update_head_ok(held: Held) -> Ended:
    held.git("branch", "side", bad(held))
    return run(held, "fetch", "-q", "--update-head-ok", ".", f"side:{held.branch(1)}")


def push_into(held: Held) -> Ended:
    held.git("switch", "-q", "--detach", cwd=held.path(1))
    return run(held, "push", "-q", "--no-verify", ".", f"{bad(held)}:refs/heads/{held.branch(1)}", number=2)


def reset(*mode: str) -> Way:
    return lambda held: run(held, "reset", "-q", *mode, bad(held))


def fast_forward(held: Held) -> Ended:
    held.git("branch", "side", bad(held))
    return run(held, "merge", "-q", "--ff-only", "side")


def pull(held: Held) -> Ended:
    held.git("branch", "side", bad(held))
    return run(held, "pull", "-q", "--ff-only", ".", "side")


def checkout_b(held: Held) -> Ended:
    return run(held, "checkout", "-q", "-B", held.branch(1), bad(held))


def worktree_add_b(held: Held) -> Ended:
    held.git("switch", "-q", "--detach", cwd=held.path(1))
    target = os.fspath(held.repository.path.parent / "another")
    return run(held, "worktree", "add", "-q", "-B", held.branch(1), target, bad(held), number=2)


def fast_import(held: Held) -> Ended:
    stream = (
        f"commit refs/heads/{held.branch(1)}\ncommitter A <a@example.com> 1700000000 +0000\ndata 5\nevil\n"
        f"\nfrom {held.tip(1)}\nM 100644 inline src/evil.py\ndata 2\nx\n\n"
    )
    return run(held, "fast-import", "--quiet", input=stream)


def filter_branch(held: Held) -> Ended:
    body = "mkdir -p src && echo x >src/evil.py"
    env = {"FILTER_BRANCH_SQUELCH_WARNING": "1"}
    return run(held, "filter-branch", "-f", "--tree-filter", body, "HEAD", env=env)


def replaced(held: Held) -> Ended:
    """git-replace(1) shows a harmless commit in the place of the bad one."""
    commit = bad(held)
    held.git("replace", commit, held.loose({"s1/fine": "x\n"}, held.tip(1)))
    return run(held, "update-ref", "HEAD", commit)


def diff_settings(held: Held) -> Ended:
    """An order file, an external diff and an attribute that would hide the path."""
    env = {
        "GIT_EXTERNAL_DIFF": "true", "GIT_DIFF_OPTS": "-u0", "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "diff.ignoreSubmodules", "GIT_CONFIG_VALUE_0": "all",
        "GIT_CONFIG_KEY_1": "diff.relative", "GIT_CONFIG_VALUE_1": "true",
    }  # fmt: skip
    held.write(1, "src/evil.py")
    return run(held, "commit", "-n", "-m", "evil", env=env)


def hidden_below(held: Held) -> Ended:
    """Two commits, the second of which takes the first one back."""
    return run(held, "update-ref", "HEAD", held.loose({}, bad(held)))


def stash_branch(held: Held) -> Ended:
    held.write(1, "src/evil.py")
    run(held, "stash", "-q").require_success()
    return run(held, "merge", "-q", "--ff-only", "stash@{0}")


def symbolic(held: Held) -> Ended:
    """A ref that stands for the governed branch is followed by update-ref."""
    held.git("symbolic-ref", "refs/heads/alias", f"refs/heads/{held.branch(1)}")
    return run(held, "update-ref", "refs/heads/alias", bad(held))


def bundle(held: Held) -> Ended:
    held.git("branch", "side", bad(held))
    held.git("bundle", "create", "-q", "b", "side")
    held.git("branch", "-D", "side")
    path = os.fspath(held.repository.path / "b")
    return run(held, "fetch", "-q", "--update-head-ok", path, f"side:{held.branch(1)}")


def empty_hooks_environment(held: Held) -> Ended:
    """Variables that a script might be led astray by."""
    held.write(1, "src/evil.py")
    env = {"okstra_policy": "/nowhere", "GIT_NO_REPLACE_OBJECTS": "", "CDPATH": "/", "IFS": "x", "ENV": "/dev/null"}
    return run(held, "commit", "-n", "-m", "evil", env=env)


WAYS: dict[str, Way] = {
    "commit": commit(),
    "commit --no-verify": commit("--no-verify"),
    "commit -n": commit("-n"),
    "commit -anm": commit("-a", "-n"),
    "amend -n": commit("-n", "--amend"),
    "commit of a path": commit("-n", "--only", "src/evil.py"),
    "merge --no-verify": merge_no_verify,
    "evil merge": evil_merge,
    "cherry-pick": sequencer("cherry-pick"),
    "rebase of the side": rebase(),
    "rebase --apply": rebase("--apply"),
    "rebase --exec": rebase_exec,
    "am": am,
    "update-ref": update_ref,
    "update-ref HEAD": update_ref_head,
    "update-ref --stdin": update_ref_stdin,
    "main-worktree/refs": update_ref_of_another,
    "branch -f": branch_force,
    "branch -f elsewhere": branch_force_unattended,
    "fetch . x:y": fetch_into,
    "fetch --update-head-ok": fetch_update_head_ok,
    "push . x:y": push_into,
    "reset --hard": reset("--hard"),
    "reset --soft": reset("--soft"),
    "reset --keep": reset("--keep"),
    "fast-forward": fast_forward,
    "pull": pull,
    "checkout -B": checkout_b,
    "worktree add -B": worktree_add_b,
    "fast-import": fast_import,
    "filter-branch": filter_branch,
    "replace": replaced,
    "diff settings": diff_settings,
    "hidden below": hidden_below,
    "merge of a stash": stash_branch,
    "symbolic ref": symbolic,
    "bundle": bundle,
    "variables": empty_hooks_environment,
}


SILENT = ("branch -f", "filter-branch")
"""git refuses the one by itself, for the branch is checked out; the other keeps to itself what a hook says."""


@pytest.mark.parametrize("name", WAYS)
def test_a_refused_commit_reaches_no_governed_branch(held: Held, name: str) -> None:
    before = held.tip(1)
    ended = WAYS[name](held)
    found = held.git("log", "--format=%H", f"{before}..{held.tip(1)}", "--", "src")
    assert held.tip(1) == before or not found, f"{ended}"
    assert ended.status != 0, f"{ended}"
    if name not in SILENT:
        assert rules(ended) in (["commit-plan"], ["commit-plan", "ref-rewound"]), f"{ended}"
        assert "okstra: hint: " in ended.err, f"{ended}"
