"""Small sessions to store: ids, infos, messages and a clock that ticks a second a look."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from ion_core.entries import Entry
from ion_core.ids import CallId, Clock, SessionId, new_session_id
from ion_core.messages import Message, Status, Text, ToolCall, ToolResult, answered
from ion_core.sessions.base import SessionInfo

START = 1_764_000_000.0


def ticking(start: float = START) -> Clock:
    """A clock that says ``start``, then a second more each time."""
    seconds = itertools.count()
    return lambda: start + next(seconds)


def an_info(
    session: str | None = None, *, project: str = "p1", model: str = "mock/m"
) -> SessionInfo:
    return SessionInfo(
        id=new_session_id() if session is None else SessionId(session),
        project=project,
        cwd="/work",
        model=model,
        created_at=START,
        updated_at=START,
    )


def said(text: str = "", *calls: str, tool: str = "bash") -> Message:
    """An answer with text and with calls of these ids."""
    wishes = tuple(
        ToolCall(id=CallId(call), name=tool, arguments={"command": f"run {call}"}) for call in calls
    )
    words = (Text(text=text),) if text else ()
    return Message(role="assistant", parts=(*words, *wishes), stop="tool_use" if calls else None)


def did(call: str, content: str = "done", *, status: Status = "ok") -> Message:
    """A tool's result for a call of that id."""
    return answered(ToolResult(call=CallId(call), name="bash", status=status, content=content))


def texts(entries: Iterable[Entry]) -> list[str]:
    """The text of each message of a path."""
    return [entry.body.text for entry in entries if isinstance(entry.body, Message)]
