"""What a headless run prints while it works, and the result object at its end.

The shapes are those of ``ion run --output-format``: they are relied upon by scripts.
"""

from __future__ import annotations

import sys
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from ion_core import codec, streams
from ion_core.compaction_events import CompactionEnded, CompactionFailed
from ion_core.errors import IonError
from ion_core.events import (
    Emitted,
    EntryAppended,
    Event,
    JobEnded,
    JobStarted,
    Notice,
    SessionChanged,
    StepEnded,
    StepRetrying,
    StepStarted,
    ToolEnded,
    ToolStarted,
    TurnEnded,
)
from ion_core.ids import CallId, SessionId
from ion_core.messages import Message
from ion_core.sanitize import sanitize
from ion_core.subagent_events import SubagentEnded, SubagentStarted, requests
from ion_core.usage import Usage

Output = Literal["text", "json", "stream-json"]
Outcome = Literal["ok", "error", "max_turns", "budget", "approval_required", "interrupted"]
_STATUS: dict[str, Outcome] = {"done": "ok", "hook": "error"}
_ODD_ENDS = {
    "max_tokens": "The answer was cut off at the model's output limit.",
    "context_overflow": "The answer was cut off: the conversation fills the model's window.",
    "refusal": "The model declined to answer.",
    "content_filter": "A content filter stopped the answer.",
}
_UNANSWERED = ("error", "interrupted")


class Result(Struct, frozen=True, kw_only=True, tag_field="type", tag="result"):
    """The last line of a run: what it came to."""

    v: Literal[1] = 1
    status: Outcome
    session: SessionId
    model: str
    text: str
    structured: Any = None
    turns: int
    tool_calls: int
    usage: Usage
    cost_usd: float | None
    duration_ms: int
    error: dict[str, Any] | None
    waiting: tuple[CallId, ...] = ()
    """The calls that an approval is needed for."""

    def line(self) -> bytes:
        """One line of JSON."""
        return codec.encode(self) + b"\n"


