"""Which other programs are refused: those that publish a release, and okstra's own where a person has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from git_okstra.core import git_words, names
from git_okstra.core.guard_world import World
from git_okstra.core.refusals import Refusal
from git_okstra.core.shell_calls import Call, program

_PERSON: dict[str, str] = {
    "plan approve": "approving a plan",
    "config trust": "trusting the project's commands",
    "hooks uninstall": "taking the hooks out",
    "guard install": "changing when the guard is asked",
    "guard uninstall": "taking the guard out",
}
_RULE_SETTINGS = ("policy.", "hooks.", "guard.", "agents.")


def publishing(call: Call, world: World) -> Iterator[Refusal]:
    """The refusal when the call publishes a release."""
    words = [program(call.words[0]), *call.words[1:]]
    if words[0].rstrip("0123456789.") in ("python", "pypy", "py") and words[1:2] == ["-m"]:
        words = words[2:]
    if "--dry-run" in words or "--help" in words or "-h" in words:
        return
    for pattern in world.publishing:
        if words and _begins(words, pattern.split()):
            yield Refusal(
                "publish",
                f"'{names.printable(pattern)}' publishes a release, which is a person's decision",
                "have a person run it; see what counts as publishing: git okstra config get guard.publish",
            )
            return


def _begins(words: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether `words` begin with `pattern`; options, each perhaps with a value, may stand between them."""
    if words[0] != pattern[0]:
        return False
    if len(pattern) == 1:
        # A program alone publishes only when it is told nothing else to do.
        return all(word.startswith("-") for word in words[1:])
    at = 1
    anything = False
    for wanted in pattern[1:]:
        if wanted == "*":
            anything = True
            continue
        while at < len(words) and words[at] != wanted:
            previous = words[at - 1]
            if not (anything or words[at].startswith("-") or (previous.startswith("-") and at > 1)):
                return False
            at += 1
        if at >= len(words):
            return False
        at += 1
        anything = False
    return True


def deciding(words: Sequence[str]) -> Iterator[Refusal]:
    """The refusal when `git okstra WORDS` is a person's decision."""
    options = git_words.options("okstra", words)
    if options.names() & {"--help", "-h", "--dry-run", "-n"}:
        return
    rest = list(options.rest)
    what = _PERSON.get(" ".join(rest[:2])) or _PERSON.get(" ".join(rest[:1]))
    if rest[:1] == ["takeover"] and "--yes" in options.names():
        # Without it the command takes only what belongs to somebody who is certainly gone.
        what = "taking over what somebody may still hold"
    elif rest[:1] == ["phase"] and len(rest) > 1:
        what = "moving the phase"
    elif rest[:2] in (["config", "set"], ["config", "unset"]) and rest[2:3] and rest[2].startswith(_RULE_SETTINGS):
        what = f"changing the setting {names.printable(rest[2])}"
    if what:
        yield Refusal(
            "person",
            f"{what} is a person's decision",
            f"ask the person you work for to run: git okstra {names.printable(' '.join(rest))}",
        )
