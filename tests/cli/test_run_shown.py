"""What run shows: a line for each stage on a terminal, plain lines in a pipe; Ctrl-C typed there."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pexpect
import pytest

from support import tickets
from support.repositories import ScratchRepository
from support.tickets import Command

WORK = """\
#!/bin/sh
[ $OKSTRA_STAGE != 2 ] || { echo half way; echo $$ >"$0.pid"; exec sleep 600; }
[ $OKSTRA_STAGE != 3 ] || { echo "no \033[2J luck"; exit 1; }
mkdir s$OKSTRA_STAGE && echo x >s$OKSTRA_STAGE/f && git add . && git commit -qm work
while ! [ -s "$0.pid" ]; do sleep 0.02; done
"""


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    return tickets.start(okstra, repository, {1: (), 2: (), 3: (1,), 4: (3,)})


def lines_of(screen: str) -> list[str]:
    """What was on the screen at one time or another, line by line, without what moves the cursor and colours."""
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen)
    return [line.rstrip() for line in re.split(r"[\r\n]+", plain)]


def test_a_terminal_shows_a_line_for_each_stage_until_ctrl_c(okstra: Command, task: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.write_text(WORK)
    work.chmod(0o755)
    words = okstra.words("run", "-j", "2", "--", f"{work}")
    env = {**os.environ, "TERM": "xterm"}
    child = pexpect.spawn(
        words[0], words[1:], cwd=f"{task}", env=env, dimensions=(40, 100), encoding="utf-8", timeout=60
    )
    child.logfile_read = io.StringIO()
    child.expect("half way")
    child.expect("command-failed")
    child.sendintr()
    child.expect(pexpect.EOF)
    seen = child.logfile_read.getvalue()
    child.close()
    assert child.exitstatus == 130, seen
    assert not Path(f"/proc/{(tmp_path / 'work.pid').read_text().strip()}").exists()
    lines = lines_of(seen)
    assert "okstra: error [command-failed]: stage 3: its command ended with exit status 1" in lines
    assert any(re.fullmatch(r"2 +stage 2 +running +[0-9]+:[0-9]{2} .*half way", line) for line in lines)
    assert any(re.fullmatch(r"1 +stage 1 +merged +[0-9]+:[0-9]{2} +1 commit, 1 file", line) for line in lines)
    assert any(line.startswith("okstra: error [interrupted]") for line in lines)
    assert "\033[2J" not in seen
    assert any("no \\x1b[2J luck" in line for line in lines)


def test_a_pipe_shows_plain_lines_and_what_the_commands_write_on_demand(
    okstra: Command, task: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.write_text(f"#!/bin/sh\nprintf 'one\\r100%%\\ntwo\\tno end'\n{WORK.splitlines()[3]}\n")
    work.chmod(0o755)
    ended = okstra("run", "1", "--output", "--", f"{work}", cwd=task)
    lines = ended.err.splitlines()
    assert lines[2:4] == ["okstra: 1 | 100%", "okstra: 1 | two no end"]
    assert lines[-1] == "okstra: 1 stage merged"
    assert re.fullmatch("1 [0-9a-f]{40}\n", ended.out)


def test_all_that_a_command_wrote_at_its_end_is_shown(okstra: Command, task: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.write_text("#!/bin/sh\nyes 0123456789012345678901234567890123456789 | head -n 60000\n" + WORK.splitlines()[3])
    work.chmod(0o755)
    ended = okstra("run", "1", "--output", "--", f"{work}", cwd=task)
    assert sum(line.startswith("okstra: 1 | 0123") for line in ended.err.splitlines()) == 60000
