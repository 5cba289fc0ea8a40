"""A task of hundreds of steps for a model whose window holds a few dozen of them.

The server refuses what is larger than its window, counts tokens as a provider does, sums up badly
(headings and nothing in them), and remembers every request.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ion_core.compaction.summary import HEADINGS
from tests.fakes.chat_server import Canned, refused, said

WINDOW = 32_000
STEPS = 400
CONSTRAINTS = (
    "Never touch the folder vendored/.",
    "All messages to users stay in Esperanto.",
    "Port 48613 belongs to somebody else.",
    "Do not use the word 'simply' in docs.",
    "Every public function keeps its keyword-only arguments.",
)
PROMPT = "Go through the whole log and report.\n" + "\n".join(CONSTRAINTS)
NOTED = "Decision: parse by hand, the grammar tool loses positions (ticket QX-77)."
EMPTY = "\n\n".join(f"## {name}\n- (none)" for name in HEADINGS)


def make_log(folder: Path) -> None:
    """What is read, piece by piece; no two pieces alike."""
    lines = (f"{n:06d} unit {n * 7919 % 100_003} state {n * 31 % 977}" for n in range(40_000))
    (folder / "log.txt").write_text("\n".join(lines))


class LongTask:
    """A reply for each request: the next step, a summary, or a refusal."""

    def __init__(self, steps: int = STEPS) -> None:
        self.steps, self.done = steps, 0
        self.requests: list[Any] = []
        self.summaries = self.refusals = 0

    def __call__(self, body: Any) -> Canned:
        tokens = int(len(json.dumps(body["messages"])) / 3.5)
        if tokens > WINDOW:
            self.refusals += 1
            return refused(400, f"maximum context length is {WINDOW} tokens, got {tokens}")
        self.requests.append(body)
        if "checkpoint summary" in str(body["messages"][-1]["content"]):
            self.summaries += 1
            return said(EMPTY, usage=(tokens, 60))
        self.done += 1
        return self._step(tokens)

    def _step(self, tokens: int) -> Canned:
        usage = (tokens, 40)
        number = self.done
        if number > self.steps:
            return said("All of it was read. Done.", usage=usage)
        if number == 20:
            call = ("edit", {"path": "notes.md", "edits": [{"old_string": "a", "new_string": "b"}]})
        elif number == 30:
            call = ("note", {"kind": "decision", "text": NOTED})
        elif number % 50 == 0:
            call = ("bash", {"command": f"echo run {number}; ls missing-{number}"})
        else:
            call = ("read", {"path": "log.txt", "offset": number * 70, "limit": 70})
        return said(f"Step {number}.", calls=[call], usage=usage)
