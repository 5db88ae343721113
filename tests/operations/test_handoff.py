"""`handoff`: only what is verified, only forward, only what was chosen; and nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import handoff, handoff_intent, listing, merge, plans
from git_okstra.operations.handoff import Wish
from support.handing import PLAN, Desk
from support.repositories import ScratchRepository


def refused(desk: Desk, **wish: Any) -> OkstraError:
    with pytest.raises(OkstraError) as caught:
        desk.handoff(**wish)
    return caught.value


def states(desk: Desk) -> set[str]:
    (row,) = listing.rows(desk.context(), only=desk.task)
    return {stage.state for stage in row.stages}


# -- what the verdict holds for


def test_the_verified_commit_is_pushed_and_recorded(desk: Desk) -> None:
    done = desk.handoff()
    assert desk.there() == desk.tip() == done.intent.handed
    assert (done.pushed, done.made, done.request, done.compare) == (True, None, None, None)
    assert "not that of a forge" in done.why
    assert desk.phase == "release-handoff"
    (event,) = desk.events("handed-off")
    assert {"action": "pr", "head": desk.tip(), "remote": "origin", "base": "main"}.items() <= event.data.items()
    assert done.body is not None
    assert Path(done.body).read_text() == done.intent.body
    assert "- stage 1: Model" in done.intent.body and "`true`" in done.intent.body
    assert not Path(desk.context().store.handoff_path("dev", "dev-1")).exists()
    assert desk.git("status", "--porcelain", cwd=desk.path()) == ""


def test_without_a_verdict_nothing_is_done(repository: ScratchRepository) -> None:
    desk = Desk(repository)
    for change in (
        lambda: desk.accept(verdict="rejected"),
        lambda: desk.accept(commit="0" * 40, tree="0" * 40),
        lambda: desk.accept(plan="sha256:other"),
    ):
        change()
        assert refused(desk).code == "not-verified"
        assert (desk.there(), desk.phase) == (None, "final-verification")
    desk.accept()
    desk.handoff()


def test_a_commit_after_the_verdict_takes_its_force_but_not_one_with_the_same_tree(desk: Desk) -> None:
    desk.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-m", "another message", cwd=desk.path())
    desk.handoff()
    assert desk.there() == desk.tip()
    desk.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "same tree", cwd=desk.path())
    desk.handoff()
    (desk.path() / "s1/a.txt").write_text("other\n")
    desk.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", "sneaked in", cwd=desk.path())
    assert refused(desk).code == "not-verified"
    assert desk.there() != desk.tip()


def test_going_back_voids_the_verdict_and_an_edited_plan_too(desk: Desk) -> None:
    desk.back()
    assert refused(desk).code == "not-verified"
    desk.accept()
    longer = Plan((*PLAN.stages, PlannedStage(3, "Manual", (), ("docs/**",))))
    plans.import_plan(desk.context(), desk.task, longer)
    assert refused(desk).code == "not-verified"
    desk.approve(PLAN)
    desk.handoff()


@pytest.mark.parametrize("wish", [{}, {"squash": True}])
def test_what_is_not_committed_is_not_left_out_unseen(desk: Desk, wish: dict[str, Any]) -> None:
    (desk.path() / "s1/a.txt").write_text("more\n")
    error = refused(desk, **wish)
    assert error.code == "dirty-worktree"
    assert "s1/a.txt" in error.message


def test_another_branch_in_the_worktree_and_an_unfinished_merge_are_refused(desk: Desk) -> None:
    desk.git("switch", "-q", "-c", "own", cwd=desk.path())
    assert refused(desk).code == "wrong-branch"
    desk.git("switch", "-q", desk.branch(), cwd=desk.path())
    desk.repository.commit({"s1/a.txt": "theirs\n"})
    desk.git.run("-c", "core.hooksPath=/dev/null", "merge", "main", cwd=desk.path())
    assert refused(desk, action="commit").code == "merge-in-progress"


def test_a_task_without_a_plan_is_told_by_its_commits(repository: ScratchRepository) -> None:
    desk = Desk(repository, planned=False, title="")
    done = desk.handoff(squash=True)
    assert desk.there() == desk.tip() == done.made
    assert done.intent.message == "feat: DEV-1\n\n- add a page\n\nCloses #7\nTask: DEV-1\n"
    assert "## Summary\n\nDEV-1\n" in done.intent.body
    # The squash has taken the place of the commit; what it was made of is still told.
    assert "add a page" in desk.handoff(squash=True).intent.body


# -- the push


def test_a_push_is_only_ever_forward(desk: Desk) -> None:
    other = desk.clone()
    other.git("switch", "-q", "-c", desk.branch())
    theirs = other.commit({"theirs": "x\n"})
    other.git("push", "-q", "origin", desk.branch())
    error = refused(desk)
    assert error.code == "push-refused"
    assert theirs[:12] in error.message
    desk.git("fetch", "-q")
    assert refused(desk).code == "push-refused"
    assert desk.there() == theirs
    assert desk.phase == "final-verification"


def test_configuration_cannot_make_the_push_force_or_take_other_refs_along(desk: Desk) -> None:
    desk.git("tag", "-a", "-m", "x", "v1", desk.tip())
    desk.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*")
    desk.git("config", "push.followTags", "true")
    desk.git("config", "push.default", "matching")
    desk.handoff()
    assert desk.remote("for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/feat-dev-1",
        "refs/heads/main",
    ]


def test_somebody_who_is_faster_is_not_overwritten(desk: Desk) -> None:
    """Between our look at the remote and our push the branch appears there."""
    other = desk.clone()
    other.git("switch", "-q", "-c", desk.branch())
    theirs = other.commit({"theirs": "x\n"})
    hook = desk.repository.path / ".git/hooks/pre-push"
    hook.write_text(f"#!/bin/sh\nunset GIT_DIR\ngit -C {other.path} push -q origin {desk.branch()}\n")
    hook.chmod(0o755)
    assert refused(desk).code == "push-refused"
    assert desk.there() == theirs
    assert desk.events("handed-off") == []


def test_a_remote_that_says_no_is_quoted_and_the_next_hand_off_goes_on(desk: Desk) -> None:
    hook = Path(f"{desk.remote.cwd}/hooks/pre-receive")
    hook.write_text("#!/bin/sh\necho 'only on\x1b[31m Mondays' >&2\nexit 1\n")
    hook.chmod(0o755)
    error = refused(desk, message="Mine\n\nbecause")
    assert error.code == "push-refused"
    assert "only on\\x1b[31m Mondays" in error.message
    hook.unlink()
    ctx = desk.context(desk.path())
    found = handoff.ready(ctx, desk.task, Wish())
    assert found.pending is not None
    done = handoff.go_on(ctx, found)
    assert desk.there() == desk.tip()
    assert done.intent.title == "Mine"


def test_what_is_there_already_is_not_pushed_again(desk: Desk) -> None:
    desk.handoff()
    assert desk.handoff().pushed is False
    assert len(desk.events("handed-off")) == 2


@pytest.mark.parametrize(("remote", "code"), [("nowhere", "no-remote"), ("broken", "git-failed")])
def test_a_remote_that_is_not_there(desk: Desk, remote: str, code: str) -> None:
    desk.git("remote", "add", "broken", "/nowhere/at/all.git")
    assert refused(desk, remote=remote).code == code


def test_the_remote_is_origin_or_the_only_one_or_named(desk: Desk) -> None:
    desk.git("remote", "rename", "origin", "hub")
    assert desk.plan().grounds.remote == "hub"
    desk.git("remote", "add", "spare", "/nowhere/at/all.git")
    assert refused(desk).code == "no-remote"
    assert desk.plan(remote="hub").grounds.remote == "hub"
    desk.git("remote", "remove", "hub")
    desk.git("remote", "remove", "spare")
    assert "git remote add" in refused(desk).hint


# -- the base


@pytest.mark.parametrize("base", ["main", "origin/main", "refs/heads/main", "refs/remotes/origin/main", None])
def test_the_base_however_it_is_named(desk: Desk, base: str | None) -> None:
    where = desk.plan(base=base).grounds
    assert (where.into, where.base) == ("origin", "main")


@pytest.mark.parametrize("base", ["nowhere", "feat-dev-1", "-x", "a..b", "HEAD~1"])
def test_what_cannot_be_the_base(desk: Desk, base: str) -> None:
    assert refused(desk, base=base).code == "bad-revision"


def test_a_base_that_is_no_branch_must_be_named(repository: ScratchRepository) -> None:
    desk = Desk(repository, base=repository.head)
    assert refused(desk, base=None).code == "base-required"
    assert desk.plan(base="main").grounds.base == "main"


def test_a_base_that_moved_is_told_with_what_merging_it_would_do(desk: Desk) -> None:
    other = desk.clone()
    other.commit({"else.txt": "x\n"})
    other.commit({"s1/a.txt": "theirs\n"})
    other.git("push", "-q", "origin", "main")
    where = desk.plan(dry_run=True).grounds
    assert where.behind is None
    fetched = desk.git("rev-parse", "origin/main")
    desk.handoff()
    assert desk.notes == [
        "'main' of origin has 2 commits that the task branch lacks; merging would conflict in: s1/a.txt"
    ]
    assert desk.git("rev-parse", "origin/main") == fetched, "refs that nobody spoke of stay where they are"
    desk.git("fetch", "-q")
    desk.handoff(action="commit", base=None)
    assert desk.notes == ["the base has 2 commits that the task branch lacks; merging would conflict in: s1/a.txt"]


def test_nothing_to_hand_over(desk: Desk) -> None:
    desk.git("merge", "-q", "--ff-only", desk.branch())
    desk.git("push", "-q", "--no-verify", "origin", "main")
    assert refused(desk).code == "nothing-to-hand-off"
    assert refused(desk, action="commit", squash=True).code == "nothing-to-hand-off"


# -- commits


def test_commit_only_commits_what_is_staged_and_nothing_else(desk: Desk) -> None:
    before = desk.tip()
    (desk.path() / "s1/a.txt").write_text("not staged\n")
    (desk.path() / "new.txt").write_text("not tracked\n")
    (desk.path() / "CHANGELOG.md").write_text("vouchers\n")
    desk.git("add", "CHANGELOG.md", cwd=desk.path())
    done = desk.handoff(action="commit", base=None)
    assert done.made == desk.tip() != before
    assert desk.git("rev-parse", f"{done.made}^") == before
    assert desk.git("diff", "--name-only", before, desk.tip()) == "CHANGELOG.md"
    assert desk.git("status", "--porcelain", cwd=desk.path()) == " M s1/a.txt\n?? new.txt"
    assert desk.git("log", "-1", "--format=%B", desk.tip()).strip() == done.intent.message.strip()
    assert desk.there() is None
    assert desk.events("handed-off")[-1].data["commit"] == done.made
    assert refused(desk).code == "not-verified", "it has other files than were verified"


def test_commit_only_with_nothing_staged_records_the_text(desk: Desk) -> None:
    before = desk.tip()
    done = desk.handoff(action="commit", base=None)
    assert (done.made, desk.tip(), desk.there()) == (None, before, None)
    assert Path(done.message).read_text() == "feat: Vouchers (DEV-1)\n\n- Model\n- Page\n\nTask: DEV-1\n"
    assert desk.phase == "release-handoff"


def test_a_squash_is_one_commit_with_the_same_tree_and_the_old_tip_is_kept(desk: Desk) -> None:
    before = desk.tip()
    done = desk.handoff(squash=True)
    assert done.made == desk.tip() == desk.there()
    assert desk.tree(desk.tip()) == desk.tree(before)
    assert desk.git("rev-parse", f"{desk.tip()}^@") == desk.git("rev-parse", "main")
    assert done.backup is not None
    assert done.backup.startswith("refs/okstra/backup/dev/dev-1/")
    assert desk.git("rev-parse", done.backup) == before
    (event,) = desk.events("squashed")
    assert event.data == {"old": before, "new": done.made, "backup": done.backup}
    assert desk.git("status", "--porcelain", cwd=desk.path()) == ""
    assert desk.git("reflog", "-1", "--format=%gs", cwd=desk.path()) == "okstra handoff: squash"
    # Everybody still finds the stages in it.
    assert states(desk) == {"merged"}
    assert merge.merge(desk.context(), desk.task).skipped == (1, 2)
    # Again: there is nothing left to squash.
    again = desk.handoff(squash=True)
    assert (again.made, again.pushed, desk.tip()) == (None, False, done.made)


def test_a_squash_is_refused_once_others_may_have_the_commits(desk: Desk) -> None:
    desk.handoff()
    error = refused(desk, action="commit", squash=True)
    assert error.code == "squash-refused"
    assert refused(desk, squash=True).code == "squash-refused"
    assert desk.there() == desk.tip()
    # What the remote had before the task began stands in nobody's way.
    desk.remote("update-ref", f"refs/heads/{desk.branch()}", "main")
    desk.handoff(squash=True)
    assert desk.there() == desk.tip()


def test_a_squash_stands_on_the_newest_commit_in_common_with_the_base(desk: Desk) -> None:
    desk.back()
    desk.repository.commit({"base.txt": "x\n"})
    desk.git("push", "-q", "--no-verify", "origin", "main")
    desk.git("-c", "core.hooksPath=/dev/null", "merge", "-q", "--no-edit", "main", cwd=desk.path())
    common = desk.git("rev-parse", "main")
    desk.repository.commit({"later.txt": "x\n"})
    desk.accept()
    done = desk.handoff(action="commit", base=None, squash=True)
    assert desk.git("rev-parse", f"{done.made}^@") == common


def test_more_work_after_a_squash_that_was_not_pushed(desk: Desk) -> None:
    desk.handoff(action="commit", base=None, squash=True)
    desk.back()
    desk.reopen(1)
    desk.commit(1, {"s1/b.txt": "b\n"})
    desk.done(1)
    desk.merge()
    assert states(desk) == {"merged"}
    desk.accept()
    desk.handoff(squash=True)
    assert desk.git("rev-list", "--count", f"main..{desk.branch()}") == "1"
    assert states(desk) == {"merged"}
    assert len(desk.git("for-each-ref", "refs/okstra/backup").splitlines()) == 2


def test_the_commit_is_signed_and_looked_at_by_the_hook_as_git_commit_would(desk: Desk, tmp_path: Path) -> None:
    hook = desk.repository.path / ".git/hooks/commit-msg"
    hook.write_text('#!/bin/sh\ngrep -q ticket "$1" && exit 1\necho "Change-Id: I1" >>"$1"\n')
    hook.chmod(0o755)
    gpg = tmp_path / "gpg"
    gpg.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho A SIGNATURE\n")
    gpg.chmod(0o755)
    desk.git("config", "gpg.program", f"{gpg}")
    desk.git("config", "commit.gpgSign", "true")
    before = desk.tip()
    assert refused(desk, action="commit", base=None, squash=True, message="the ticket").code == "git-failed"
    assert desk.tip() == before
    desk.handoff(action="commit", base=None, squash=True, message="Vouchers")
    raw = desk.git("cat-file", "commit", desk.tip())
    assert "gpgsig A SIGNATURE" in raw
    assert raw.endswith("Vouchers\nChange-Id: I1")


# -- texts


def test_a_text_with_anything_in_it_is_only_text(desk: Desk, tmp_path: Path) -> None:
    nasty = "$(touch x) `touch x` \\ \" ' ;&|<> \x1b[31m\r\n\r\n# 12 stays\n--title\n\x00\u202e"
    done = desk.handoff(squash=True, message=nasty, title="-rf $(touch x)\n\x1b")
    message = desk.git("log", "-1", "--format=%B", desk.tip())
    assert message.startswith("$(touch x) `touch x` \\ \" ' ;&|<> \\x1b[31m\n\n# 12 stays\n--title\n\\x00\\u202e")
    assert done.intent.title == "-rf $(touch x) \\x1b"
    assert not list(Path(desk.repository.path.parent).rglob("x"))


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_message_or_title_is_refused(desk: Desk, text: str) -> None:
    assert refused(desk, message=text).code == "usage"
    assert refused(desk, title=text).code == "usage"


def test_templates_are_looked_for_in_their_order(desk: Desk, tmp_path: Path, environment: dict[str, str]) -> None:
    def body(**wish: Any) -> str:
        return desk.plan(**wish).text.body

    files = {"given": tmp_path / "given.md", "clone": tmp_path / "clone.md", "global": Path(os.environ["HOME"], "g.md")}
    for name, path in files.items():
        path.write_text(f"# {name}\n\n## Summary\n")
    assert body().startswith("## Summary\n\nVouchers")
    home = Path(os.environ["OKSTRA_HOME"], "config.toml")
    home.write_text('[pr]\ntemplate = "~/g.md"\n')
    assert body().startswith("# global\n\n## Summary\n\nVouchers")
    (desk.path() / "docs").mkdir()
    (desk.path() / "docs/pr.md").write_text("# project\n")
    (desk.path() / ".okstra.toml").write_text('[pr]\ntemplate = "docs/pr.md"\n')
    assert body().endswith("# project\n")
    clone = desk.repository.path / ".git/okstra/config.toml"
    clone.write_text(f'[pr]\ntemplate = "{files["clone"]}"\n')
    assert body().startswith("# clone")
    assert body(template=f"{files['given']}").startswith("# given")
    clone.write_text('[pr]\ntemplate = ""\n')
    assert body().startswith("## Summary")


@pytest.mark.parametrize("kind", ["missing", "outside", "directory", "binary", "huge"])
def test_a_template_that_cannot_be_used_is_named_with_its_place(desk: Desk, tmp_path: Path, kind: str) -> None:
    place = desk.path() / "pr.md"
    if kind == "outside":
        (tmp_path / "secret").write_text("key")
        place.symlink_to(tmp_path / "secret")
    elif kind == "directory":
        place.mkdir()
    elif kind == "binary":
        place.write_bytes(b"\xff\xfe")
    elif kind == "huge":
        place.write_text("x" * 300_000)
    (desk.path() / ".okstra.toml").write_text('[pr]\ntemplate = "pr.md"\n')
    error = refused(desk)
    assert error.code == "bad-config"
    assert ".okstra.toml:2: pr.template 'pr.md' cannot be used" in error.message
    assert refused(desk, template="nowhere.md").code == "usage"


# -- going on


def test_another_wish_begins_anew_and_skip_gives_up(desk: Desk) -> None:
    hook = Path(f"{desk.remote.cwd}/hooks/pre-receive")
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    refused(desk)
    ctx = desk.context(desk.path())
    assert handoff.ready(ctx, desk.task, Wish(action="pr", base="main")).pending is not None
    assert handoff.ready(ctx, desk.task, Wish(action="commit")).pending is None
    assert handoff.ready(ctx, desk.task, Wish(title="Another")).pending is None
    assert handoff.skip(ctx, desk.task)
    assert not handoff.skip(ctx, desk.task)
    assert handoff.ready(ctx, desk.task, Wish()).pending is None


def test_a_branch_that_moved_since_is_not_handed_over_by_what_was_begun(desk: Desk) -> None:
    hook = Path(f"{desk.remote.cwd}/hooks/pre-receive")
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    refused(desk)
    hook.unlink()
    desk.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "later", cwd=desk.path())
    ctx = desk.context(desk.path())
    found = handoff.ready(ctx, desk.task, Wish())
    assert found.pending is None
    assert any("begins anew" in note for note in ctx.notes)
    with pytest.raises(OkstraError) as caught:
        handoff.go_on(ctx, found)
    assert caught.value.code == "branch-moved"


def test_a_damaged_record_is_named_and_skip_removes_it(desk: Desk) -> None:
    place = Path(desk.context().store.handoff_path("dev", "dev-1"))
    place.write_text('{"format": 1, "action": "pr"}')
    assert refused(desk).code == "damaged-file"
    assert handoff.skip(desk.context(), desk.task)
    desk.handoff()


def test_two_at_once_are_not_at_it(desk: Desk) -> None:
    with handoff_intent.at_work(desk.context(), desk.task):
        assert refused(desk).code == "busy"
