"""The second line against forbidden pushes: a remote helper that git puts in front of the remote, pre-push or not.

git calls it as gitremote-helpers(7) says, because `url.okstra::.pushInsteadOf` rewrites the addresses that are pushed
to (`core.push_guard` has the configuration). What git would have reached is reached from here, once, and everything is
passed through in both directions. What is judged on the way: for `http`, `https` and other helpers each `push` line,
against the refs that the remote advertised; for ssh, paths and `git://` the commands on the wire, before any is sent
on. One refused update refuses the push, as pre-push would.

Promises: nothing is sent to the remote but what git sent; a second connection is never opened; what cannot be judged is
refused where governed branches are meant, and passes otherwise.
"""

from __future__ import annotations

import os
import sys
import threading

from git_okstra.core import addresses, names, push_wire, pushing, refusals
from git_okstra.core.errors import OkstraError
from git_okstra.core.pushing import Ground, Update
from git_okstra.git import transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from git_okstra.core.refusals import Refusal

_READ = 1 << 16
_SECOND = "another ref was refused"

# What git may make of a helper behind ours. A capability that is not listed might push in a way that is not judged.
_PASSED = (
    "fetch", "option", "push", "connect", "stateless-connect", "get", "import", "export", "bidi-import", "refspec",
    "export-marks", "import-marks", "signed-tags", "check-connectivity", "object-format", "no-private-update",
)  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Serve one `git push`: `words` are the git common directory, git's name for the remote, and the address. The exit
    status is that of what was reached, 1 after a refusal, 128 when nothing was reached."""
    transport.default_signals()
    common_dir, remote, address = words
    try:
        return _serve(common_dir, remote, address)
    except (BrokenPipeError, ConnectionResetError):
        return 128
    except Exception as fault:  # nothing was pushed; a traceback would help nobody
        error = fault if isinstance(fault, OkstraError) else _internal(fault)
        hints = "".join(f"okstra: hint: {hint}\n" for hint in error.hint.split("\n") if hint)
        _say(f"okstra: error [{error.code}]: {error.message}\n{hints}")
        return error.status


def _serve(common_dir: str, remote: str, typed: str) -> int:
    git_dir = os.path.abspath(os.environ.get("GIT_DIR", common_dir))
    judge = _Judge(common_dir, git_dir)
    configuration = transport.settings(git_dir)
    # git has rewritten by pushInsteadOf, ours, and therefore not by insteadOf.
    address = addresses.parse(addresses.rewritten(typed, configuration.rewrites()))
    if address.kind == addresses.HELPER and address.host == "okstra":
        raise OkstraError(
            "git-failed", "the remote's address is rewritten twice", "git config --get-all url.okstra::.pushInsteadOf"
        )
    if address.kind == addresses.HELPER:
        return _Lines(transport.helper(address, remote, configuration), judge).serve()
    return _connect(address, configuration, judge)


# -- ssh, paths, git://


def _connect(address: addresses.Address, configuration: transport.Settings, judge: _Judge) -> int:
    """Speak the part of a helper that only connects (gitremote-helpers(7), `connect`)."""
    git = _Reader(0)
    program = family = ""
    while line := git.line():
        verb, _, rest = line.rstrip(b"\n").partition(b" ")
        if verb == b"capabilities":
            _answer(b"option\nconnect\n\n")
        elif verb == b"option":
            name, _, value = os.fsdecode(rest).partition(" ")
            # A value in quotes is one that git had to quote; git warns that such a path is not supported.
            known = name in ("progress", "verbosity", "family", "servpath") and not value.startswith('"')
            family = value if name == "family" and known else family
            program = value if name == "servpath" and known else program
            _answer(b"ok\n" if known else b"unsupported\n")
        elif verb == b"connect":
            service = os.fsdecode(rest)
            connection = transport.connect(address, service, program or service, family, configuration)
            _answer(b"\n")
            return _relay(connection, git.rest, b"", judge if service == transport.RECEIVE else None)
        else:
            return 0
    return 0


def _relay(connection: transport.Connection, ahead: bytes, behind: bytes, judge: _Judge | None) -> int:
    """Pass bytes both ways until the remote has ended; `ahead` and `behind` were read from git and from the remote
    already. With `judge`, the commands of the push are read first, and sent on only when none is refused.

    The remote decides when it is over: git waits for it, and would wait for ever if we waited for git.
    """
    forth = _Forth(connection, ahead, judge)
    forth.start()
    if behind:
        _answer(behind)
    while chunk := os.read(connection.receiving, _READ):
        _answer(chunk)
    if forth.problem is not None:
        raise forth.problem
    if not forth.refused:
        connection.end()
        return connection.wait()
    _say(refusals.text(forth.refused))
    # git reads the answer while it sends the pack; what it sends goes nowhere.
    if forth.answer:
        _answer(forth.answer)
        while os.read(0, _READ):
            continue
    return 1


class _Forth(threading.Thread):
    """What comes from git, passed to the remote. `refused` is set when a push is refused, and then nothing of it has
    been sent; `answer` is what git is to be told in the remote's place."""

    def __init__(self, connection: transport.Connection, ahead: bytes, judge: _Judge | None) -> None:
        super().__init__(daemon=True)
        self.refused: list[Refusal] = []
        self.answer = b""
        self.problem: Exception | None = None
        self._connection = connection
        self._ahead = ahead
        self._judge = judge

    def run(self) -> None:
        """Until git has nothing more to send, the push is refused, or the remote has gone."""
        try:
            self._pass_on()
        except Exception as error:  # told by the other thread, once the remote has been let go
            self.problem = error
        self._connection.end()

    def _pass_on(self) -> None:
        if self._judge is not None:
            request = self._request()
            if request is None:
                return
            self.refused, reasons = self._judge.commands(request.commands)
            if self.refused:
                self.answer = push_wire.report(request, reasons, _SECOND)
                # A client that has nothing to push takes its leave so.
                self._connection.send(push_wire.FLUSH)
                return
        going = self._connection.send(self._ahead)
        while going and (chunk := os.read(0, _READ)):
            going = self._connection.send(chunk)

    def _request(self) -> push_wire.Request | None:
        """What git sends before the pack; None when it hangs up before it is complete."""
        try:
            while (size := push_wire.length(self._ahead)) is None:
                chunk = os.read(0, _READ)
                if not chunk:
                    return None
                self._ahead += chunk
            return push_wire.read(self._ahead[:size])
        except push_wire.Malformed as error:
            raise OkstraError(
                "git-failed",
                f"the push cannot be judged: {error}",
                "report it, with the output of: GIT_TRACE_PACKET=1 git push …",
            ) from None


