"""A governed worktree behind the push guard, and remotes of every kind that count who comes.

Everything is real: git, its http backend, its daemon. Only ssh is a script that runs the command on this machine,
which is what ssh does, and keeps the words it was given.
"""

from __future__ import annotations

import base64
import dataclasses
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from git_okstra.core.tasks import Task
from git_okstra.operations import hooking, start
from git_okstra.operations.context import Context
from support import processes
from support.processes import Ended
from support.repositories import Git, ScratchRepository

USER, PASSWORD = "ada", "s3cret"


class Guarded:
    """Task DEV-1 in a worktree of its own with one commit, the guard in front of its pushes."""

    def __init__(self, repository: ScratchRepository, lifecycle: str = "light") -> None:
        self.repository = repository
        asked = start.Request("feat", "DEV-1", base="main", lifecycle=lifecycle)
        self.task: Task = start.start(self.context(), asked).task
        self.worktree = Path(os.environ["OKSTRA_HOME"], "worktrees/shop/dev/dev-1")
        self.git = Git(self.worktree)
        self.common = repository.path / ".git"
        repository.commit({"work.txt": "work\n"}, cwd=self.worktree)
        repository.git("branch", "topic")
        self.include = self.common / "okstra/governed.config"
        self.script = self.common / "okstra/hooks/push-guard"
        self.install()

    def context(self) -> Context:
        return Context(os.fspath(self.repository), os.environ)

    def install(self) -> None:
        """`git okstra hooks install --push-guard`."""
        hooking.install(self.context(), push_guard=True)
        hooking.install(self.context())

    def uninstall(self) -> None:
        """`git okstra hooks uninstall`."""
        hooking.uninstall(self.context())

    def lose_the_record(self) -> None:
        """Remove what says which branches are governed."""
        shutil.rmtree(self.common / "okstra/policy/branches")

    def phase(self, phase: str, lifecycle: str = "light") -> None:
        """Move the task, as `git okstra phase` will."""
        self.context().store.save_task(dataclasses.replace(self.task, phase=phase, lifecycle=lifecycle))

    def push(self, *words: str, env: Mapping[str, str] | None = None) -> Ended:
        """`git push --no-verify WORDS` in the governed worktree."""
        return self.git.run("push", "--no-verify", *words, env=env)


class Remote:
    """A bare repository that is reached in one way; `env` is what git needs for it."""

    def __init__(self, path: Path, url: str, env: Mapping[str, str], log: Path) -> None:
        self.git = Git(path)
        self.path = path
        self.url = url
        self.env = dict(env)
        self.log = log

    def refs(self) -> dict[str, str]:
        """Every ref of it."""
        return dict(
            line.split()[::-1] for line in self.git("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        )

    def visits(self) -> list[str]:
        """One line for each connection (file: none are counted) and each question for a password."""
        return self.log.read_text().splitlines() if self.log.exists() else []


def bare(path: Path) -> Path:
    """A bare repository that takes push options and certificates."""
    subprocess.run(["git", "init", "-q", "--bare", path], check=True)
    for key, value in {
        "receive.advertisePushOptions": "true",
        "receive.certNonceSeed": "seed",
        "receive.certNonceSlop": "1000",
        "http.receivepack": "true",
        "receive.denyDeleteCurrent": "ignore",
    }.items():
        subprocess.run(["git", "-C", path, "config", key, value], check=True)
    return path


def script(path: Path, text: str) -> Path:
    """An executable file."""
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)
    return path


@contextmanager
def reached(kind: str, place: Path) -> Iterator[Remote]:
    """A remote in `place` that is reached by `file`, `ssh`, `http` or `git`."""
    place.mkdir()
    path, log = bare(place / "remote.git"), place / "visits"
    if kind == "file":
        yield Remote(path, f"{path}", {}, log)
    elif kind == "ssh":
        ssh = script(place / "ssh", f'echo "ssh $*" >>{log}\nfor last; do :; done\neval "$last"\n')
        yield Remote(path, f"ssh://ada@example.org{path}", {"GIT_SSH_COMMAND": f"{ssh}"}, log)
    elif kind == "http":
        with _served(place, log) as port:
            ask = script(place / "askpass", f'echo "asked $1" >>{log}\necho {PASSWORD}\n')
            env = {"GIT_ASKPASS": f"{ask}", "no_proxy": "*"}
            yield Remote(path, f"http://{USER}@127.0.0.1:{port}/remote.git", env, log)
    else:
        with _daemon(place) as port:
            yield Remote(path, f"git://127.0.0.1:{port}/remote.git", {}, log)


@contextmanager
def _served(root: Path, log: Path) -> Iterator[int]:
    class Handler(_Backend):
        place = root
        visits = log

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Backend(BaseHTTPRequestHandler):
    """`git http-backend` behind basic authentication (RFC 7617), one process for each request (RFC 3875)."""

    protocol_version = "HTTP/1.1"
    place: Path
    visits: Path

    def setup(self) -> None:
        with self.visits.open("a") as log:
            log.write("http\n")
        super().setup()

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Serve it."""
        body = self._body()
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self._answer("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="test"')], b"")
            return
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            stdout=subprocess.PIPE,
            check=True,
            env=os.environ
            | {
                "GIT_PROJECT_ROOT": f"{self.place}",
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": f"{len(body)}",
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REMOTE_USER": USER,
                "REMOTE_ADDR": "127.0.0.1",
            },
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._answer(fields.pop("Status", "200 OK"), list(fields.items()), content)

    do_POST = do_GET  # noqa: N815 (http.server's own word)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: str, fields: Sequence[tuple[str, str]], content: bytes) -> None:
        code, _, words = status.partition(" ")
        self.send_response(int(code), words)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", f"{len(content)}")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def _daemon(root: Path) -> Iterator[int]:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        listening.listen()
        # git daemon serves what stands on its standard input, as inetd would give it; one process for each connection.
        words = ["git", "daemon", "--inetd", "--export-all", "--enable=receive-pack", f"--base-path={root}"]
        stop = threading.Event()

        def serve() -> None:
            while True:
                sock, _ = listening.accept()
                with sock:
                    if stop.is_set():
                        return
                    subprocess.run(words, stdin=sock.fileno(), stdout=sock.fileno(), check=False)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port
        finally:
            stop.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()


def on_a_terminal(words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command on a terminal of its own; its exit status and what it wrote."""
    import pexpect

    child = pexpect.spawn(
        "sh",
        ["-c", shlex.join(words)],
        cwd=f"{cwd}",
        env={**os.environ, **env},
        encoding="utf-8",
        timeout=processes.PATIENCE,
    )
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus or 0, str(child.before)
