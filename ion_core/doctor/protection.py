"""The sandbox: what holds commands on this machine, and how to get what is missing."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ion_core.confined import ConfinedLauncher
from ion_core.doctor.base import Check, Patient, Status
from ion_core.sandbox.base import LEAST_LANDLOCK, Means
from ion_core.sandbox.words import headline

_INSTALL: Final = {
    "debian": "sudo apt install bubblewrap",
    "ubuntu": "sudo apt install bubblewrap",
    "fedora": "sudo dnf install bubblewrap",
    "rhel": "sudo dnf install bubblewrap",
    "centos": "sudo dnf install bubblewrap",
    "arch": "sudo pacman -S bubblewrap",
    "suse": "sudo zypper install bubblewrap",
    "opensuse": "sudo zypper install bubblewrap",
    "alpine": "sudo apk add bubblewrap",
    "void": "sudo xbps-install bubblewrap",
    "gentoo": "sudo emerge sys-apps/bubblewrap",
    "nixos": "nix-env -iA nixos.bubblewrap",
}

_SYSCTLS: Final = (
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "15000"),
)
"""Settings of Ubuntu, of Debian's older kernels and of every Linux that forbid what bubblewrap
needs: name, the value that forbids, one that allows."""


def protection(patient: Patient) -> Check:
    """What holds commands."""
    means = asyncio.run(_means(patient))
    wish = patient.settings.sandbox.enabled
    status: Status = "ok" if means.protection == "full" and wish != "off" else "warn"
    if means.protection == "none" and wish == "required":
        status = "fail"
    detail = [headline(means), *means.missing]
    fixes = [] if means.protection == "full" else fixes_for(means)
    if wish == "off":
        detail = ["The settings turn it off: commands run with your own rights.", headline(means)]
        fixes = ["ion config set sandbox.enabled auto"]
    elif means.protection == "none":
        held = {"required": "No command runs.", "auto": "WRITE mode asks about each command."}
        detail.append(held[wish])
    return Check(name="sandbox", status=status, detail=" ".join(detail), fix=" Or: ".join(fixes))


async def _means(patient: Patient) -> Means:
    launcher = ConfinedLauncher(patient.settings.sandbox, patient.home, patient.env)
    try:
        return await launcher.means()
    finally:
        launcher.close()


def fixes_for(means: Means, root: Path = Path("/")) -> list[str]:
    """How to be better protected; ``root`` is the file system of the machine."""
    if not sys.platform.startswith("linux"):
        return []
    fixes = []
    if not means.bubblewrap and not _has_bubblewrap(root):
        fixes.append(_install(_release(root)))
    elif not means.bubblewrap:
        fixes += _allow_namespaces(root)
    if means.landlock < LEAST_LANDLOCK and means.protection == "none":
        fixes.append(_landlock(root))
    return fixes


def _has_bubblewrap(root: Path) -> bool:
    return any((root / folder / "bwrap").exists() for folder in ("usr/bin", "bin", "usr/local/bin"))


def _install(release: Mapping[str, str]) -> str:
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    found = (
        _INSTALL[name.partition("-")[0]] for name in names if name.partition("-")[0] in _INSTALL
    )
    return next(found, "install the package bubblewrap")


def _release(root: Path) -> dict[str, str]:
    """os-release(5)."""
    try:
        lines = (root / "etc/os-release").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip("\"' ") for name, _, value in pairs}


def _allow_namespaces(root: Path) -> list[str]:
    """What forbids user namespaces here, lifted."""
    for name, forbids, allows in _SYSCTLS:
        if _read(root / "proc/sys" / name.replace(".", "/")) == forbids:
            return [f"sudo sysctl {name}={allows} (and a line of it in /etc/sysctl.d to stay)"]
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return ["let this container make user namespaces (its seccomp profile forbids it)"]
    return ["let ordinary users make user namespaces (man 7 user_namespaces)"]


def _landlock(root: Path) -> str:
    modules = _read(root / "sys/kernel/security/lsm")
    if modules and "landlock" not in modules:
        return f"start the kernel with lsm=landlock,{modules}"
    return f"a kernel of Linux 6.2 or newer (this is {os.uname().release}), which has Landlock"


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
