"""The scripts themselves: what shellcheck says, and that they do the same under each shell that may be `/bin/sh`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.hooked import Held, require_refused

SCRIPTS = Path(__file__).parents[2] / "hooks"


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is missing")
def test_shellcheck_has_nothing_to_say() -> None:
    words = ["shellcheck", "-x", "-P", "SCRIPTDIR", "-s", "sh", *sorted(path.name for path in SCRIPTS.iterdir())]
    assert subprocess.run(words, cwd=SCRIPTS, capture_output=True, text=True, check=False).stdout == ""


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_every_shell(held: Held, shell: str, tmp_path: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is missing")
    line = f"#!{found}{' sh' if shell == 'busybox' else ''}\n"
    root = held.repository.path / ".git"
    stubs = [root / "hooks" / event for event in ("pre-push", "post-checkout")]
    for path in [*(root / "okstra" / "hooks").iterdir(), *stubs]:
        if path.is_file() and not path.is_symlink() and path.read_bytes().startswith(b"#!"):
            path.write_text(line + path.read_text().partition("\n")[2])
    where = held.path(1)
    held.commit(1, {"s1/x": "x\n"})
    held.write(1, "src/x")
    require_refused(held.git.run("commit", "-qm", "x", cwd=where), "commit-plan")
    require_refused(held.git.run("commit", "-qnm", "x", cwd=where), "commit-plan")
    held.git("reset", "-q", "--hard", cwd=where)
    held.git("gc", "-q", cwd=where)
    held.git("rebase", "-q", held.base_commit({"base": "x\n"}), cwd=where)
    held.git("init", "-q", "--bare", f"{tmp_path}/there.git")
    held.git("push", "-q", f"{tmp_path}/there.git", held.branch(1))
    ended = held.git.run("push", "-q", f"{tmp_path}/there.git", "main")
    require_refused(ended, "push-protected")
    assert "feat-dev-1-s1" in held.git.run("switch", "-q", "--detach", cwd=where).err
