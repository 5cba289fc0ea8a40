"""What the session on screen used: its context, tokens, what of them came from the cache, money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.view import SessionView
from ion_tui import acts, choosing
from ion_tui.figures import money, share, tokens
from ion_tui.offer import Fixed
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen


async def show_figures(screen: MainScreen) -> None:
    """A list of figures; what is chosen is copied."""
    if screen.view is None:
        return
    rows = [Choice(value=text, name=name, detail=text) for name, text in _figures(screen.view)]
    choice = await choosing.pick(
        screen, Fixed("This session", rows), placeholder="Enter copies a row"
    )
    if choice is not None:
        acts.copy(screen, choice.value)


def _figures(view: SessionView) -> list[tuple[str, str]]:
    usage = view.usage
    of = f" of {tokens(view.window)}, {_used(view)}%" if view.window else ""
    thought = "" if usage.reasoning is None else f", {tokens(usage.reasoning)} of them thinking"
    return [
        ("Model", view.model),
        ("Context", f"{tokens(view.context)}{of}"),
        ("Input", f"{tokens(usage.input)} tokens, neither read from the cache nor written to it"),
        ("Cache read", f"{tokens(usage.cache_read)} tokens, {_cached(view)}% of all input"),
        ("Cache written", f"{tokens(usage.cache_write)} tokens"),
        ("Output", f"{tokens(usage.output)} tokens{thought}"),
        ("Cost", _cost(view)),
        ("Session", view.session),
    ]


def _used(view: SessionView) -> int:
    return round(100 * view.context / view.window)


def _cached(view: SessionView) -> int:
    return share(view.usage.cache_read, view.usage.prompt)


def _cost(view: SessionView) -> str:
    if not view.usage.total:
        return "nothing yet"
    if view.cost_known:
        return money(view.cost_nano)
    return f"more than {money(view.cost_nano)}" if view.cost_nano else "unknown"
