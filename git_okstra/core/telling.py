"""What changed between two documents of a command that goes on answering, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from git_okstra.core import names

_SHORT = 12


def of_status(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """A line for the task and for each stage that is not as in the status document before (None: there was none)."""
    task, old = after["task"], before["task"] if before is not None else {}
    others = {stage["number"]: stage for stage in old.get("stages", ())}
    rows = [(f"task {task['id']}", old, task)]
    rows += [(f"stage {stage['number']}", others.get(stage["number"], {}), stage) for stage in task["stages"]]
    there = {stage["number"] for stage in task["stages"]}
    lines = [f"{name}: {'; '.join(told)}" for name, old, new in rows if (told := _row(old, new))]
    lines += [f"stage {number}: no longer in the plan" for number in others if number not in there]
    if before is not None and after["ready"] != before["ready"]:
        lines.append(f"ready: {', '.join(map(str, after['ready'])) or 'none'}")
    if before is not None and _verdict(after) != _verdict(before):
        lines.append(f"verdict: {_verdict(after)}")
    if before is not None and after["merging"] != before["merging"]:
        stopped = after["merging"]
        lines.append("merge: no longer stopped" if stopped is None else f"merge: stopped at stage {stopped}")
    return lines


def of_conflicts(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """A line for each conflict that is new or another one, and for each that is no more."""
    old = _conflicts(before) if before is not None else {}
    new = _conflicts(after)
    lines = [f"conflict between {pair}: {files}" for pair, files in new.items() if old.get(pair) != files]
    lines += [f"no conflict any more between {pair}" for pair in old if pair not in new]
    return lines if lines or before is not None else ["no conflict"]


def _row(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    told = []
    for name in ("phase", "state", "trouble", "owner"):
        if new.get(name) != old.get(name):
            was = old.get(name)
            word = "" if name == "state" else f"{name} "
            now = _shown(new.get(name))
            told.append(f"{word}{_shown(was)} -> {now}" if was is not None else f"{word}{now}")
    if old and new["head"] != old["head"]:
        told.append(f"head {_commit(old['head'])} -> {_commit(new['head'])}")
    if bool(new["dirty"]) != bool(old.get("dirty")):
        told.append("uncommitted changes" if new["dirty"] else "no uncommitted changes")
    if old and not told and (new["ahead"], new["behind"]) != (old["ahead"], old["behind"]):
        told.append(f"{new['ahead']} ahead, {new['behind']} behind")
    return told


def _shown(value: object) -> str:
    return "none" if value is None else names.printable(str(value))


def _commit(value: str | None) -> str:
    return "none" if value is None else value[:_SHORT]


def _verdict(document: Mapping[str, Any]) -> str:
    found = document["verdict"]
    if found is None:
        return "none"
    return str(found["verdict"]) if found["holds"] or found["verdict"] != "accepted" else "accepted, but no longer"


def _conflicts(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        " and ".join(one if one in ("task", "base") else f"stage {one}" for one in found["between"]): ", ".join(
            names.printable(file["path"]) for file in found["files"]
        )
        for found in document["conflicts"]
    }
