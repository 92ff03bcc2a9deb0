"""Narrowing a listening socket that listens everywhere.

QuickFIX's acceptor binds to all addresses, and looks at AllowedRemoteAddresses only after it has
answered a Logon. So the kernel is asked to drop packets before QuickFIX sees a connection: a packet
filter on the listening socket lets through only what is addressed to the configured address and comes
from an allowed one. Linux only. Source: Linux kernel documentation, "Linux Socket Filtering".
"""

import ctypes
import ipaddress
import os
import socket
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

_SO_ATTACH_FILTER = 26
_LOAD_WORD = 0x20
_JUMP_EQUAL = 0x15
_RETURN = 0x06
_NETWORK_HEADER = -0x100000
_SOURCE = _NETWORK_HEADER + 12
_DESTINATION = _NETWORK_HEADER + 16
_KEEP_ALL = 0xFFFFFFFF
ANY_ADDRESS = "0.0.0.0"


class FilterUnavailable(OSError):
    """The packet filter could not be set on the listening socket."""


def restrict(port: int, address: str, allowed: Iterable[str]) -> None:
    """Let the socket that listens on `port` hear only packets to `address` from an `allowed` address.

    `address` 0.0.0.0 is any. Connections that are open already are not touched. Raises
    `FilterUnavailable` when the socket is not found or the system cannot filter.
    """
    program = filter_program(address, allowed)
    count = len(program) // 8
    code = ctypes.create_string_buffer(program, len(program))
    try:
        listener = _listener(port)
        with listener:
            listener.setsockopt(
                socket.SOL_SOCKET,
                _SO_ATTACH_FILTER,
                struct.pack("@HP", count, ctypes.addressof(code)),
            )
    except OSError as error:
        raise FilterUnavailable(f"no packet filter on port {port}: {error}") from error


def listens(port: int) -> bool:
    """True when a socket of this process listens on `port`."""
    try:
        _listener(port).close()
    except OSError:
        return False
    return True


def filter_program(address: str, allowed: Iterable[str]) -> bytes:
    """Return the classic BPF program: instructions of 8 bytes, addresses compared as 32-bit numbers."""
    sources = sorted(int(ipaddress.IPv4Address(each)) for each in set(allowed))
    program: list[tuple[int, int, int, int]] = []
    if address != ANY_ADDRESS:
        program.append((_LOAD_WORD, 0, 0, _DESTINATION))
        program.append((_JUMP_EQUAL, 1, 0, int(ipaddress.IPv4Address(address))))
        program.append((_RETURN, 0, 0, 0))
    program.append((_LOAD_WORD, 0, 0, _SOURCE))
    for source in sources:
        program.append((_JUMP_EQUAL, 0, 1, source))
        program.append((_RETURN, 0, 0, _KEEP_ALL))
    program.append((_RETURN, 0, 0, 0))
    return b"".join(
        struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)
        for code, if_true, if_false, value in program
    )


def _listener(port: int) -> socket.socket:
    """Return a second handle of this process's socket that listens on `port`."""
    for entry in Path("/proc/self/fd").iterdir():
        number = int(entry.name)
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            candidate = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        if _listens(candidate, port):
            return candidate
        candidate.close()
    raise OSError(f"no socket of this process listens on port {port}")


def _listens(candidate: socket.socket, port: int) -> bool:
    return (
        candidate.family == socket.AF_INET
        and bool(candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        and candidate.getsockname()[1] == port
    )
