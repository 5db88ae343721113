"""Reaching a remote as git itself does, for the push guard that stands between git and the remote.

What git would start is started here, with git's own settings: ssh (`GIT_SSH_COMMAND`, `core.sshCommand`, `GIT_SSH`,
`ssh.variant`), `git receive-pack` for a path, a socket or `core.gitProxy` for `git://`, `git remote-<name>` for all
else (`https`). None of these reads `pushInsteadOf`, so the guard cannot come to stand in front of itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from git_okstra.core import addresses
from git_okstra.core.addresses import Address
from git_okstra.core.errors import OkstraError
from git_okstra.git import process

RECEIVE = "git-receive-pack"

_VARIANTS = {name: name for name in ("auto", "plink", "putty", "tortoiseplink", "simple")}
_ALWAYS = ("http", "https", "git", "ssh")


class Settings:
    """What git's configuration says about reaching remotes, that of `git -c` included."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs

    def last(self, key: str) -> str | None:
        """The value that counts, or None."""
        return next((value for name, value in reversed(self._pairs) if name == key), None)

    def rewrites(self) -> list[tuple[str, str]]:
        """(base, prefix) of every `url.<base>.insteadOf`, in order."""
        end = ".insteadof"
        return [
            (name[4 : -len(end)], value) for name, value in self._pairs if name[:4] == "url." and name.endswith(end)
        ]

    def proxies(self) -> list[str]:
        """Every `core.gitProxy`, in order."""
        return [value for name, value in self._pairs if name == "core.gitproxy"]

    def allows(self, kind: str) -> bool:
        """Whether git may use the transport `kind` (git-config(1), `protocol.allow`; git(1), `GIT_ALLOW_PROTOCOL`)."""
        listed = os.environ.get("GIT_ALLOW_PROTOCOL")
        if listed is not None:
            return kind in listed.split(":")
        default = "always" if kind in _ALWAYS else "never" if kind == "ext" else "user"
        said = self.last(f"protocol.{kind}.allow") or self.last("protocol.allow") or default
        return said == "always" or (
            said == "user" and os.environ.get("GIT_PROTOCOL_FROM_USER", "1") not in ("0", "false")
        )


def settings(git_dir: str) -> Settings:
    """Read them, as `git push` sees them: with the configuration of its command line and environment."""
    given = {name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")}
    wanted = r"^(url\..*\.insteadof|core\.(sshcommand|gitproxy)|ssh\.variant|protocol\..*)$"
    out = process.git(["config", "-z", "--get-regexp", wanted], git_dir=git_dir, env=given, check=False).out
    pairs = []
    for entry in out.split(b"\0"):
        if entry:
            name, _, value = os.fsdecode(entry).partition("\n")
            pairs.append((name, value))
    return Settings(pairs)


class Connection:
    """Both ends of a conversation: bytes are sent to the descriptor `sending` and come from `receiving`."""

    def __init__(self, child: subprocess.Popen[bytes] | None, sending: int, receiving: int) -> None:
        self._child = child
        self.sending = sending
        self.receiving = receiving

    def send(self, data: bytes | bytearray) -> bool:
        """Send all of it; False when the other side has gone."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.sending, rest) :]
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Say that nothing more will be sent."""
        if self._child is None:
            import socket

            with socket.socket(fileno=os.dup(self.sending)) as sock:
                try:
                    sock.shutdown(socket.SHUT_WR)
                except OSError:  # the other side was quicker
                    return
        elif self._child.stdin is not None:
            try:
                self._child.stdin.close()
            except BrokenPipeError:
                return

    def wait(self) -> int:
        """The exit status of what was started, as a shell would give it; 0 for a socket."""
        if self._child is None:
            return 0
        status = self._child.wait()
        return 128 - status if status < 0 else status


def connect(address: Address, service: str, program: str, family: str, configuration: Settings) -> Connection:
    """A connection to `service` (`git-receive-pack`, `git-upload-pack`) at an address that is no helper's.

    `program` is what the other side is to run for it (`git push --receive-pack`), `family` is `ipv4`, `ipv6` or empty.
    Raises OkstraError `git-failed` as git would die.
    """
    if not configuration.allows(address.kind):
        raise _failed(f"transport '{address.kind}' not allowed")
    version = configuration.last("protocol.version") or "2"
    # There is no version 2 of pushing: git falls back to the first one.
    if version not in ("1", "2") or (version == "2" and service == RECEIVE):
        version = ""
    env = {name: value for name, value in os.environ.items() if name not in process.LOCAL_VARIABLES}
    command = f"{program} {_quoted(address.path)}"
    if address.kind == addresses.DAEMON:
        return _daemon(address, program, version, family, configuration, env)
    if version:
        env["GIT_PROTOCOL"] = f"version={version}"
    if address.kind == addresses.SSH:
        return _started([*_ssh(address, version, family, configuration, env), command], env)
    plain = program in (RECEIVE, "git-upload-pack")
    return _started(["git", program[4:], address.path] if plain else ["sh", "-c", command], env)


def helper(address: Address, remote: str, configuration: Settings) -> Connection:
    """The remote helper of the address, as gitremote-helpers(7) says; `remote` is what git calls the remote."""
    if not configuration.allows(address.host):
        raise _failed(f"transport '{address.host}' not allowed")
    return _started(["git", f"remote-{address.host}", remote, address.path], dict(os.environ))


def _started(words: Sequence[str], env: Mapping[str, str]) -> Connection:
    process.trace(words, None)
    try:
        child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, bufsize=0)
    except OSError as error:
        raise _failed(f"cannot run {words[0]}: {error.strerror}") from None
    assert child.stdin is not None
    assert child.stdout is not None
    return Connection(child, child.stdin.fileno(), child.stdout.fileno())


