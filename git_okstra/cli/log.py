"""`git okstra log`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core import journal, names
from git_okstra.core.errors import OkstraError
from git_okstra.operations import targets, undo
from git_okstra.state import operation_log


@output.command("log")
@output.task_option
@click.option("--stage", "number", type=click.IntRange(1), metavar="N", help="Only what happened to stage N.")
@click.option("-n", "--max-count", type=click.IntRange(1), metavar="COUNT", help="Only the last COUNT of them.")
@click.option("--operations", is_flag=True, help="The commands that changed something, which 'undo' takes back.")
def command(
    run: output.Invocation, task_name: str | None, number: int | None, max_count: int | None, operations: bool
) -> None:
    """Show the journal of the task: what happened when, and by whom. The newest comes last."""
    ctx = run.context
    if operations:
        if number is not None:
            raise OkstraError("usage", "operations are not kept by stage", "leave out --stage")
        _show_operations(run, task_name, max_count)
        return
    task = targets.task(ctx, task_name, removed=True)
    events = ctx.store.written(task.key.group, task.key.task)
    if number is not None:
        events = [event for event in events if event.stage == number]
    if max_count is not None:
        events = events[-max_count:]
    damaged = ctx.store.damaged_lines(task.key.group, task.key.task)
    if damaged:
        ctx.note(f"{names.counted(len(damaged), 'line')} of the journal cannot be read: {', '.join(map(str, damaged))}")
    document = {"task": {"key": str(task.key), "id": task.id}, "events": [event.document() for event in events]}
    run.answer(document, "\n".join(_line(event) for event in events))


def _show_operations(run: output.Invocation, task_name: str | None, max_count: int | None) -> None:
    ctx = run.context
    task = targets.task(ctx, task_name, removed=True) if task_name is not None else None
    name = f"{task.key.group}/{task.key.task}" if task is not None else None
    known = operation_log.entries(ctx.store)
    void = operation_log.taken_back(known)
    found = [
        entry for entry in known if (entry.counts or entry.outcome is None) and (name is None or name in entry.changes)
    ][-(max_count or 0) :]
    operations = [
        {
            "id": entry.id,
            "time": entry.time,
            "owner": entry.owner,
            "command": list(entry.command),
            "outcome": entry.outcome,
            "undoes": entry.undoes,
            "undone_by": void.get(entry.id),
            "changes": [
                {
                    "name": change.name,
                    "before": change.before,
                    "after": change.after,
                    "events": list(change.events),
                }
                for change in entry.changes.values()
            ],
        }
        for entry in found
    ]
    lines = []
    for entry in found:
        under_way = "under way" if operation_log.is_alive(ctx.store, entry) else "cut short"
        told = [] if entry.outcome == operation_log.DONE else [entry.outcome or under_way]
        told += [f"takes back {entry.undoes}"] if entry.undoes else []
        told += [f"taken back by {void[entry.id]}"] if entry.id in void else []
        line = f"{entry.id}  {entry.owner}  {undo.described(entry)}"
        lines.append(f"{line}  ({', '.join(told)})" if told else line)
    run.answer({"operations": operations}, names.printable_lines(lines), "" if found else "no operation is known")


def _line(event: journal.Event) -> str:
    what = event.event if event.stage is None else f"stage {event.stage} {event.event}"
    details = " ".join(
        f"{name}={_shortened(value)}" for name, value in event.data.items() if isinstance(value, str) and value
    )
    return names.printable(f"{event.time}  {event.owner}  {what}{'  ' + details if details else ''}")


def _shortened(value: str) -> str:
    """A commit or a digest by its beginning."""
    algorithm, colon, digest = value.rpartition(":")
    return f"{algorithm}{colon}{digest[:12]}" if len(digest) in (40, 64) and digest.isalnum() else value
