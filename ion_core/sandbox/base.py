"""The door of the sandbox's room: what a child may touch, and what holds it to that.

The room turns bounds into an arrangement of what the machine offers; it starts nothing itself.
``confined.py`` joins it with the launcher of the tools.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Profile: TypeAlias = Literal["read", "write"]
"""``read``: nothing but a private temporary folder may be written. ``write``: the workspace too."""

Network: TypeAlias = Literal["off", "proxy", "on"]

Protection: TypeAlias = Literal["full", "reduced", "none"]
"""``full``: namespaces and seccomp (bubblewrap), or Seatbelt. ``reduced``: Landlock and seccomp,
which cannot protect a part of a folder that may be written."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What a child may touch. All paths are absolute.

    ``root`` is the workspace, ``home`` the person's folder, ``own`` ion's folder, ``path`` the
    folders that programs are looked for in. ``readable`` are named by the person and win over
    what is denied; ``shown`` are files of ion's own that it lends to this child; ``domains`` are
    what a proxy lets through. ``fixed``: the workspace is looked at, and only what is ``writable``
    may be changed.
    """

    profile: Profile
    root: str
    home: str
    own: str
    path: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    network: Network = "off"
    domains: tuple[str, ...] = ()
    fixed: bool = False

    @property
    def trees(self) -> tuple[str, ...]:
        """What a child may change where its profile lets it change anything."""
        return self.writable if self.fixed else (self.root, *self.writable)

    @property
    def online(self) -> bool:
        return self.profile == "write" and self.network == "on"

    @property
    def proxied(self) -> bool:
        """Whether there is a way out through a proxy, where there can be one."""
        return self.profile == "write" and self.network == "proxy" and bool(self.domains)


class Means(Struct, frozen=True, kw_only=True):
    """What the machine offers, as it was tried out.

    ``bubblewrap`` and ``seatbelt`` are paths of programs that worked, or empty; ``landlock`` is
    the version of its interface, 0 without it; ``scoped``: bubblewrap starts inside a Landlock
    domain. ``missing`` are sentences: what could not be used, and why.
    """

    bubblewrap: str = ""
    version: str = ""
    landlock: int = 0
    seccomp: bool = False
    scoped: bool = False
    seatbelt: str = ""
    missing: tuple[str, ...] = ()

    @property
    def protection(self) -> Protection:
        if self.seatbelt or (self.bubblewrap and self.seccomp):
            return "full"
        return "reduced" if self.landlock >= LEAST_LANDLOCK and self.seccomp else "none"


LEAST_LANDLOCK = 3
"""The first version that can forbid truncation (Linux 6.2, landlock(7))."""
