"""`git okstra tour`: the whole story, played with the real commands in a throw-away repository."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Generator

from git_okstra.core.records import dataclass
from git_okstra.git import process

PLAN = """\
# Vouchers in the checkout

| stage | title                | depends on | files                       | verify                       |
| ----- | -------------------- | ---------- | --------------------------- | ---------------------------- |
| 1     | Voucher model        | (none)     | `shop/voucher.py`           | `python3 shop/voucher.py`    |
| 2     | Price with a voucher | (none)     | `shop/price.py`, `docs/**`  | `python3 shop/price.py`      |
| 3     | Say it in the manual | -          | `docs/**`                   |                              |
| 4     | Checkout page        | 1, 2       | `shop/checkout.py`          | `python3 shop/checkout.py`   |
| 5     | List of vouchers     | 1          | `shop/list.py`              | `python3 shop/list.py`       |
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence for the reader, a command as one would type it, and the exit status it must end with."""

    said: str
    command: str
    status: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """A step and what came of it: everything it printed, its exit status, and where it was typed."""

    step: Step
    output: str
    status: int
    place: str

    @property
    def as_told(self) -> bool:
        """Whether it ended as the story says."""
        return self.status == self.step.status


STEPS = (
    Step("A small shop, as a repository with one commit on main.", "git log --oneline"),
    Step(
        "A ticket comes in. It gets a branch and a worktree of its own; the main worktree stays as it is.",
        "git okstra start feat DEV-9436 --title 'Vouchers in the checkout'",
    ),
    Step("The command prints the path, so one can go there with it.", 'cd "$(git okstra start feat DEV-9436)"'),
    Step("The plan splits the work into stages. Here it is, a table in Markdown.", "cat ~/plan.md"),
    Step("It is read and checked ...", "git okstra plan import ~/plan.md"),
    Step("... and drawn.", "git okstra plan show"),
    Step("Nothing starts before a person has approved it.", "git okstra stage 1", 1),
    Step("So somebody does.", "git okstra plan approve --yes"),
    Step(
        "Three agents ask for work at the same moment. Each gets another stage, in a worktree of its own.",
        "for agent in ann ben cho; do OKSTRA_OWNER=$agent git okstra stage auto & done; wait",
    ),
    Step("Nobody can take what somebody has.", "OKSTRA_OWNER=dan git okstra stage 1", 3),
    Step("And stage 4 has to wait for what it depends on.", "git okstra stage 4", 1),
    Step("Who has what?", "git okstra list"),
    Step(
        "The agents work, each in its own place, and commit.",
        "for stage in 1 2 3; do git okstra exec $stage -- sh ~/work-$stage; done",
    ),
    Step(
        "Whoever has stage 2 begins a page that stage 3 has written, too. Nothing of it is committed, and it is told "
        "now, not at the merge ...",
        "git okstra exec 2 -- sh -c 'mkdir -p docs; echo \"# Prices\" >docs/vouchers.md'; git okstra conflicts",
        1,
    ),
    Step("... so they talk, and leave the page to stage 3.", "git okstra exec 2 -- rm -r docs && git okstra conflicts"),
    Step(
        "One of them is eager, and changes a file that its stage has no business with. git itself refuses ...",
        "git okstra exec 1 -- sh -c 'echo more >>README.md; git add README.md; git commit -m \"And this\"'",
        1,
    ),
    Step(
        "... and --no-verify does not help: the branch does not take the commit, however it is made.",
        "git okstra exec 1 -- git commit --no-verify -m 'And this'",
        128,
    ),
    Step("So the file is put back.", "git okstra exec 1 -- git restore --staged --worktree README.md"),
    Step("Nobody pushes to main, either.", "git okstra exec 1 -- git push origin HEAD:main", 1),
    Step(
        "A stage is closed by its owner. Its files, its commits and its verify command are checked first.",
        "for agent in ann ben cho; do OKSTRA_OWNER=$agent git okstra done; done",
    ),
    Step("Stage 4 starts from the task branch, which does not have stages 1 and 2 yet.", "git okstra stage 4", 1),
    Step("They are merged, dependencies first, one merge commit each.", "git okstra merge"),
    Step(
        "Now it can begin. The rest is for an agent; here it is a script, that is told where and what.", "cat ~/agent"
    ),
    Step(
        "It gets every stage that is ready, each in a worktree of its own, two at a time. What it has done is closed "
        "and merged, and then what has become ready is begun.",
        "git okstra run -j 2 --output -- sh ~/agent",
    ),
    Step("Everything is in:", "git okstra graph"),
    Step("Who worked on what, and how long?", "git okstra timeline"),
    Step("The history of the task branch shows what came from where.", "git log --oneline --graph feat-dev-9436"),
    Step("And the journal who did what.", "git okstra log"),
    Step("What is no longer needed can go ...", 'cd "$(git okstra path task)" && git okstra remove 3'),
    Step("... and come back, files, branch and all.", "git okstra restore dev-9436-s3"),
    Step(
        "Is the task finished? The gate says everything that speaks against it at once, and runs the task's commands.",
        "git okstra config set verify.commands 'python3 shop/checkout.py' && git okstra verify",
    ),
    Step(
        "What was accepted is handed over: pushed, never forced, and asked to be pulled. With gh or glab the pull "
        "request is opened as well; this remote is a directory.",
        "git okstra handoff --action pr --pr-base main --yes",
    ),
    Step(
        "The text of the pull request was drafted from title, stages, commits and verdict.",
        'cat "$(git rev-parse --git-common-dir)"/okstra/tasks/dev/dev-9436/handoff/pull-request.md',
    ),
    Step("Does everything agree?", "git okstra doctor"),
)

_WORK = {
    1: (
        "shop/voucher.py",
        'def voucher(code):\n    return 10 if code == "TEN" else 0\n\n\nassert voucher("TEN") == 10\n',
    ),
    2: (
        "shop/price.py",
        "def price(amount, voucher=0):\n    return amount - voucher\n\n\nassert price(50, 10) == 40\n",
    ),
    3: ("docs/vouchers.md", "# Vouchers\n\nType the code in the checkout.\n"),
    4: (
        "shop/checkout.py",
        'from price import price\nfrom voucher import voucher\n\nassert price(50, voucher("TEN")) == 40\n',
    ),
    5: (
        "shop/list.py",
        'from voucher import voucher\n\nassert [voucher(code) for code in ("TEN", "ONE")] == [10, 0]\n',
    ),
}

_AGENT = """\
echo "I am $OKSTRA_OWNER and read my brief: $(head -n 1 "$OKSTRA_BRIEF")"
sh ~/work-$OKSTRA_STAGE
"""


def play() -> Generator[Played, None, None]:
    """Play the steps one after the other; what was made for them is removed at the end, however it ends."""
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="okstra-tour-"))
    try:
        env = _environment(scratch)
        _prepare(scratch, env)
        place = f"{scratch}/shop"
        for step in STEPS:
            command = f'{step.command}\nstatus=$?; pwd >"$TOUR/.place"; exit $status'
            result = process.run(command, cwd=place, env=env)
            yield Played(
                step, os.fsdecode(result.out).replace(scratch, "~"), result.status, place.replace(scratch, "~")
            )
            with open(f"{scratch}/.place", encoding="utf-8") as file:
                place = file.read().strip()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _environment(scratch: str) -> dict[str, str | None]:
    """Sealed: its own HOME and OKSTRA_HOME, no configuration of the user's, and our own program first on PATH."""
    programs = os.path.dirname(os.path.abspath(sys.argv[0]))
    env: dict[str, str | None] = {
        "HOME": scratch,
        "TOUR": scratch,
        "OKSTRA_HOME": f"{scratch}/.okstra",
        "OKSTRA_OWNER": "you",
        "GIT_CONFIG_GLOBAL": f"{scratch}/.gitconfig",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PAGER": "cat",
        "NO_COLOR": "1",
        "PATH": os.pathsep.join([programs, os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),
    }
    return {**{name: None for name in os.environ if name.startswith("OKSTRA_")}, **env}


def _prepare(scratch: str, env: dict[str, str | None]) -> None:
    os.makedirs(f"{scratch}/shop/shop")
    _write(f"{scratch}/plan.md", PLAN)
    _write(f"{scratch}/agent", _AGENT)
    for number, (name, text) in _WORK.items():
        quoted = text.replace("'", "'\\''")
        folder = os.path.dirname(name)
        _write(
            f"{scratch}/work-{number}",
            f"mkdir -p {folder} && printf '%s' '{quoted}' >{name} && git add {name} && git commit -qm 'Add {name}'\n",
        )
    _write(f"{scratch}/shop/README.md", "# The shop\n")
    _write(f"{scratch}/shop/.gitignore", "__pycache__/\n")
    for words in (
        ["git", "config", "--global", "user.name", "You"],
        ["git", "config", "--global", "user.email", "you@example.invalid"],
        ["git", "init", "-q", "-b", "main"],
        ["git", "add", "README.md", ".gitignore"],
        ["git", "commit", "-qm", "The shop opens"],
        ["git", "init", "-q", "--bare", "-b", "main", f"{scratch}/shop.git"],
        ["git", "remote", "add", "origin", f"{scratch}/shop.git"],
        ["git", "push", "-q", "origin", "main"],
    ):
        result = process.run(words, cwd=f"{scratch}/shop", env=env)
        if result.status != 0:
            raise process.failure(words[1:], process.Result(result.status, b"", result.out or result.err))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
