"""The system-call filter of sandboxed children, as a program for the kernel.

What is refused gives EPERM, so that programs say so and go on. A call of another architecture's
convention ends the process: its numbers mean something else.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from msgspec import Struct

from ion_core.sandbox.privileges import forgo_new
from ion_core.sandbox.syscalls import MACHINES, NUMBERS, Machine

_REFUSED = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "userfaultfd"),
    *("keyctl", "add_key", "request_key", "perf_event_open", "lookup_dcookie", "nfsservctl"),
    *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "open_by_handle_at", "setns"),
    *("kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
    *("swapon", "swapoff", "reboot", "acct", "quotactl", "syslog", "vhangup", "iopl", "ioperm"),
    *("settimeofday", "clock_settime", "clock_adjtime", "sethostname", "setdomainname"),
)
_LABELS = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr"),
    *("setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat"),
)
"""What changes of a file that Landlock does not look after."""

_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_NEW_NAMESPACES = 0x7E02_0080  # CLONE_NEW* (linux/sched.h)
_TYPE_FOR_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # struct seccomp_data
_ALLOW, _KILL, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_SET_MODE_FILTER, _SET_SECCOMP = 2, 22  # PR_SET_SECCOMP


class Filter(Struct, frozen=True, kw_only=True):
    """What a filter lets through besides the ordinary: Unix sockets, the network, and changes of
    modes, owners and times."""

    unix: bool = False
    network: bool = False
    labels: bool = True


def available() -> bool:
    """Whether a filter can be made for this machine."""
    return platform.machine() in MACHINES and os.path.exists("/proc/sys/kernel/seccomp")


def program(chosen: Filter, machine: str = "") -> bytes:
    """The filter as an array of ``struct sock_filter``. Raises ``KeyError`` for a machine whose
    numbers are not known."""
    code = _Code(MACHINES[machine or platform.machine()])
    code.begin()
    for name in _REFUSED if chosen.labels else (*_REFUSED, *_LABELS):
        code.refuse(name)
    code.refuse("clone3", errno.ENOSYS)  # its flags lie in memory; C libraries then use clone
    for name in ("clone", "unshare"):
        code.refuse_bits(name, 0, _NEW_NAMESPACES)
    code.refuse_values("ioctl", 1, _TYPE_FOR_TERMINAL)
    code.allow_values("socketpair", (_UNIX,))
    families = (_UNIX,) * chosen.unix + (_INET, _INET6, _NETLINK) * chosen.network
    code.allow_values("socket", families)
    return code.end()


def confine_calls(chosen: Filter) -> None:
    """Put the calling thread, and all it starts, behind the filter. Raises ``OSError``."""
    forgo_new()
    code = program(chosen)
    buffer = ctypes.create_string_buffer(code, len(code))
    packed = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_SECCOMP, _SET_MODE_FILTER, packed, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


class _Code:
    """Instructions, each a code, two jumps relative to the next, and a number."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._bytes = machine, bytearray()

    def begin(self) -> None:
        self._add(_LOAD, _ARCHITECTURE)
        self._add(_EQUAL, self._machine.audit, 1, 0)
        self._add(_RETURN, _KILL)
        self._add(_LOAD, _NUMBER)
        if self._machine.foreign is not None:
            self._add(_AT_LEAST, self._machine.foreign, 0, 1)
            self._add(_RETURN, _KILL)

    def end(self) -> bytes:
        self._add(_RETURN, _ALLOW)
        return bytes(self._bytes)

    def refuse(self, name: str, error: int = errno.EPERM) -> None:
        self._for_call(name, ((_RETURN, _ERROR | error, 0, 0),))

    def refuse_bits(self, name: str, argument: int, bits: int) -> None:
        self._for_call(
            name,
            (
                (_LOAD, _ARGUMENTS + 8 * argument, 0, 0),
                (_ANY_BIT, bits, 0, 1),
                (_RETURN, _ERROR | errno.EPERM, 0, 0),
                (_RETURN, _ALLOW, 0, 0),
            ),
        )

    def refuse_values(self, name: str, argument: int, values: tuple[int, ...]) -> None:
        self._by_value(name, argument, values, found=_ERROR | errno.EPERM, other=_ALLOW)

    def allow_values(self, name: str, values: tuple[int, ...]) -> None:
        self._by_value(name, 0, values, found=_ALLOW, other=_ERROR | errno.EPERM)

    def _by_value(
        self, name: str, argument: int, values: tuple[int, ...], found: int, other: int
    ) -> None:
        matches = [(_EQUAL, value, len(values) - at, 0) for at, value in enumerate(values)]
        self._for_call(
            name,
            (
                (_LOAD, _ARGUMENTS + 8 * argument, 0, 0),
                *matches,
                (_RETURN, other, 0, 0),
                (_RETURN, found, 0, 0),
            ),
        )

    def _for_call(self, name: str, then: tuple[tuple[int, int, int, int], ...]) -> None:
        """Do ``then``, which ends with a return, when the call is this one. The number of the
        call is still loaded afterwards: whoever loads something else returns."""
        number = NUMBERS[name][self._machine.column]
        if number is None:
            return
        self._add(_EQUAL, number, 0, len(then))
        for instruction in then:
            self._add(*instruction)

    def _add(self, code: int, number: int, if_true: int = 0, if_false: int = 0) -> None:
        self._bytes += struct.pack("=HBBI", code, if_true, if_false, number)
