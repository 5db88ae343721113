"""The gate as tests run it: in process, with a report that is rendered as the command renders it, and heard."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from git_okstra.core import final_report
from git_okstra.core.gate import Ran
from git_okstra.operations import verify
from git_okstra.operations.verify import Verified
from git_okstra.state import config
from support.workbench import Ticket

SHARE = Path(__file__).parents[2] / "share"
SCHEMA = (SHARE / "schemas" / "final-report-v1.schema.json").read_text(encoding="utf-8")
TEMPLATE = (SHARE / "templates" / "report.md").read_text(encoding="utf-8")


def messages(language: str) -> Any:
    """The catalogue of a language."""
    return json.loads((SHARE / "messages" / f"report.{language}.json").read_text(encoding="utf-8"))


class Heard:
    """A watcher that remembers: the commands that began, what was written, how they ended."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.said = b""
        self.ran: list[Ran] = []

    def begins(self, number: int, total: int, command: str) -> None:
        """See Watcher."""
        self.begun.append(f"{number}/{total} {command}")

    def wrote(self, data: bytes) -> None:
        """See Watcher."""
        self.said += data

    def ended(self, ran: Ran) -> None:
        """See Watcher."""
        self.ran.append(ran)


def configure(ticket: Ticket, *commands: str) -> None:
    """Have this clone run these commands in the gate."""
    config.set_value(f"{ticket.context().common_dir}/okstra/config.toml", "verify.commands", list(commands))


def judge(
    ticket: Ticket, *commands: str, where: os.PathLike[str] | None = None, dry_run: bool = False, **env: str
) -> Verified:
    """Run the gate on the ticket's task, with these commands."""
    configure(ticket, *commands)
    ctx = ticket.context(where, **env)
    task = ctx.store.task(*ticket.task.key)
    assert task is not None
    return verify.verify(
        ctx,
        task,
        render=lambda report: final_report.markdown(report, TEMPLATE, messages("en")),
        watcher=Heard(),
        dry_run=dry_run,
    )


def kinds(found: Verified) -> list[str]:
    """The kinds of the reasons, in their order."""
    return [reason.kind for reason in found.reasons]