class Tally:
    """Sums up a run from its events. ``session`` is empty until there is one."""

    def __init__(self) -> None:
        self.session, self.model, self.text = SessionId(""), "", ""
        self.turns = self.tool_calls = self.cost_nano = 0
        self.usage, self.cost_known = Usage(reasoning=0), True
        self.ended: TurnEnded | None = None

    def add(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case StepStarted(model=model):
                self.model = model
            case SessionChanged(model=str() as model):
                self.model = model
            case EntryAppended(entry=entry):
                if isinstance(entry.body, Message) and entry.body.role == "assistant":
                    self.text = entry.body.text
            case StepEnded():
                self._step(event)
            case CompactionEnded() | CompactionFailed():
                self._pay(event.usage, event.cost_nano)
            case SubagentEnded(turns=turns):
                self.turns += turns
                self._pay(event.usage, event.cost_nano)
            case ToolEnded():
                self.tool_calls += 1
            case TurnEnded():
                self.ended = event

    def _step(self, ended: StepEnded) -> None:
        self.turns += ended.stop_reason not in _UNANSWERED
        self._pay(ended.usage, ended.cost_nano)

    def _pay(self, usage: Usage | None, cost_nano: int | None) -> None:
        if usage is not None:
            self.usage += usage
            self.cost_known = self.cost_known and cost_nano is not None
        self.cost_nano += cost_nano or 0

    @property
    def status(self) -> Outcome:
        """How the run ended; a run without an end was interrupted."""
        if self.ended is None:
            return "interrupted"
        return _STATUS.get(self.ended.reason, self.ended.reason)  # type: ignore[arg-type]

    def result(self, duration_ms: int) -> Result:
        """The result object."""
        return Result(
            status=self.status,
            session=self.session,
            model=self.model,
            text=self.text,
            turns=self.turns,
            tool_calls=self.tool_calls,
            usage=self.usage,
            cost_usd=self.cost_nano / 1e9 if self.cost_known else None,
            duration_ms=duration_ms,
            error=self._error(),
            waiting=self.ended.waiting if self.ended else (),
        )

    def failure(self, error: IonError, duration_ms: int) -> Result:
        """The result object of a run that ended outside of its turns."""
        said = {"kind": error.kind, "message": str(error), "retryable": error.retryable}
        return replace(self.result(duration_ms), status="error", error=said)

    def _error(self) -> dict[str, Any] | None:
        ended = self.ended
        if ended is None or not ended.error_kind:
            return None
        return {"kind": ended.error_kind, "message": ended.error, "retryable": ended.retryable}


class Printer:
    """Shows a run: the events themselves, or a line of progress for each tool. ``kept``: its
    session stays on disk and can be gone on with."""

    def __init__(self, output: Output, *, quiet: bool, kept: bool = True) -> None:
        self._output, self._quiet, self._kept = output, quiet, kept
        self._told: tuple[int, str] | None = None

    def show(self, emitted: Emitted) -> None:
        """Print what an event means in this format."""
        if self._output == "stream-json":
            _write(codec.encode(emitted) + b"\n")
        elif not self._quiet and self._is_news(emitted.event) and progress(emitted.event):
            self.note(progress(emitted.event))
            match emitted.event:
                case SubagentEnded(status="waiting", child=child) if self._kept:
                    self.note(f"  to allow it: ion run --resume {child} --approve all")

    def _is_news(self, event: Event) -> bool:
        """Whether this was not said yet: a countdown is told once, not each second."""
        if not isinstance(event, StepRetrying):
            return True
        before, self._told = self._told, (event.attempt, event.reason)
        return before != self._told

    def note(self, sentence: str) -> None:
        """A line on standard error. Nobody may be reading there: that stops no work."""
        try:
            print(sentence, file=sys.stderr, flush=True)
        except OSError:
            streams.lose(sys.stderr)

    def fail(self, result: Result) -> None:
        """Print the result object of a run that ended outside of its turns, where one is due."""
        if self._output != "text":
            _write(result.line())

    def finish(self, result: Result) -> None:
        """Print the answer, or the result object, or why there is none."""
        if self._output != "text":
            _write(result.line())
        elif result.text:
            _say(f"{result.text.rstrip()}\n")
        if result.error is not None and (self._output == "text" or not self._quiet):
            self.note(f"ion: {result.error['message']}")
        elif self._output == "text" and not result.text and result.status == "ok":
            self.note("ion: the model sent an empty answer.")
        for call in result.waiting:
            again = f"ion run --resume {result.session} --approve {call}"
            way = again if self._kept else "run it without --no-session, or in another mode"
            self.note(f"ion: to allow {call}: {way}")


def _write(line: bytes) -> None:
    streams.put(line)


def _say(text: str) -> None:
    """Words, in the encoding of whoever reads them."""
    if isinstance(sys.stdout, streams.Terminal):
        print(text, end="", flush=True)
    else:
        streams.put(text.encode(sys.stdout.encoding, "replace"))


def progress(event: Event) -> str:
    """A line for people about an event, or nothing."""
    match event:
        case ToolStarted(name=name, target=target):
            return f"  {name} {_one_line(target)}"
        case ToolEnded(status=status, name=name, display=display) if status != "ok":
            summary = (display.output or display.summary) if display else ""
            return f"  {name} {status}" + (f": {_one_line(summary)}" if summary else "")
        case JobStarted(job=job, command=command):
            return f"  job {job} runs: {_one_line(command)}"
        case JobEnded(job=job, status=status, exit_code=code):
            return f"  job {job} " + (status if status == "stopped" else f"ended: exit {code}")
        case SubagentStarted(agent=agent, description=description):
            return f"  {agent} begins: {_one_line(description)}"
        case SubagentEnded(status="waiting", summary=why):
            return f"  agent waits: {_one_line(why)}"
        case SubagentEnded(status=status, turns=turns):
            return f"  agent {status} after {requests(turns)}"
        case StepRetrying(attempt=attempt, delay_s=delay_s, reason=reason):
            return f"  {reason} Attempt {attempt} in {delay_s:.0f} s."
        case StepEnded(stop_reason=stop) if stop in _ODD_ENDS:
            return f"  {_ODD_ENDS[stop]}"
        case Notice(text=text):
            return f"  {sanitize(text)}"
        case _:
            return ""


def _one_line(text: str, limit: int = 100) -> str:
    """The first line of a text without control characters, cut to ``limit`` characters."""
    line = "".join(c if c.isprintable() else " " for c in text.strip().split("\n")[0])
    return line if len(line) <= limit else line[: limit - 1] + "…"