def _ssh(address: Address, version: str, family: str, configuration: Settings, env: Mapping[str, str]) -> list[str]:
    """The command up to what the other side is to run; git's `fill_ssh_args`."""
    line = env.get("GIT_SSH_COMMAND", configuration.last("core.sshcommand"))
    if line is not None:
        command, name = ["sh", "-c", f'{line} "$@"', line], _first_word(line)
    else:
        name = env.get("GIT_SSH", "ssh")
        command = [name]
    variant = _variant(name, configuration, env)
    if variant == "auto":
        probe = [*command, "-G", *_ssh_options("ssh", address.port, version, family), address.host]
        quiet = subprocess.DEVNULL
        process.trace(probe, None)
        try:
            known = subprocess.run(probe, stdin=quiet, stdout=quiet, stderr=quiet, env=env, check=False).returncode == 0
        except OSError:
            known = False
        variant = "ssh" if known else "simple"
    return [*command, *_ssh_options(variant, address.port, version, family), address.host]


def _variant(name: str, configuration: Settings, env: Mapping[str, str]) -> str:
    said = env.get("GIT_SSH_VARIANT", configuration.last("ssh.variant"))
    if said is not None and said != "auto":
        return _VARIANTS.get(said, "ssh")
    base = os.path.basename(name).lower().removesuffix(".exe")
    return base if base in ("ssh", "plink", "tortoiseplink") else "auto"


def _ssh_options(variant: str, port: str, version: str, family: str) -> list[str]:
    options: list[str] = []
    if variant == "ssh" and version:
        options += ["-o", "SendEnv=GIT_PROTOCOL"]
    if variant == "simple" and (family or port):
        raise _failed("ssh variant 'simple' does not support setting port or address family")
    if family:
        options.append("-4" if family == "ipv4" else "-6")
    if variant == "tortoiseplink":
        options.append("-batch")
    if port:
        options += ["-p" if variant == "ssh" else "-P", port]
    return options


def _daemon(
    address: Address, program: str, version: str, family: str, configuration: Settings, env: Mapping[str, str]
) -> Connection:
    connection = _proxied(address, configuration, env) or _socket(address, family)
    host = env.get("GIT_OVERRIDE_VIRTUAL_HOST", address.host + (f":{address.port}" if address.port else ""))
    said = f"{program} {address.path}\0host={host}\0" + (f"\0version={version}\0" if version else "")
    payload = os.fsencode(said)
    connection.send(f"{len(payload) + 4:04x}".encode() + payload)
    return connection


def _proxied(address: Address, configuration: Settings, env: Mapping[str, str]) -> Connection | None:
    command = env.get("GIT_PROXY_COMMAND") or None
    for value in () if command else configuration.proxies():
        name, _, domain = value.partition(" for ")
        if not domain or address.host == domain or address.host.endswith(f".{domain}"):
            command = "" if name == "none" else name
            break
    return _started([command, address.host, address.port or "9418"], env) if command else None


def _socket(address: Address, family: str) -> Connection:
    import socket

    wanted = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}.get(family, socket.AF_UNSPEC)
    problem: OSError | None = None
    try:
        found = socket.getaddrinfo(address.host, address.port or "9418", wanted, socket.SOCK_STREAM)
    except OSError as error:
        found, problem = [], error
    for kind, sort, protocol, _, where in found:
        try:
            sock = socket.socket(kind, sort, protocol)
            sock.connect(where)
        except OSError as error:
            problem = error
            continue
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        descriptor = sock.detach()
        return Connection(None, descriptor, descriptor)
    raise _failed(f"unable to connect to {address.host}: {problem}")


def _first_word(line: str) -> str:
    import shlex

    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    return words[0] if words else ""


def _quoted(path: str) -> str:
    """As git quotes for the shell of the other side: `!` too, which a csh there would expand."""
    return "'" + path.replace("'", "'\\''").replace("!", "'\\!'") + "'"


def _failed(what: str) -> OkstraError:
    return OkstraError("git-failed", what, "see each call: GIT_TRACE=1 OKSTRA_TRACE=1 git push …")


def default_signals() -> None:
    """Let Ctrl-C and a closed pipe end this process as they end git, without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
