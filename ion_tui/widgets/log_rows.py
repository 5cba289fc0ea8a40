"""The tool log as data: one row for each call of the path, kept up to date event by event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ion_core.entries import Entry
from ion_core.events import Emitted, EntryAppended, ToolStarted, TurnEnded
from ion_core.messages import Message, ToolResult
from ion_core.view import SessionView
from ion_tui.render.sentences import target

State: TypeAlias = Literal["waiting", "running", "ok", "failed", "stopped"]


@dataclass(kw_only=True)
class LogRow:
    """A call. ``at`` is when it began, in seconds since the epoch; ``summary`` is a few words like
    ``+14 −3`` or ``exit 1``."""

    call: str
    tool: str
    target: str
    at: float
    state: State = "waiting"
    refused: bool = False
    summary: str = ""
    duration_ms: int | None = None


class Log:
    """Rows by call, oldest first."""

    def __init__(self, view: SessionView | None = None) -> None:
        self.rows: dict[str, LogRow] = {}
        for entry in view.entries if view else ():
            self._read(entry)
        for running in view.running.values() if view else ():
            self._start(running.call, running.name, running.target, running.at)

    def apply(self, events: Iterable[Emitted]) -> bool:
        """Fold events in; whether anything changed."""
        changed = False
        for emitted in events:
            match emitted.event:
                case EntryAppended(entry=entry):
                    changed |= self._read(entry)
                case ToolStarted() as started:
                    self._start(started.call, started.name, started.target, emitted.at)
                    changed = True
                case TurnEnded():
                    changed |= self._stop()
        return changed

    @property
    def running(self) -> bool:
        """Whether any call runs now."""
        return any(row.state == "running" for row in self.rows.values())

    def _read(self, entry: Entry) -> bool:
        if not isinstance(entry.body, Message):
            return False
        for call in entry.body.calls:
            self.rows[call.id] = LogRow(
                call=call.id, tool=call.name, target=target(call.arguments), at=entry.at
            )
        for result in entry.body.results:
            self._settle(result, entry.at)
        return bool(entry.body.calls or entry.body.results)

    def _start(self, call: str, tool: str, named: str, at: float) -> None:
        row = self.rows.setdefault(call, LogRow(call=call, tool=tool, target=named, at=at))
        row.state, row.at, row.target = "running", at, named or row.target

    def _settle(self, result: ToolResult, at: float) -> None:
        row = self.rows.setdefault(
            result.call, LogRow(call=result.call, tool=result.name, target="", at=at)
        )
        display = result.display
        failed = display is not None and bool(display.exit_code)
        ended: State = "ok" if result.status == "ok" and not failed else "failed"
        row.state = "stopped" if result.status == "cancelled" else ended
        row.refused = result.status == "denied"
        if display is not None:
            row.target = display.target or row.target
            row.duration_ms = display.duration_ms
            row.summary = f"exit {display.exit_code}" if display.exit_code else display.summary
        if row.duration_ms is not None and row.at >= at - 0.001:
            row.at = at - row.duration_ms / 1000

    def _stop(self) -> bool:
        open_rows = [row for row in self.rows.values() if row.state in ("running", "waiting")]
        for row in open_rows:
            row.state = "stopped"
        return bool(open_rows)
