"""READ, PLAN and WRITE: what each mode lets a tool do.

Every mode offers the same tools, so that the cached prefix of a session stays the same; the mode
is enforced here, at dispatch.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from ion_core.entries import Mode

Effect: TypeAlias = Literal["read", "write", "execute", "network", "ask"]

HARMLESS: Final[frozenset[Effect]] = frozenset({"read", "network", "ask"})

_SWITCH: Final = (
    "Only the person can switch to WRITE mode (Shift+Tab in the app, --mode write on the "
    "command line)."
)


def refusal(mode: Mode, tool: str, effect: Effect, plan: str = "") -> str | None:
    """The sentence that refuses a call in this mode, or None when the mode allows it. ``plan`` says
    which file may be written in PLAN."""
    if mode == "write" or effect in HARMLESS:
        return None
    does = "runs commands" if effect == "execute" else "changes files"
    refused = f"The session is in {mode.upper()} mode and {tool} {does}."
    if mode == "plan" and plan:
        return (
            f"{refused} You may write only {plan}. Put what you would change into it, then call "
            "exit_plan with its path: the person decides."
        )
    return f"{refused} {_SWITCH} Go on with what can be read, or say what you would change."
