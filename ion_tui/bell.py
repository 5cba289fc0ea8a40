"""Tells a person who looks elsewhere that they are needed, or that a long turn is over.

The terminal is asked to show it, in the way that it understands, and only while it has said that
its window is not the one in front; of a terminal that never says so, only after a while.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ion_core.events import ApprovalRequested, Emitted, QuestionAsked, TurnEnded, TurnStarted
from ion_tui import terminal
from ion_tui.phrases import one_line

LONG_S, UNSEEN_S = 10.0, 20.0
"""A turn that takes longer is worth a word; and what nobody saw, where the terminal says nothing
of its focus."""
PAUSE_S = 1.0
LENGTH: Final = 100
_OSC: Final = {
    "osc9": "\x1b]9;ion: {text}\x07",
    "osc777": "\x1b]777;notify;ion;{text}\x07",
    "osc99": "\x1b]99;;ion: {text}\x1b\\",
    "bell": "",
}


def way_of(env: Mapping[str, str]) -> str:
    """How the terminal is asked, by what it says of itself; a bell where that is not known."""
    program, kind = env.get("TERM_PROGRAM", ""), env.get("TERM", "")
    if "KITTY_WINDOW_ID" in env or kind == "xterm-kitty":
        return "osc99"
    if program in ("iTerm.app", "WezTerm", "ghostty") or env.get("LC_TERMINAL") == "iTerm2":
        return "osc9"
    return "osc777" if kind.startswith(("foot", "rxvt")) else "bell"


class Bell:
    """``send`` gives the terminal a sequence. ``way`` is the setting ``tui.notifications``."""

    def __init__(self, send: Callable[[str], None], env: Mapping[str, str] = os.environ) -> None:
        self._send, self._env = send, env
        self.way = "auto"
        self._in_front: bool | None = None
        self._rung = float("-inf")
        self._began: dict[str, float] = {}

    def look(self, *, in_front: bool) -> None:
        """The terminal says whether its window is the one in front."""
        self._in_front = in_front

    def hear(self, session: str, events: Sequence[Emitted]) -> None:
        """Something happened in a session of the person's."""
        for emitted in events:
            took = emitted.at - self._began.get(session, emitted.at)
            match emitted.event:
                case TurnStarted():
                    self._began[session] = emitted.at
                case ApprovalRequested(name=name, agent=agent):
                    self._ring(f"{agent} needs you: {name}".strip(), emitted.at, took)
                case QuestionAsked(agent=agent):
                    self._ring(f"{agent} has a question".strip(), emitted.at, took)
                case TurnEnded(reason="interrupted"):
                    pass
                case TurnEnded(reason="done") if took > LONG_S:
                    self._ring("is done", emitted.at, took)
                case TurnEnded(reason=reason, error=error) if reason != "done":
                    self._ring(f"stopped: {error or reason}", emitted.at, took)

    def _ring(self, text: str, at: float, took: float) -> None:
        is_away = took > UNSEEN_S if self._in_front is None else not self._in_front
        if self.way == "off" or not is_away or at - self._rung < PAUSE_S:
            return
        self._rung = at
        way = way_of(self._env) if self.way == "auto" else self.way
        asked = _OSC[way].format(text=one_line(text)[:LENGTH].replace(";", ","))
        if self._env.get("TMUX") and asked:
            asked = terminal.wrapped(asked)
        self._send(asked if asked and not self._env.get("TMUX") else f"{asked}\x07")
