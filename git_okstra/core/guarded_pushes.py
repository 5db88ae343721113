"""Which pushes are refused by their words alone; what a push would really change, the pre-push hook judges."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Sequence

from git_okstra.core import git_words, names
from git_okstra.core.git_words import GitCall, Options
from git_okstra.core.guard_world import Place, World
from git_okstra.core.refusals import Refusal
from git_okstra.core.shell_calls import Call
from git_okstra.core.shell_words import UNKNOWN

_FORCING = frozenset({"-f", "--force", "--force-with-lease"})
_VERSION = re.compile(r"v?[0-9]+(\.[0-9]+)+([-+.].*)?")


def judge(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    """What is refused of a push that is made at `place`. A dry run changes nothing and is let be."""
    options = git_words.options("push", git.words)
    given = options.names()
    if _is_dry(options):
        return
    every = next((name for name in ("--mirror", "--all", "--branches", "--prune") if name in given), "")
    if every:
        yield _everything(f"git push {every}")
        return
    for one in _refspecs(call, git, options, world, place):
        refused = list(_judge_one(one, given, place, world))
        yield from refused
        if refused:
            return
    if given & {"--tags", "--follow-tags"} and publishes_tags(world):
        yield _tags(f"git push {'--tags' if '--tags' in given else '--follow-tags'}")


def publishes_tags(world: World) -> bool:
    """Whether pushing a tag counts as publishing: `guard.publish` says `git push --tags`."""
    return any(each.split() == ["git", "push", "--tags"] for each in world.publishing)


def _is_dry(options: Options) -> bool:
    last = [name for name, _ in options.given if name in ("-n", "--dry-run", "--no-dry-run")]
    return bool(last) and last[-1] != "--no-dry-run"


def _refspecs(call: Call, git: GitCall, options: Options, world: World, place: Place) -> Sequence[str]:
    """What is pushed: the refspecs given, else those that the settings give, else the branch stood on."""
    found: list[str] = []
    given = list(options.rest[1:])
    while given:
        word = given.pop(0)
        found.append(f"refs/tags/{given.pop(0)}" if word == "tag" and given else word)
    if found:
        return found
    settings = dict(world.git_settings(posixpath.join(call.cwd, *git.directories)))
    for key, value in git.config:
        settings[key] = [value]
    remote = (options.rest[0] if options.rest else options.value("--repo") or "").lower()
    merge = f"branch.{place.head.lower()}.merge"
    for key, values in settings.items():
        named = key.removeprefix("remote.").rpartition(".")[0]
        if not key.startswith("remote.") or (remote and named != remote):
            continue
        if key.endswith(".mirror") and list(values)[-1:] == ["true"]:
            return [":"]
        if key.endswith(".push"):
            found += values
    if found:
        return found
    default = (list(settings.get("push.default", ())) or ["simple"])[-1]
    if default == "matching":
        return [":"]
    if default in ("upstream", "tracking") and settings.get(merge):
        return [f"HEAD:{list(settings[merge])[-1]}"]
    return ["HEAD"]


def _judge_one(refspec: str, given: frozenset[str], place: Place, world: World) -> Iterator[Refusal]:
    plus, source, target = git_words.split_refspec(refspec)
    forced = plus or bool(given & _FORCING)
    deletes = bool(given & {"-d", "--delete"}) or (not source and bool(target))
    if not source and not target:
        yield _everything("the refspec ':'")
        return
    if target in ("HEAD", "@"):
        target = place.head
    if target.startswith("refs/tags/") or (
        not target.startswith("refs/") and _VERSION.fullmatch(target) and target not in place.held
    ):
        if publishes_tags(world):
            yield _tags(f"pushing the tag '{names.printable(target.removeprefix('refs/tags/'))}'")
        return
    name = git_words.branch_of(target)
    shown = names.printable(name.replace(UNKNOWN, "…"))
    if "*" in name:
        if any(fnmatch.fnmatchcase(each, name) for each in (*place.held, *world.protected(place))):
            yield _everything(f"the refspec '{names.printable(refspec)}'")
        return
    is_protected = any(fnmatch.fnmatchcase(name, pattern) for pattern in world.protected(place))
    unknown = UNKNOWN in name
    if not (is_protected or ((forced or deletes) and (unknown or name in place.held))):
        return
    kind = "protected" if is_protected else "governed" if not unknown else "unknown"
    if deletes:
        yield Refusal(
            "push-deletes",
            f"the push would delete the {kind} branch '{shown}' on the other side",
            "have a person delete it there when the task is over",
        )
    elif forced:
        yield Refusal(
            "forced-push",
            f"the push would overwrite the {kind} branch '{shown}' on the other side",
            "hand the task over instead: git okstra handoff"
            if is_protected
            else "take in what is there and push plainly: git pull, then git push",
        )
    else:
        yield Refusal(
            "protected-push",
            f"'{shown}' is protected: nobody pushes to it directly",
            "hand the task over instead: git okstra handoff",
        )


def _everything(what: str) -> Refusal:
    return Refusal(
        "push-everything",
        f"{what} pushes, overwrites or deletes more than one branch, governed and protected ones among them",
        "name the branch: git push REMOTE BRANCH",
    )


def _tags(what: str) -> Refusal:
    return Refusal(
        "publish",
        f"{what} publishes a release, which is a person's decision",
        "have a person push the tag; allow it with: git okstra config set guard.publish …",
    )
