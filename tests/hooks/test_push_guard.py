"""The push guard in front of real remotes: what passes is as without it, what is refused changes nothing anywhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from git_okstra.core import push_guard
from support import processes, push_remotes
from support.push_remotes import Guarded, Remote
from support.repositories import ScratchRepository

KINDS = ["file", "ssh", "http"]


@pytest.fixture
def guarded(repository: ScratchRepository) -> Guarded:
    return Guarded(repository)


@pytest.fixture(params=KINDS)
def remote(
    request: pytest.FixtureRequest, guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Remote]:
    """The remote `origin` of each kind; what git needs for it stands in the environment."""
    with push_remotes.reached(request.param, tmp_path / "there") as found:
        guarded.git("remote", "add", "origin", found.url)
        for name, value in found.env.items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
def shop(guarded: Guarded, tmp_path: Path) -> Iterator[Remote]:
    """The remote `origin`, a path."""
    with push_remotes.reached("file", tmp_path / "there") as found:
        guarded.git("remote", "add", "origin", found.url)
        yield found


def until(condition: Callable[[], bool]) -> None:
    """Wait for it."""
    end = time.monotonic() + processes.PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def bare_words(text: str) -> str:
    """What git said, without what the guard changes: `okstra::` before the address, for which git does not leave out
    the user."""
    return text.replace("okstra::", "").replace("//ada@", "//")


def test_a_plain_push_is_as_it_was(guarded: Guarded, remote: Remote) -> None:
    said = guarded.push("-u", "origin", "feat-dev-1").require_success()
    head = guarded.git("rev-parse", "HEAD")
    assert remote.refs() == {"refs/heads/feat-dev-1": head}
    assert guarded.git("rev-parse", "refs/remotes/origin/feat-dev-1") == head
    assert guarded.git("rev-parse", "--symbolic-full-name", "@{u}") == "refs/remotes/origin/feat-dev-1"
    visits = remote.visits()
    assert len([line for line in visits if line.startswith(("http", "ssh"))]) <= 1, "one connection"
    assert len([line for line in visits if line.startswith("asked")]) == (remote.url.startswith("http")), "one question"
    # The same without the guard, to a remote that is empty again.
    remote.git("update-ref", "-d", "refs/heads/feat-dev-1")
    guarded.git("update-ref", "-d", "refs/remotes/origin/feat-dev-1")
    guarded.include.write_text("")
    plain = guarded.push("-u", "origin", "feat-dev-1").require_success()
    assert (bare_words(said.err), said.out) == (plain.err, plain.out)
    assert "okstra::" in said.err


REFUSED = [
    (["origin", "HEAD:main"], ["push-protected"], "main"),
    (["origin", "topic:refs/heads/main"], ["push-protected"], "main"),
    (["origin", "+HEAD^:feat-dev-1"], ["push-forced"], "feat-dev-1"),
    (["--force", "origin", "topic:feat-dev-1"], ["push-forced"], "feat-dev-1"),
    (["--force-with-lease", "origin", "topic:feat-dev-1"], ["push-forced"], "feat-dev-1"),
    (["origin", "--delete", "feat-dev-1"], ["push-deletion"], "feat-dev-1"),
    (["origin", ":feat-dev-1"], ["push-deletion"], "feat-dev-1"),
    (["--mirror", "origin"], ["push-protected"], "main"),
    (["--all", "origin"], ["push-protected"], "main"),
    (["--prune", "origin", "refs/heads/none*:refs/heads/feat*"], ["push-deletion"], "feat-dev-1"),
]


def test_what_is_refused_changes_nothing(guarded: Guarded, remote: Remote) -> None:
    guarded.push("origin", "feat-dev-1").require_success()
    before, tracked = remote.refs(), guarded.git("for-each-ref", "refs/remotes")
    # The kinds differ in how commands come, not in which: all of them once.
    for words, rules, ref in REFUSED if remote.path == Path(remote.url) else REFUSED[0:8:3]:
        ended = guarded.push(*words)
        assert ended.status == 1, ended
        found = re.findall(r"^okstra: BLOCKED \[([a-z-]+)\] .*$", ended.err, re.MULTILINE)
        assert found == rules, ended
        assert re.search(rf"^ ! \[remote rejected\] .*{ref} ?.* \(okstra: {rules[0]}\)$", ended.err, re.MULTILINE), (
            ended
        )
        assert "okstra: hint: " in ended.err
        assert "hung up" not in ended.err
        assert "Traceback" not in ended.err
        assert remote.refs() == before, ended
        assert guarded.git("for-each-ref", "refs/remotes") == tracked, ended


def test_the_phase_holds_under_any_name(guarded: Guarded, remote: Remote) -> None:
    head = guarded.git("rev-parse", "HEAD")
    guarded.phase("final-verification")
    for refspec in (
        "feat-dev-1",
        "HEAD:refs/heads/backup",
        f"{head}:refs/heads/backup",
        "feat-dev-1^0:refs/for/main",
        "topic:feat-dev-1",
    ):
        ended = guarded.push("origin", refspec)
        assert ended.status == 1
        assert "BLOCKED [push-phase]" in ended.err, ended
    assert remote.refs() == {}
    guarded.phase("release-handoff")
    guarded.push("origin", "HEAD:refs/heads/backup").require_success()
    assert remote.refs() == {"refs/heads/backup": head}


def test_what_stands_behind_the_tip_is_the_branchs_too_where_its_name_is_said(guarded: Guarded, tmp_path: Path) -> None:
    # Over http the helper is told what was typed; elsewhere only the commit goes over the wire.
    guarded.repository.commit({"more": "more\n"}, cwd=guarded.worktree)
    guarded.phase("final-verification")
    with push_remotes.reached("http", tmp_path / "there") as remote:
        for source in ("HEAD~1", "@~1", "feat-dev-1~1"):
            ended = guarded.push(remote.url, f"{source}:refs/heads/backup", env=remote.env)
            assert "BLOCKED [push-phase]" in ended.err, ended
        assert remote.refs() == {}


def test_a_fault_of_ours_is_one_line_and_nothing_is_pushed(guarded: Guarded, shop: Remote) -> None:
    script = guarded.script
    script.write_text(script.read_text().replace("sys.exit(push", "del push_guard.push_wire.read; sys.exit(push"))
    ended = guarded.push("origin", "topic")
    assert ended.status == 128
    assert "okstra: error [internal]: AttributeError" in ended.err
    assert "Traceback" not in ended.err
    assert shop.refs() == {}


def test_what_is_nobodys_passes_in_every_way(guarded: Guarded, remote: Remote) -> None:
    guarded.phase("final-verification")
    git = guarded.repository.git
    git("tag", "v1", "feat-dev-1")
    guarded.push("origin", "topic", "v1", "feat-dev-1:refs/notes/x").require_success()
    git("branch", "-f", "topic", git("commit-tree", "-m", "another", "topic^{tree}"))
    lease = guarded.push("--force-with-lease=topic:" + "1" * 40, "origin", "topic")
    assert lease.status == 1
    assert "(stale info)" in lease.err, "git's own refusals stay git's"
    assert "(non-fast-forward)" in guarded.push("origin", "topic").err
    guarded.push("--force-with-lease", "origin", "topic").require_success()
    assert remote.refs()["refs/heads/topic"] == git("rev-parse", "topic")
    guarded.push("origin", ":topic", ":v1").require_success()
    assert set(remote.refs()) == {"refs/notes/x"}


def test_a_mirror_passes_when_it_changes_nothing_forbidden(guarded: Guarded, remote: Remote) -> None:
    guarded.repository.git("push", "-q", "--no-verify", remote.url, "main")
    guarded.push("--mirror", "origin").require_success()
    # Whether pushing to an address makes remote-tracking refs, which are then mirrored, depends on git's age.
    here = guarded.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    sides = dict(map(str.split, here)), remote.refs()
    mine, theirs = ({name: side[name] for name in side if "/remotes/" not in name} for side in sides)
    assert mine == theirs
    guarded.repository.git("branch", "-D", "topic")
    guarded.push("--mirror", "origin").require_success()
    assert "refs/heads/topic" not in remote.refs()


def test_atomic_is_all_or_nothing(guarded: Guarded, remote: Remote) -> None:
    push_remotes.script(remote.path / "hooks/update", '[ "$1" != refs/heads/topic ]\n')
    ended = guarded.push("--atomic", "origin", "topic", "feat-dev-1")
    assert ended.status == 1
    assert remote.refs() == {}, "the remote's own refusal"
    ended = guarded.push("--atomic", "origin", "feat-dev-1", "topic:main")
    assert (
        "feat-dev-1 -> feat-dev-1 (okstra: another ref was refused)" not in ended.err
        or "[remote rejected]" in ended.err
    )
    assert ended.status == 1
    assert remote.refs() == {}, "ours"
    (remote.path / "hooks/update").unlink()
    guarded.push("--atomic", "origin", "topic", "feat-dev-1").require_success()
    assert len(remote.refs()) == 2


def test_push_options_and_certificates_arrive(guarded: Guarded, remote: Remote, tmp_path: Path) -> None:
    key = tmp_path / "key"
    processes.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{key}"]).require_success()
    for name, value in {"gpg.format": "ssh", "user.signingKey": f"{key}"}.items():
        guarded.git("config", name, value)
    log = tmp_path / "received"
    push_remotes.script(
        remote.path / "hooks/pre-receive",
        f'echo "$GIT_PUSH_OPTION_0 $GIT_PUSH_CERT_NONCE_STATUS" >>{log}\ngit cat-file blob "$GIT_PUSH_CERT" >>{log}\n',
    )
    guarded.push("--signed", "-o", "ci.skip", "origin", "feat-dev-1", "topic").require_success()
    received = log.read_text()
    assert re.match("ci.skip (OK|SLOP)\n", received), "over http a second may pass between nonce and certificate"
    assert f"{guarded.git('rev-parse', 'HEAD')} refs/heads/feat-dev-1\n" in received
    assert "BEGIN SSH SIGNATURE" in received
    guarded.phase("final-verification")
    ended = guarded.push("--signed", "-o", "ci.skip", "--force", "origin", "topic:feat-dev-1")
    assert "BLOCKED [push-forced]" in ended.err
    assert "BLOCKED [push-phase]" in ended.err
    assert log.read_text() == received


def test_progress_is_shown_on_a_terminal(guarded: Guarded, remote: Remote) -> None:
    words = ["git", "push", "--no-verify", "origin", "feat-dev-1"]
    status, said = push_remotes.on_a_terminal(words, guarded.worktree, {})
    assert status == 0, said
    assert "Writing objects: 100%" in said
    assert "Total " in said
    assert "[new branch]" in said


@pytest.mark.parametrize("words", [["--porcelain"], ["--dry-run", "-v"], ["-q"], ["-v", "--thin"]], ids=" ".join)
def test_what_git_says_is_as_it_was(guarded: Guarded, shop: Remote, words: list[str]) -> None:
    said = guarded.push(*words, "origin", "feat-dev-1", "topic").require_success()
    after = shop.refs()
    for ref in after:
        shop.git("update-ref", "-d", ref)
    for ref in guarded.git("for-each-ref", "--format=%(refname)", "refs/remotes").splitlines():
        guarded.git("update-ref", "-d", ref)
    guarded.include.write_text("")
    plain = guarded.push(*words, "origin", "feat-dev-1", "topic").require_success()
    assert (bare_words(said.out), bare_words(said.err)) == (plain.out, plain.err)
    assert shop.refs() == after


def test_a_push_that_pre_push_sees_is_judged_once_more(guarded: Guarded, shop: Remote) -> None:
    # The hook of the user runs as ever, and gets the remote's name.
    log = guarded.common / "seen"
    push_remotes.script(guarded.common / "hooks/pre-push", f'echo "$1" >{log}; cat >>{log}\n')
    guarded.git("push", "origin", "feat-dev-1")
    assert log.read_text().splitlines()[0] == "origin"
    assert len(log.read_text().splitlines()) == 2


def test_it_needs_neither_path_nor_main_worktree(guarded: Guarded, shop: Remote) -> None:
    poor = {"PATH": "/usr/bin:/bin"}
    guarded.push("origin", "feat-dev-1", env=poor).require_success()
    assert "BLOCKED [push-protected]" in guarded.push("origin", "topic:main", env=poor).err
    # Elsewhere git reaches the remote itself.
    assert guarded.git("config", "--get", "url.okstra::.pushInsteadOf") == ""
    assert guarded.repository.git.run("config", "--get", "url.okstra::.pushInsteadOf").status == 1


def test_any_path_may_stand_in_the_configuration(guarded: Guarded, shop: Remote, tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s "odd" \\ $HOME 결제'
    odd.mkdir()
    push_remotes.script(odd / "push-guard", f'exec "{guarded.script}" "$@"\n')
    guarded.include.write_text("\n".join(push_guard.lines(f"{odd}/push-guard")))
    guarded.push("origin", "topic").require_success()
    assert "BLOCKED [push-protected]" in guarded.push("origin", "topic:main").err


def test_protocols_that_are_forbidden_stay_so_and_ours_is_not(guarded: Guarded, shop: Remote) -> None:
    guarded.git("config", "protocol.allow", "never")
    assert "transport 'file' not allowed" in guarded.push("origin", "topic").err
    guarded.git("config", "protocol.file.allow", "always")
    guarded.push("origin", "topic").require_success()
    # This variable leaves nothing out but what it names: the push is refused, never unguarded.
    assert "transport 'okstra' not allowed" in guarded.push("origin", "topic:x", env={"GIT_ALLOW_PROTOCOL": "file"}).err


def test_an_address_of_ones_own_for_pushing_is_left_alone(guarded: Guarded, shop: Remote) -> None:
    guarded.git("config", "remote.origin.pushurl", shop.url)
    ended = guarded.push("origin", "topic:main").require_success()
    assert "okstra" not in ended.err


def test_instead_of_counts_as_without_the_guard(guarded: Guarded, shop: Remote) -> None:
    guarded.git("config", f"url.{shop.path.parent}/.insteadOf", "shop:")
    guarded.git("remote", "set-url", "origin", "shop:remote.git")
    guarded.push("origin", "feat-dev-1").require_success()
    assert list(shop.refs()) == ["refs/heads/feat-dev-1"]
    guarded.git("-c", f"url.{shop.path.parent}/.insteadOf=other:", "push", "--no-verify", "other:remote.git", "topic")
    assert len(shop.refs()) == 2


def test_a_relative_address_counts_from_the_worktree(guarded: Guarded, shop: Remote) -> None:
    guarded.git("remote", "set-url", "origin", os.path.relpath(shop.path, guarded.worktree))
    (guarded.worktree / "deep/er").mkdir(parents=True)
    processes.run(["git", "push", "--no-verify", "origin", "topic"], cwd=guarded.worktree / "deep/er").require_success()
    assert list(shop.refs()) == ["refs/heads/topic"]


def test_when_it_cannot_judge_it_refuses_the_governed_and_nothing_else(guarded: Guarded, shop: Remote) -> None:
    task = guarded.common / "okstra/tasks/dev/dev-1/task.toml"
    task.write_text("format = nonsense")
    for words in (["feat-dev-1"], ["HEAD:backup"], ["topic:main"]):
        ended = guarded.push("origin", *words)
        assert ended.status == 1
        assert "BLOCKED [hook-broken]" in ended.err, ended
        assert "Traceback" not in ended.err
    guarded.push("origin", "topic").require_success()
    assert list(shop.refs()) == ["refs/heads/topic"]


def test_a_lost_record_is_not_taken_for_freedom(guarded: Guarded, shop: Remote) -> None:
    guarded.lose_the_record()
    assert "BLOCKED [hook-broken]" in guarded.push("origin", "HEAD:backup").err
    guarded.push("origin", "topic").require_success()


def test_python_gone_is_said_in_one_line(guarded: Guarded, shop: Remote) -> None:
    script = guarded.script
    script.write_text(re.sub("okstra_python=.*", "okstra_python='/nowhere/python'", script.read_text()))
    ended = guarded.push("origin", "topic")
    assert ended.status != 0
    assert "BLOCKED [hook-broken] the Python that installed the hooks is gone: /nowhere/python\n" in ended.err
    assert shop.refs() == {}


def test_taken_out_nothing_of_it_is_left(guarded: Guarded, shop: Remote) -> None:
    before = (guarded.common / "config").read_bytes()
    guarded.push("origin", "feat-dev-1").require_success()
    assert (guarded.common / "config").read_bytes() == before
    guarded.uninstall()
    guarded.push("origin", "topic:main").require_success()
    assert "okstra::" not in guarded.git("config", "--list")
    assert guarded.git.run("config", "alias.remote-okstra").status == 1


def test_a_remote_that_dies_is_not_waited_for(guarded: Guarded, shop: Remote, tmp_path: Path) -> None:
    dead = push_remotes.script(tmp_path / "dead", "echo Permission denied >&2\nexit 255\n")
    for env in ({"GIT_SSH_COMMAND": f"{dead}"}, {"GIT_SSH": f"{dead}", "GIT_SSH_VARIANT": "ssh"}):
        ended = guarded.push("ssh://example.org/x.git", "topic", env=env)
        assert ended.status == 128
        assert "Permission denied" in ended.err
        assert "fatal: Could not read from remote repository." in ended.err
    ended = guarded.push("git://127.0.0.1:1/x.git", "topic")
    assert ended.status == 128
    assert "unable to connect" in ended.err


def test_ctrl_c_ends_it_without_a_word_and_leaves_nothing_running(
    guarded: Guarded, shop: Remote, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    slow = push_remotes.script(
        tmp_path / "slow", f"echo $$ >{started}.new; mv {started}.new {started}; exec sleep 60\n"
    )
    child = subprocess.Popen(
        ["git", "push", "--no-verify", "ssh://example.org/x.git", "topic"],
        cwd=guarded.worktree,
        env={**os.environ, "GIT_SSH": f"{slow}", "GIT_SSH_VARIANT": "ssh"},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(started.exists)
    os.killpg(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=processes.PATIENCE)
    assert b"Traceback" not in said
    assert child.returncode in (-signal.SIGINT, 128)
    until(lambda: not os.path.exists(f"/proc/{started.read_text().strip()}") or sys.platform != "linux")


def test_the_daemon_of_git(guarded: Guarded, tmp_path: Path) -> None:
    with push_remotes.reached("git", tmp_path / "daemon") as remote:
        guarded.push(remote.url, "feat-dev-1").require_success()
        assert "BLOCKED [push-forced]" in guarded.push("-f", remote.url, "topic:feat-dev-1").err
        assert remote.refs() == {"refs/heads/feat-dev-1": guarded.git("rev-parse", "HEAD")}


def test_ssh_gets_the_words_that_git_gives_it(guarded: Guarded, tmp_path: Path) -> None:
    log = tmp_path / "words"
    ssh = push_remotes.script(tmp_path / "ssh", f'for each; do echo "<$each>"; done >>{log}\nexit 1\n')
    plink = push_remotes.script(tmp_path / "plink", f'for each; do echo "<$each>"; done >>{log}\nexit 1\n')
    cases = [
        ("ada@example.org:a/b c.git", {"GIT_SSH_COMMAND": f"{ssh} -i 'a key'"}, []),
        ("ssh://ada@example.org:2222/~ada/it's.git", {"GIT_SSH": f"{ssh}", "GIT_SSH_VARIANT": "ssh"}, ["-4"]),
        ("ssh://[::1]:22/x!.git", {"GIT_SSH": f"{plink}"}, ["-6"]),
        (
            "[ada@::1]:x.git",
            {"GIT_SSH_COMMAND": f"{ssh}"},
            ["-c", "protocol.version=0", "--receive-pack=/opt/git-receive-pack"],
        ),
        ("example.org:x.git", {"GIT_SSH_COMMAND": f"{plink} -v"}, ["-c", "ssh.variant=tortoiseplink"]),
        ("ssh://example.org/x.git", {}, ["-c", f"core.sshCommand={ssh} -p 1"]),
        (
            "ssh://example.org/x.git",
            {},
            ["-c", f"core.sshCommand={ssh}", "-c", "protocol.version=1", "-c", "ssh.variant=ssh"],
        ),
    ]
    for url, env, words in cases:
        options = [word for word in words if not word.startswith(("-c", "core.", "ssh.", "protocol."))]
        settings = [word for word in words if word not in options]
        given = []
        for config in (guarded.include.read_text(), ""):
            kept = guarded.include.read_text()
            guarded.include.write_text(config)
            processes.run(["git", *settings, "push", *options, url, "topic"], cwd=guarded.worktree, env=env)
            guarded.include.write_text(kept)
            given.append(log.read_text())
            log.unlink()
        assert given[0] == given[1], url
        assert given[0]


def test_another_helper_stands_behind_ours(guarded: Guarded, shop: Remote) -> None:
    guarded.git("config", "protocol.ext.allow", "always")
    url = f"ext::git receive-pack {shop.path}"
    guarded.push(url, "feat-dev-1").require_success()
    assert "BLOCKED [push-forced]" in guarded.push("-f", url, "topic:feat-dev-1").err
    assert shop.refs() == {"refs/heads/feat-dev-1": guarded.git("rev-parse", "HEAD")}
    guarded.git("config", "protocol.ext.allow", "never")
    assert "transport 'ext' not allowed" in guarded.push(url, "topic").err


def test_a_large_pack_and_a_shallow_history_pass(guarded: Guarded, shop: Remote) -> None:
    (guarded.worktree / "large").write_bytes(os.urandom(3_000_000))
    guarded.git("add", "large")
    guarded.git("commit", "-qm", "large")
    refused = guarded.push("origin", "feat-dev-1:main")
    assert "BLOCKED [push-protected]" in refused.err
    assert "hung up" not in refused.err
    guarded.push("origin", "feat-dev-1").require_success()
    guarded.git("fetch", "-q", "--depth=1", shop.url, "feat-dev-1")
    (guarded.common / "shallow").write_text(guarded.git("rev-parse", "HEAD") + "\n")
    guarded.repository.commit({"more": "more\n"}, cwd=guarded.worktree)
    guarded.push("origin", "feat-dev-1").require_success()
    assert shop.refs() == {"refs/heads/feat-dev-1": guarded.git("rev-parse", "HEAD")}


def test_negotiation_before_a_push_passes(guarded: Guarded, shop: Remote) -> None:
    guarded.push("origin", "topic").require_success()
    ended = guarded.git.run(
        "-c", "push.negotiate=true", "push", "--no-verify", "origin", "feat-dev-1"
    ).require_success()
    assert "negotiation failed" not in ended.err
