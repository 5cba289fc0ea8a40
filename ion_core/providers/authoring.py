"""New programs of a small model, written as it was taught to: a thought, then a code block.

Inside JSON a model of one or two billion parameters writes "the primes up to ten" where the first
ten were asked for; in plain chat, after a line that says what the program must print, it seldom
does (measured with Qwen2.5-Coder-1.5B). So a constrained model only decides to write a program;
its text comes from a second request without a schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec
from msgspec.structs import replace

from ion_core.messages import Part, Reasoning, ToolCall, user
from ion_core.providers.base import PartDelta, PartDone, Request
from ion_core.providers.call_ids import new_call_id

_SUFFIXES = (".py", ".js", ".ts", ".sh", ".rb", ".pl", ".lua", ".php", ".c", ".cpp", ".rs", ".go")
_FENCE = "```"
_SYSTEM = "You are a careful programmer."
_ASKED = """\
Task: {task}
First list in one line what {path} must print. Then write the whole of {path} in one code block."""


def is_program(path: str) -> bool:
    """Whether a file of this name holds a program."""
    return PurePosixPath(path).suffix.lower() in _SUFFIXES


def authoring(request: Request, task: str, path: str, max_output: int) -> Request:
    """The question for the text of a new program."""
    return replace(
        request,
        system=_SYSTEM,
        messages=(user(_ASKED.format(task=task, path=path)),),
        tools=(),
        max_output=max_output,
        temperature=0.0,
    )


class Draft:
    """The answer as it comes: a thought (part ``first``), then the program (part ``first`` + 1)."""

    def __init__(self, path: str, first: int) -> None:
        self._path, self._first = path, first
        self._text, self._shown = "", 0

    def feed(self, text: str) -> Iterator[PartDelta]:
        """More of the answer. A line is shown when it is whole, since it may be a fence."""
        self._text += text
        thought, code, _ = self._split()
        yield from self._more(thought, code)

    def done(self, *, cut: bool) -> Iterator[PartDelta | PartDone]:
        """The rest. A program that was cut off is a malformed call, which nobody runs."""
        thought, code, closed = self._split(whole=True)
        if not code:
            thought, code = "", self._text
        yield from self._more(thought, code)
        if thought.strip():
            yield PartDone(index=self._first, part=Reasoning(text=thought.strip()))
        yield PartDone(index=self._first + 1, part=self._call(code, cut=cut and not closed))

    def _call(self, code: str, *, cut: bool) -> Part:
        if cut:
            return ToolCall(id=new_call_id(), name="write", arguments={}, malformed=self._text)
        arguments = {"path": self._path, "content": code}
        return ToolCall(id=new_call_id(), name="write", arguments=arguments)

    def _more(self, thought: str, code: str) -> Iterator[PartDelta]:
        """What was not shown yet; the thought counts before the code."""
        if more := thought[self._shown :]:
            yield PartDelta(index=self._first, channel="reasoning", text=more)
        begun = self._shown > len(thought)
        if more := code[max(0, self._shown - len(thought)) :]:
            path = msgspec.json.encode(self._path).decode()
            start = "" if begun else f'{{"path": {path}, "content": "'
            escaped = start + msgspec.json.encode(more).decode()[1:-1]
            index = self._first + 1
            yield PartDelta(index=index, channel="arguments", text=escaped, tool="write")
        self._shown = max(self._shown, len(thought) + len(code))

    def _split(self, *, whole: bool = False) -> tuple[str, str, bool]:
        """The text before the program's block, the program, and whether its block ended.

        The block that names a language is meant: one without shows what the program prints. Only
        when the answer is whole and none names one, it is the last.
        """
        lines = self._text.splitlines(keepends=True)
        if not whole and lines and not lines[-1].endswith("\n"):
            lines.pop()
        fences = [at for at, line in enumerate(lines) if line.lstrip().startswith(_FENCE)]
        openings = fences[::2]
        named = [at for at in openings if lines[at].strip("` \n")]
        chosen = named[:1] or (openings[-1:] if whole else [])
        if not chosen:
            return "".join(lines[: fences[0] if fences else None]), "", False
        end = next((at for at in fences if at > chosen[0]), len(lines))
        code = "".join(lines[chosen[0] + 1 : end])
        return "".join(lines[: chosen[0]]), code, end < len(lines)
