"""READ, PLAN and WRITE: what each mode lets a tool do.

Every mode offers the same tools, so that the cached prefix of a session stays the same; the mode
is enforced here, at dispatch.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from ion_core.entries import Mode

Effect: TypeAlias = Literal["read", "write", "execute", "network", "ask"]

HARMLESS: Final[frozenset[Effect]] = frozenset({"read", "network", "ask"})


def refusal(mode: Mode, tool: str, effect: Effect) -> str | None:
    """The sentence that refuses a call in this mode, or None when the mode allows it."""
    if mode == "write" or effect in HARMLESS:
        return None
    does = "runs commands" if effect == "execute" else "changes files"
    return (
        f"Refused: the session is in {mode.upper()} mode and {tool} {does}. "
        "Only the person can switch to WRITE mode (Shift+Tab in the app, --mode write on the "
        "command line). Go on with what can be read, or say what you would change."
    )
