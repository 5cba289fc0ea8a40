"""The profile for macOS: what ``sandbox-exec`` is given. It begins by refusing everything.

Paths are parameters (``-D``), never part of the text, so that no name can say anything. Of rules
that fit, Seatbelt obeys the last.
"""

from __future__ import annotations

from collections.abc import Iterable

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.places import Places

_BASE = """(version 1)
(deny default)
(allow process-exec)
(allow process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-ioctl (literal "/dev/null") (literal "/dev/zero"))
(allow file-read* (literal "/") (literal "/dev/null") (literal "/dev/zero") (literal "/dev/random")
  (literal "/dev/urandom") (subpath "/dev/fd") (subpath "/System") (subpath "/Library/Developer")
  (subpath "/Library/Frameworks") (subpath "/usr") (subpath "/bin") (subpath "/sbin")
  (subpath "/opt") (subpath "/private/etc") (subpath "/private/var/db/timezone")
  (subpath "/private/var/select") (subpath "/Applications/Xcode.app"))
(allow file-write-data (literal "/dev/null") (literal "/dev/zero"))
(allow ipc-posix-sem)
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.notification_center"))
"""
_ONLINE = """(allow network-outbound (remote ip))
(allow network-inbound (local ip))
(allow network-outbound (literal "/private/var/run/mDNSResponder"))
(allow mach-lookup (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.trustd.agent"))
(allow system-socket)
"""


def command(program: str, bounds: Bounds, places: Places, temporary: str) -> list[str]:
    """The command line up to the command itself. ``temporary`` is the child's own folder."""
    rules, parameters = _rules(bounds, places, temporary)
    profile = _BASE + _ONLINE * bounds.online + "\n".join(rules) + "\n"
    defined = [word for name, path in parameters.items() for word in ("-D", f"{name}={path}")]
    return [program, "-p", profile, *defined, "--"]


def _rules(bounds: Bounds, places: Places, temporary: str) -> tuple[list[str], dict[str, str]]:
    parameters: dict[str, str] = {}

    def named(paths: Iterable[str]) -> str:
        terms = []
        for path in paths:
            name = f"P{len(parameters)}"
            parameters[name] = path
            terms.append(f'(subpath (param "{name}"))')
        return " ".join(terms)

    changed = (*places.changed, temporary)
    rules = [
        f"(allow file-read* {named((*places.looked_at, *changed))})",
        f"(allow file-write* {named(changed)})",
    ]
    if guarded := [one.path for one in places.guarded]:
        rules.append(f"(deny file-write* {named(guarded)})")
    if places.pinned:
        literals = named(places.pinned).replace("(subpath ", "(literal ")
        rules.append(f"(deny file-write-unlink {literals})")
    if places.denied:
        rules.append(f"(deny file-read* file-write* {named(places.denied)})")
    if bounds.shown:
        rules.append(f"(allow file-read* {named(bounds.shown)})")
    return rules, parameters
