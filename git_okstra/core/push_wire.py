"""The part of a push that goes over the wire before the pack: which refs are to be updated, from what to what.

gitprotocol-pack(5), "Pushing Data To a Server" (`update-requests`). A client sends pkt-lines up to a flush packet:
`shallow` lines, then either one line for each command (the first with the capabilities after a NUL), or a certificate
of a signed push that holds the same lines. Push options and the pack come after and concern nobody here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FLUSH = b"0000"
_CHUNK = 65515
"""The most that one packet of side-band-64k carries, less one for its band."""


class Malformed(Exception):
    """What was sent is not what the protocol describes."""


class Command:
    """One command: the id that the ref has at the remote, the id it is to have (zeros: none), and the full ref."""

    __slots__ = ("new", "old", "ref")

    def __init__(self, old: str, new: str, ref: str) -> None:
        self.old = old
        self.new = new
        self.ref = ref


class Request:
    """All commands, and the capabilities that the client chose."""

    __slots__ = ("capabilities", "commands")

    def __init__(self, commands: list[Command], capabilities: tuple[str, ...]) -> None:
        self.commands = commands
        self.capabilities = capabilities


def length(data: bytes | bytearray) -> int | None:
    """How many bytes at the beginning of `data` are the request with its flush packet; None when more must be read.
    Raises Malformed."""
    at = 0
    while True:
        size = _size(data, at)
        if size is None:
            return None
        if size == 0:
            return at + 4
        if at + size > len(data):
            return None
        at += size


def read(data: bytes | bytearray) -> Request:
    """The request that is in `data` (as `length` measured it). Raises Malformed."""
    commands: list[Command] = []
    capabilities: tuple[str, ...] = ()
    certified = ended = False
    signature = header = False
    for line in _lines(data):
        if ended:
            raise Malformed("something follows the push certificate")
        if not commands and not certified and line.startswith(b"shallow "):
            continue
        if not commands and not certified and line.startswith(b"push-cert\0"):
            capabilities = _words(line.partition(b"\0")[2])
            certified = header = True
            continue
        if not certified:
            line, _, rest = line.partition(b"\0")
            if not commands:
                capabilities = _words(rest)
            commands.append(_command(line))
            continue
        text = line.removesuffix(b"\n")
        if text == b"push-cert-end":
            ended = True
        elif header:
            header = text != b""
        elif text.startswith(b"-----BEGIN "):
            signature = True
        elif not signature:
            commands.append(_command(text))
    if certified and not ended:
        raise Malformed("the push certificate has no end")
    return Request(commands, capabilities)


def report(request: Request, reasons: Mapping[str, str], otherwise: str) -> bytes:
    """What a server answers that refuses all of it: for each ref its reason, `otherwise` for those without.

    Empty when the client asked for no report.
    """
    if not {"report-status", "report-status-v2"} & set(request.capabilities):
        return b""
    lines = [_packet(b"unpack ok\n")]
    for command in request.commands:
        reason = reasons.get(command.ref, otherwise)
        lines.append(_packet(f"ng {command.ref} {reason}\n".encode("utf-8", "surrogateescape")))
    said = b"".join([*lines, FLUSH])
    if "side-band-64k" in request.capabilities:
        chunks = (said[at : at + _CHUNK] for at in range(0, len(said), _CHUNK))
        return b"".join(_packet(b"\x01" + chunk) for chunk in chunks) + FLUSH
    return said


def _packet(payload: bytes) -> bytes:
    return f"{len(payload) + 4:04x}".encode() + payload


def _size(data: bytes | bytearray, at: int) -> int | None:
    digits = bytes(data[at : at + 4])
    if len(digits) < 4:
        return None
    try:
        size = int(digits.decode("ascii"), 16) if digits.isalnum() else -1
    except ValueError:
        size = -1
    if size < 0 or 0 < size < 4:
        raise Malformed("a packet has no length")
    return size


def _lines(data: bytes | bytearray) -> list[bytes]:
    lines = []
    at = 0
    while size := _size(data, at):
        lines.append(bytes(data[at + 4 : at + size]))
        at += size
    return lines


def _command(line: bytes) -> Command:
    old, _, rest = line.decode("utf-8", "surrogateescape").removesuffix("\n").partition(" ")
    new, _, ref = rest.partition(" ")
    if not _is_id(old) or not _is_id(new) or not ref:
        raise Malformed("a line is no command to update a ref")
    return Command(old, new, ref)


def _is_id(text: str) -> bool:
    return len(text) in (40, 64) and all(character in "0123456789abcdef" for character in text)


def _words(capabilities: bytes) -> tuple[str, ...]:
    return tuple(capabilities.decode("utf-8", "replace").split())
