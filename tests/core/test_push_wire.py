"""The commands of a push, as a client sends them, and the answer in the remote's place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import push_wire
from git_okstra.core.push_wire import Malformed, Request

A, B, ZEROS = "a" * 40, "b" * 40, "0" * 40
CAPABILITIES = " report-status-v2 side-band-64k object-format=sha1 agent=git/2.39.5"


def packets(*lines: str) -> bytes:
    return b"".join(f"{len(line.encode()) + 4:04x}{line}".encode() for line in lines) + b"0000"


def seen(request: Request) -> list[tuple[str, str, str]]:
    return [(command.old, command.new, command.ref) for command in request.commands]


PLAIN = packets(f"{A} {B} refs/heads/x\0{CAPABILITIES}", f"{ZEROS} {B} refs/heads/결제", f"{A} {ZEROS} refs/tags/v1")
SHALLOW = packets(f"shallow {A}\n", f"{ZEROS} {B} refs/heads/x\0{CAPABILITIES}")
SIGNED = packets(
    f"push-cert\0{CAPABILITIES}",
    "certificate version 0.1\n",
    "pusher ada 1 +0000\n",
    f"push-option {A} {B} refs/heads/not-this\n",
    "\n",
    f"{A} {B} refs/heads/x\n",
    f"{A} {ZEROS} refs/heads/y\n",
    "-----BEGIN SSH SIGNATURE-----\n",
    "U1NIU0lH\n",
    "-----END SSH SIGNATURE-----\n",
    "push-cert-end\n",
)


def test_plain_commands() -> None:
    request = push_wire.read(PLAIN)
    assert seen(request) == [(A, B, "refs/heads/x"), (ZEROS, B, "refs/heads/결제"), (A, ZEROS, "refs/tags/v1")]
    assert "side-band-64k" in request.capabilities


def test_shallow_lines_and_certificates() -> None:
    assert seen(push_wire.read(SHALLOW)) == [(ZEROS, B, "refs/heads/x")]
    request = push_wire.read(SIGNED)
    assert seen(request) == [(A, B, "refs/heads/x"), (A, ZEROS, "refs/heads/y")]
    assert "report-status-v2" in request.capabilities


def test_long_ids_and_nothing_to_push() -> None:
    assert seen(push_wire.read(packets(f"{'0' * 64} {'c' * 64} refs/heads/x\0 report-status"))) == [
        ("0" * 64, "c" * 64, "refs/heads/x")
    ]
    assert push_wire.read(b"0000").commands == []
    assert push_wire.length(b"0000") == 4


@given(st.sampled_from([PLAIN, SHALLOW, SIGNED, b"0000"]), st.binary(max_size=40), st.data())
def test_the_end_is_found_wherever_reading_stops(request: bytes, after: bytes, data: st.DataObject) -> None:
    assert push_wire.length(request + after) == len(request)
    assert push_wire.length(request[: data.draw(st.integers(0, len(request) - 1))]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"PACK",
        b"0003",
        b"+0040000",
        packets("hello"),
        packets(f"{A} {B}"),
        packets(f"{A} refs/heads/x"),
        packets(f"{A.upper()} {B} refs/heads/x"),
        packets(f"push-cert\0{CAPABILITIES}", "certificate version 0.1\n", "\n", f"{A} {B} refs/heads/x\n"),
        packets(f"push-cert\0{CAPABILITIES}", "\n", "push-cert-end\n", f"{A} {B} refs/heads/x\n"),
        packets(f"{A} {B} refs/heads/x\0", f"push-cert\0{CAPABILITIES}"),
    ],
)
def test_what_is_not_the_protocol(data: bytes) -> None:
    with pytest.raises(Malformed):
        push_wire.read(data[: push_wire.length(data)])


@given(st.binary(max_size=200))
def test_noise_is_never_taken_for_a_request(noise: bytes) -> None:
    try:
        size = push_wire.length(noise)
        commands = [] if size is None else push_wire.read(noise[:size]).commands
    except Malformed:
        commands = []
    assert all(len(command.old) in (40, 64) for command in commands)


def test_the_answer() -> None:
    said = packets("unpack ok\n", "ng refs/heads/x no\n", "ng refs/heads/결제 other\n", "ng refs/tags/v1 other\n")
    request = push_wire.read(PLAIN)
    assert push_wire.report(request, {"refs/heads/x": "no"}, "other") == (
        f"{len(said) + 5:04x}".encode() + b"\x01" + said + b"0000"
    )
    plain = Request(request.commands, ("report-status",))
    assert push_wire.report(plain, {"refs/heads/x": "no"}, "other") == said
    assert push_wire.report(Request(request.commands, ()), {}, "other") == b""


def test_a_long_answer_is_cut_into_packets() -> None:
    commands = [push_wire.Command(A, B, f"refs/heads/{number:060}") for number in range(1500)]
    answer = push_wire.report(Request(commands, ("report-status", "side-band-64k")), {}, "other")
    size = push_wire.length(answer)
    assert size == len(answer)
    assert int(answer[:4], 16) == 65520
