"""The limits at which ion stops by itself: seen in a list, and set for all sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.config.schema import LimitSettings
from ion_core.errors import IonError
from ion_tui import choosing
from ion_tui.offer import Fixed
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

KINDS = {
    "max_cost_usd": ("Cost", "US dollars"),
    "max_tokens": ("Tokens", "prompts and answers"),
    "max_turns": ("Turns", "requests"),
    "max_time_s": ("Time", "seconds at work"),
}
WHOLE = ("max_tokens", "max_turns")
NOTE = "A run is one prompt and all that follows from it. A changed limit holds from the next one."


async def change(screen: MainScreen, argument: str) -> None:
    """Show them and set the chosen one; or set the one that is named, as ``max_cost_usd 5``."""
    runtime = await screen.ion.runtime()
    name, _, value = argument.partition(" ")
    if not name:
        rows = _rows(runtime.settings.limits)
        choice = await choosing.pick(screen, Fixed("Limits", rows, NOTE))
        name = choice.value if choice else ""
    if name and not value:
        value = await _asked(screen, name)
    if not name or not value:
        return
    try:
        await runtime.set_limit(name.removeprefix("limits."), _number(name, value))
    except ValueError:
        screen.say(f"{value!r} is no number from 0 up. 0 is no limit.", "warning")
    except IonError as error:
        screen.say(str(error), "error")
    else:
        screen.say(f"limits.{name.removeprefix('limits.')} is {value} from the next prompt on.")


def _rows(limits: LimitSettings) -> list[Choice]:
    return [
        Choice(
            value=prefix + name,
            name=f"{title} of {whose}",
            detail=unit,
            right=_shown(getattr(limits, prefix + name)),
        )
        for prefix, whose in (("", "a run"), ("session_", "a session"))
        for name, (title, unit) in KINDS.items()
    ]


def _shown(limit: float) -> str:
    return f"{limit:,}" if limit else "none"


async def _asked(screen: MainScreen, name: str) -> str:
    offer = Fixed(_title(name.removeprefix("limits.")), ())
    choice = await choosing.pick(screen, offer, placeholder="A number; 0 is no limit", free=True)
    return choice.value if choice else ""


def _title(name: str) -> str:
    title, unit = KINDS.get(name.removeprefix("session_"), (f"limits.{name}", ""))
    whose = "a session" if name.startswith("session_") else "a run"
    return f"{title} of {whose}, {unit}" if unit else title


def _number(name: str, text: str) -> float:
    """Raises ``ValueError``."""
    plain = text.strip().removeprefix("$").replace(",", "")
    number = int(plain) if name.endswith(WHOLE) else float(plain)
    if not 0 <= number < float("inf"):
        raise ValueError(text)
    return number