# -- http, https and other helpers


class _Lines:
    """A helper behind ours: one line, or one batch of them, and its answer at a time."""

    def __init__(self, connection: transport.Connection, judge: _Judge) -> None:
        self._connection = connection
        self._judge = judge
        self._git = _Reader(0)
        self._helper = _Reader(connection.receiving)
        self._advertised: dict[str, str] = {}

    def serve(self) -> int:
        """Until git or the helper has ended."""
        while (line := self._git.line()) not in (b"", b"\n"):
            verb = line.split()[0].decode("ascii", "replace")
            if verb == "capabilities":
                going = self._ask(line) and self._block(self._capability)
            elif verb == "list":
                going = self._ask(line) and self._block(self._advertise)
            elif verb == "push":
                going = self._push(line)
            elif verb == "fetch":
                going = self._ask(b"".join(self._batch(line))) and self._block(_kept)
            elif verb == "get":
                going = self._ask(line) and self._block(_kept)
            elif verb in ("export", "import"):
                return self._raw(line, None)
            elif verb in ("connect", "stateless-connect"):
                answer = self._reply(line)
                if answer == b"\n":
                    judged = line.split()[-1] == transport.RECEIVE.encode()
                    return self._raw(b"", self._judge if judged else None)
                going = bool(answer)
            else:
                going = bool(self._reply(line))
            if not going:
                break
        else:
            self._connection.send(line)
        self._connection.end()
        return self._connection.wait()

    def _push(self, line: bytes) -> bool:
        batch = self._batch(line)
        specs = [os.fsdecode(each.rstrip(b"\n")).partition(" ")[2] for each in batch[:-1]]
        refused, reasons = self._judge.lines(specs, self._advertised)
        if not refused:
            return self._ask(b"".join(batch)) and self._block(_kept)
        _say(refusals.text(refused))
        targets = [spec.rpartition(":")[2] for spec in specs]
        said = "".join(f"error {target} {reasons.get(target, _SECOND)}\n" for target in targets)
        _answer(os.fsencode(f"{said}\n"))
        return True

    def _ask(self, data: bytes) -> bool:
        return self._connection.send(data)

    def _reply(self, line: bytes) -> bytes:
        """The helper's one line in answer to git's, passed on; empty when it has ended."""
        answer = self._helper.line() if self._ask(line) else b""
        _answer(answer)
        return answer

    def _block(self, keep: _Kept) -> bool:
        """Pass on the helper's lines up to an empty one, those that `keep` says; False when it ends before."""
        for line in self._helper.lines():
            if line == b"\n" or keep(line):
                _answer(line)
            if line == b"\n":
                return True
        return False

    def _batch(self, line: bytes) -> list[bytes]:
        """git's lines up to an empty one, `line` first."""
        batch = [line]
        for each in self._git.lines():
            batch.append(each)
            if each == b"\n":
                return batch
        return [*batch, b"\n"]

    def _capability(self, line: bytes) -> bool:
        return line.split()[0].decode("ascii", "replace").removeprefix("*") in _PASSED if line.split() else False

    def _advertise(self, line: bytes) -> bool:
        value, _, rest = os.fsdecode(line.rstrip(b"\n")).partition(" ")
        self._advertised[rest.partition(" ")[0]] = value
        return True

    def _raw(self, line: bytes, judge: _Judge | None) -> int:
        if line and not self._ask(line):
            return self._connection.wait()
        return _relay(self._connection, self._git.rest, self._helper.rest, judge)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Kept = Callable[[bytes], bool]


