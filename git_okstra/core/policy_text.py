"""A task's policy as lines of text, which hooks read without loading a parser.

`name value`, one a line; `stage N` begins a stage, to which the lines after it belong. A backslash or newline in a
value is escaped. `stamp` lines say which files it was made from, as they were: when one has changed, it is made anew.
"""

from __future__ import annotations

from git_okstra.core.policy import Stage, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT = "1"
END = "end\n"
"""The last line: a file that was cut short is none."""


def encode(task: Task, stamps: Mapping[str, str]) -> str:
    """The text of a policy; `stamps` maps a file to what tells whether it is still the same."""
    rows = [("format", FORMAT)]
    rows += [("stamp", f"{value} {path}") for path, value in stamps.items()]
    rows += [(name, getattr(task, name)) for name in ("id", "place", "branch", "lifecycle", "phase", "plan")]
    rows += [(name, getattr(task, name)) for name in ("base_ref", "base", "anchor")]
    rows += [("docs", pattern) for pattern in task.docs]
    for stage in task.stages.values():
        rows += [("stage", str(stage.number)), ("branch", stage.branch), ("state", stage.state)]
        rows += [("base", stage.base), ("head", stage.head), ("flat", "1" if stage.flat else "")]
        rows += [("earlier", commit) for commit in stage.earlier]
        rows += [("needs", str(number)) for number in stage.needs]
        rows += [("file", pattern) for pattern in stage.files]
    return "".join(f"{name} {_escaped(value)}\n" for name, value in rows) + END


def decode(text: str) -> tuple[Task, dict[str, str]]:
    """The policy and its stamps. Raises ValueError for what `encode` did not write."""
    stamps: dict[str, str] = {}
    fields: dict[str, list[str]] = {}
    of_task, of_stages = fields, []
    for line in text.split("\n"):
        name, _, raw = line.partition(" ")
        value = _unescaped(raw)
        if name == "stamp":
            stamp, _, path = value.partition(" ")
            stamps[path] = stamp
            continue
        if name == "stage":
            fields = {}
            of_stages.append(fields)
        if name:
            fields.setdefault(name, []).append(value)
    if of_task.get("format") != [FORMAT] or not text.endswith(f"\n{END}"):
        raise ValueError("not a policy")
    try:
        stages = [_stage(fields) for fields in of_stages]
        named = {name: of_task[name][0] for name in ("lifecycle", "phase", "plan", "base_ref", "base", "anchor")}
        head = [of_task[name][0] for name in ("id", "place", "branch")]
        docs = of_task.get("docs", [])
        return Task(*head, docs=docs, stages={one.number: one for one in stages}, **named), stamps
    except KeyError:
        raise ValueError("not a policy") from None


def _stage(fields: Mapping[str, Sequence[str]]) -> Stage:
    one = {name: fields[name][0] for name in ("branch", "state", "base", "head")}
    needs = [int(number) for number in fields.get("needs", ())]
    flat = fields["flat"] == ["1"]
    earlier = fields.get("earlier", ())
    return Stage(int(fields["stage"][0]), **one, files=fields.get("file", ()), needs=needs, flat=flat, earlier=earlier)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return "\\".join(part.replace("\\n", "\n") for part in value.split("\\\\"))
