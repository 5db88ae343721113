"""The roster: which agents may work in which phase (specification, section 9, `[profiles.<phase>] agents`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from git_okstra.core import names
from git_okstra.core.errors import OkstraError

ANYONE = "*"


def setting(phase: str) -> str:
    """The setting that names the agents of a phase."""
    return f"profiles.{phase}.agents"


def require_agent(profiles: Mapping[str, Collection[str]], phase: str, agent: str) -> None:
    """Raise OkstraError `agent-not-allowed` unless the roster lets `agent` work in `phase`.

    `profiles` holds the agents by phase. A phase that it leaves out is open to anyone, as is one whose agents have `*`
    among them; an empty list lets nobody in. Names that differ only by case are the same name.
    """
    allowed = profiles.get(phase, (ANYONE,))
    known = {names.canonical_id(each) for each in allowed}
    if ANYONE in known or names.canonical_id(agent) in known:
        return
    listed = ", ".join(names.printable(each) for each in sorted(allowed)) or "none"
    first = min(allowed, default="")
    use = f"name one that may: --agent {names.typed(first)}\n" if first else ""
    raise OkstraError(
        "agent-not-allowed",
        f"the agent '{names.printable(agent)}' may not work in the phase {phase}; those who may: {listed}",
        f"{use}see who says so: git okstra config get {setting(phase)} --scope all",
    )
