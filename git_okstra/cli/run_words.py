"""What happens in a run, in words for a person."""

from __future__ import annotations

from git_okstra.core import closing, names
from git_okstra.core.errors import OkstraError
from git_okstra.operations import ground
from git_okstra.operations.running import Event

LONGEST_LINE = 2000
"""How much of one line of a command is shown; the log has all of it."""


def failure(event: Event) -> OkstraError | None:
    """The error that an event reports, its stage named."""
    if event.kind != "failed":
        return None
    message, name = event.data["message"], f"stage {event.stage}"
    return OkstraError(
        event.data["code"], message if message.startswith(f"{name} ") else f"{name}: {message}", event.data["hint"]
    )


def told(event: Event) -> str:
    """An event as a line for a person; empty for what needs no words."""
    data, stage = event.data, f"stage {event.stage}"
    said = ""
    if event.kind == "began":
        said = f"what the commands write is kept in '{data['run']}'"
    elif event.kind == "opened":
        again = "goes on" if data["status"] == "reused" else "begins"
        said = f"{stage} {again} in '{data['path']}'"
    elif event.kind == "exited" and data["left"]:
        more = f" and {len(data['left']) - closing.SHOWN} more" if len(data["left"]) > closing.SHOWN else ""
        said = f"{stage} had left something running, which is ended: {'; '.join(data['left'][: closing.SHOWN])}{more}"
    elif event.kind == "done":
        count = f"{names.counted(data['commits'], 'commit')}, {names.counted(len(data['files']), 'file')}"
        said = f"{stage} is done: {count}, at {data['head'][:12]}"
    elif event.kind == "merged":
        said = f"{stage} is merged"
    elif event.kind == "retrying":
        first = data["message"].partition("\n")[0]
        said = f"{stage} is tried again, attempt {data['attempt']}, because {first}"
    elif event.kind == "stopped":
        said = f"{stage} is ended, for another one failed"
    elif event.kind == "left":
        said = (
            f"{stage} is left, for it stands on {ground.listed(data['because'])}"
            if data["because"]
            else f"{stage} is left"
        )
    elif event.kind == "note":
        said = data["text"]
    elif event.kind == "output":
        said = f"{event.stage} | {last_state(data['text'])[:LONGEST_LINE]}"
    return names.printable(said.expandtabs())


def last_state(line: str) -> str:
    """What is left of a line that a progress bar wrote over and over again."""
    return line.rstrip("\r").rpartition("\r")[2]