def _kept(_: bytes) -> bool:
    return True


class _Reader:
    """Lines from a descriptor; `rest` is what was read beyond the last one."""

    def __init__(self, descriptor: int) -> None:
        self.rest = b""
        self._descriptor = descriptor

    def line(self) -> bytes:
        """The next line with its end; empty at the end of the input, a line cut short included."""
        while b"\n" not in self.rest:
            chunk = os.read(self._descriptor, _READ)
            if not chunk:
                return b""
            self.rest += chunk
        line, _, self.rest = self.rest.partition(b"\n")
        return line + b"\n"

    def lines(self) -> Iterator[bytes]:
        """Every line up to the end of the input."""
        while line := self.line():
            yield line


# -- the judgement


class _Judge:
    """Asks the rules; the facts are gathered only when a branch is pushed, and ancestry only where it matters."""

    def __init__(self, common_dir: str, git_dir: str) -> None:
        self._common_dir = common_dir
        self._git_dir = git_dir

    def commands(self, commands: Sequence[push_wire.Command]) -> tuple[list[Refusal], dict[str, str]]:
        """The refusals for what is on the wire, and for each refused ref a reason in a few words."""
        return self._judged([Update("", each.new, each.ref, each.old, None) for each in commands], set())

    def lines(self, specs: Sequence[str], advertised: Mapping[str, str]) -> tuple[list[Refusal], dict[str, str]]:
        """The same for the `[+]source:target` of a helper's `push` lines."""
        sources = {spec: spec.removeprefix("+").rpartition(":")[0] for spec in specs}
        here = self._ids({source for source in sources.values() if source})
        updates = []
        trusted = set()
        for spec, source in sources.items():
            target = spec.rpartition(":")[2]
            there = advertised.get(target, "0")
            if there == "?":  # a helper that does not know: git decided with what it knew
                there = "unknown"
                if not spec.startswith("+"):
                    trusted.add(target)
            updates.append(Update(source, here.get(source, "0"), target, there, None))
        return self._judged(updates, trusted)

    def _ids(self, sources: set[str]) -> dict[str, str]:
        """What the sources of `push` lines hold: refs, or anything else that names a commit."""
        from git_okstra.git import refs

        named = {source for source in sources if source.startswith("refs/")}
        # There may be more than fit on a command line.
        found = refs.listed(self._git_dir, *(named if len(named) < 500 else ())) if named else {}
        for source in sources - found.keys():
            found[source] = refs.read(self._git_dir, source) or source
        return found

    def _judged(self, updates: list[Update], trusted: set[str]) -> tuple[list[Refusal], dict[str, str]]:
        branches = [each for each in updates if each.remote_ref.startswith(("refs/heads/", *pushing.REVIEWS))]
        if not branches:
            return [], {}
        try:
            from git_okstra.hooks import ground

            known = ground.load(self._common_dir)
            if not known.governed:  # the guard stands in governed worktrees alone
                raise OkstraError(
                    "damaged-file", "the record of governed branches is gone", "git okstra doctor --repair"
                )
            self._name_sources(known, branches)
            for update in branches:
                if pushing.concerns(known, update):
                    update.fast_forward = update.remote_ref in trusted or self._fast_forward(update)
            found = [(update, pushing.judge(known, [update])) for update in branches]
        except Exception as error:  # what cannot be judged must not let a governed branch through, nor stop another
            found = self._unjudged(branches, error)
        refused = [refusal for _, each in found for refusal in each]
        return refused, {update.remote_ref: f"okstra: {each[0].rule}" for update, each in found if each}

    def _name_sources(self, known: Ground, updates: Sequence[Update]) -> None:
        """Fill in which local branch is pushed where only the commit is known, or `HEAD`: it is taken to be the branch
        of the same name when that stands there, so that a branch beside a governed one is not taken for it."""
        from git_okstra.git import process, refs

        asked = [each for each in updates if not each.local_ref.startswith("refs/heads/") and each.local_id.strip("0")]
        if any(each.local_ref.startswith(("HEAD", "@")) for each in asked):
            on = process.git(["symbolic-ref", "--quiet", "HEAD"], git_dir=self._git_dir, check=False).text
            for update in asked:
                update.local_ref = pushing.resolved(update.local_ref, on)
        unnamed = {each.remote_ref: each for each in asked if not each.local_ref}
        tips = {branch.tip for branch in known.governed.values()}
        doubtful = [ref for ref, each in unnamed.items() if each.local_id in tips]
        if doubtful:
            here = refs.listed(self._common_dir, *doubtful)
            for ref in doubtful:
                if here.get(ref) == unnamed[ref].local_id:
                    unnamed[ref].local_ref = ref

    def _fast_forward(self, update: Update) -> bool | None:
        if not update.local_id.strip("0") or not update.remote_id.strip("0"):
            return True
        from git_okstra.git import process

        # Neither replace refs nor grafts may tell another history than the one that is sent.
        ended = process.git(
            ["merge-base", "--is-ancestor", update.remote_id, update.local_id],
            git_dir=self._git_dir,
            env={"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull},
            check=False,
        )
        return {0: True, 1: False}.get(ended.status)

    def _unjudged(self, updates: Sequence[Update], error: Exception) -> list[tuple[Update, list[Refusal]]]:
        """Without the facts: what this worktree's own branch and the built-in protected branches concern is refused."""
        from git_okstra.core.refusals import Refusal
        from git_okstra.core.settings import SETTINGS
        from git_okstra.git import process, refs

        protected = SETTINGS["policy.protected"].default
        on = process.git(["symbolic-ref", "--quiet", "HEAD"], git_dir=self._git_dir, check=False).text
        tip = refs.read(self._git_dir, "HEAD") or ""
        own = pushing.Branch("", 0, "full", "", tip)
        known = Ground(tuple(protected) if isinstance(protected, tuple) else (), {on.removeprefix("refs/heads/"): own})
        what = error.message if isinstance(error, OkstraError) else f"{type(error).__name__}: {error}"
        hint = (error.hint if isinstance(error, OkstraError) else "") or "git okstra doctor"
        found = []
        for update in updates:
            said = f"the push to '{update.remote_ref}' cannot be judged: {what}".replace("\n", "; ")
            meant = pushing.concerns(known, update)
            found.append((update, [Refusal("hook-broken", said, hint)] if meant else []))
        return found


def _internal(fault: Exception) -> OkstraError:
    return OkstraError("internal", f"{type(fault).__name__}: {fault}", "git okstra doctor")


def _answer(data: bytes) -> None:
    """To git."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


def _say(text: str) -> None:
    """To the user; nothing that a name holds may steer the terminal."""
    sys.stderr.write("".join(f"{names.printable(line)}\n" for line in text.splitlines()))
    sys.stderr.flush()
