"""A task and its reservations: the data that the registry and the store keep, and who may claim what."""

from __future__ import annotations

from collections.abc import Mapping

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.records import dataclass, field

RESERVING = "reserving"
ACTIVE = "active"
RELEASING = "releasing"


@dataclass(frozen=True, slots=True)
class Task:
    """One ticket as the store keeps it. `id` is as typed; `anchor` is fixed when the first stage is opened."""

    key: TaskKey
    id: str
    category: str
    branch: str
    base_ref: str
    base_commit: str
    since: str
    title: str = ""
    lifecycle: str = "light"
    phase: str = "implementation"
    anchor: str | None = None
    in_place: bool = False
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """That one key is taken: by whom, for which branch and path, and how far it has come.

    `number` is the stage, `names.TASK` for the task itself. `base` is the commit the branch starts from. `in_place`
    says that the worktree is not ours to remove, `flat` that the task's branch and worktree serve the stage. `trash`
    is the id under which a `releasing` entry goes to the trash, and `purpose` the verb that releases it. `sparse` says
    that only a part of the files was asked for.

    `generation` tells one holder from the next, also when both have the same name: it grows with every takeover, and
    when the key is given back and taken again. `renewed` is the last sign of life of an owner who works under a lease,
    empty for one without; it makes no other reservation of it. `former` is from whom it is being taken over, until the
    journal says so.
    """

    number: int
    state: str
    owner: str
    branch: str
    path: str
    base: str
    since: str
    pid: int
    pid_start: int
    in_place: bool = False
    flat: bool = False
    trash: str = ""
    purpose: str = ""
    sparse: bool = False
    generation: int = 1
    renewed: str = field(default="", compare=False)
    former: str = ""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """All reservations of one task; `repository` is the git common directory that took it.

    `generations` has the last generation of each key that was given back.
    """

    key: TaskKey
    id: str
    category: str
    branch: str
    repository: str
    reservations: Mapping[int, Reservation] = field(default_factory=dict)
    generations: Mapping[int, int] = field(default_factory=dict)

    def reservation(self, number: int) -> Reservation | None:
        """The reservation of a stage, or of the task for `names.TASK`; None when it is free."""
        return self.reservations.get(number)


TAKE = "take"
REUSE = "reuse"
RESUME = "resume"
WAIT = "wait"
SETTLE = "settle"


def decide_claim(
    record: TaskRecord | None,
    number: int,
    *,
    owner: str,
    repository: str,
    alive: bool,
    exclusive: bool = False,
) -> str:
    """What `owner`, working in `repository`, may do about the key: one of the five words above.

    `alive` says whether the process that reserves or releases the key still holds it. `take` it, for it is free;
    `reuse` what one has already; `resume` what a process left half made; `wait` for one's own other process; `settle` a
    release that was cut short, then ask again. Raises OkstraError `held` (exit status 3) when it is someone else's.
    """
    reservation = record.reservation(number) if record else None
    own = record.reservation(names.TASK) if record else None
    if record is not None and own is not None and own.state == RELEASING and number != names.TASK:
        raise OkstraError(
            "busy",
            f"{describe(record, names.TASK)} is being removed by process {own.pid}",
            "see what became of it: git okstra list",
        )
    if record is None or (reservation is None and record.repository == repository):
        return TAKE
    if record.repository != repository:
        raise held(record, reservation or record.reservations[min(record.reservations)], elsewhere=True)
    assert reservation is not None
    if reservation.state == RELEASING:
        if alive:
            raise going(record, number)
        return SETTLE
    if reservation.state == RESERVING and not alive:
        return RESUME
    if reservation.owner != owner:
        raise held(record, reservation)
    if exclusive:
        raise _held_by_oneself(record, reservation)
    return WAIT if reservation.state == RESERVING else REUSE


def takes_away(reservation: Reservation) -> bool:
    """Whether the worktree and the branch are about to go to the trash: nothing may build on them."""
    return reservation.state == RELEASING and reservation.purpose not in ("release", "restore")


def was_ready(reservation: Reservation) -> bool:
    """Whether somebody may have worked under it: not while it is being opened, or brought back from the trash."""
    return reservation.state != RESERVING and reservation.purpose != "restore"


def going(record: TaskRecord, number: int) -> OkstraError:
    """The refusal while another process takes it away."""
    return OkstraError(
        "busy",
        f"{describe(record, number)} is being removed by process {record.reservations[number].pid}",
        "run the same command again in a moment",
    )


def require_owner(record: TaskRecord, number: int, owner: str, verb: str) -> None:
    """Raise OkstraError `held` when the key is taken by another owner; `verb` is what was to be done with it."""
    reservation = record.reservation(number)
    if reservation is not None and reservation.owner != owner:
        error = held(record, reservation)
        which = record.key.task if number == names.TASK else number
        hint = f"if {names.printable(reservation.owner)} agreed: "
        hint += f"OKSTRA_OWNER={names.typed(reservation.owner)} git okstra {verb} {which}"
        gone = "" if number == names.TASK else f"\nif nobody works there any more: git okstra takeover {number}"
        raise OkstraError("held", error.message, hint + gone)


def held(record: TaskRecord, reservation: Reservation, *, elsewhere: bool = False) -> OkstraError:
    """The refusal that says who holds it, since when and where."""
    where = f"of the repository '{names.printable(record.repository)}', " if elsewhere else ""
    return OkstraError(
        "held",
        f"{describe(record, reservation.number)} is held by {names.printable(reservation.owner)} "
        f"since {reservation.since}, {where}in '{names.printable(reservation.path)}'",
        "work in that repository, or have it given back there: git okstra release task"
        if elsewhere
        else "take another: git okstra stage auto\nor see who is still at work: git okstra who"
        if reservation.number != names.TASK
        else f"take a stage of it: git okstra stage auto --task {record.key.task}\n"
        f"or see who does what: git okstra status --task {record.key.task}",
    )


def _held_by_oneself(record: TaskRecord, reservation: Reservation) -> OkstraError:
    """The refusal of `--exclusive` to whoever has it open already."""
    number = reservation.number
    stage = f"git okstra stage {number}\nor take another: git okstra stage auto"
    task = start_command(record.id, record.category, record.key.group)
    return OkstraError(
        "held",
        held(record, reservation).message,
        f"it is yours; to go on with it, without --exclusive: {task if number == names.TASK else stage}",
    )


def start_command(task_id: str, category: str, group: str) -> str:
    """What to type to start the task, or to go on with it."""
    grouped = "" if group == names.default_group(task_id) else f" --group {names.typed(group)}"
    return f"git okstra start {category} {names.typed(task_id)}{grouped}"


def describe(record: TaskRecord, number: int) -> str:
    """`task DEV-9436` or `stage 3 of DEV-9436`."""
    return called(record.id, number)


def called(task_id: str, number: int) -> str:
    """`task DEV-9436` or `stage 3 of DEV-9436`, from the task's id as typed."""
    named = names.printable(task_id)
    return f"task {named}" if number == names.TASK else f"stage {number} of {named}"
