"""What others do when the window is full, from the constants that they publish.

Restatements, not their code: when they compact, what they show the model that sums up, and what
stays. Sources: their public repositories and documents as of 2026; sizes in tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ion_core.compaction.sizes import size, tokens_of
from ion_core.messages import Message, ToolResult, user
from tests.bench_context.summarisers import Teller

Context = list[Message]


@dataclass(frozen=True)
class Peer:
    """``trigger`` gives the size at which it compacts in a window; ``compact`` what is left."""

    name: str
    trigger: Callable[[int], int]
    compact: Callable[[Context, Teller, int], Context]


def shown(messages: Sequence[Message], result: int = 0) -> str:
    """The messages as the model that sums up sees them, results cut to so many characters."""
    lines = []
    for message in messages:
        lines.append(message.text)
        lines += [f"{call.name} {call.arguments}" for call in message.calls]
        lines += [_cut(each, result) for each in message.results]
    return "\n".join(lines)


def _cut(result: ToolResult, most: int) -> str:
    return result.content[:most] if most else result.content


def summary_of(context: Context) -> str:
    """The summary that a context begins with, if it does."""
    return context[0].text if context and context[0].text.startswith("<summary>") else ""


def _checkpoint(text: str) -> Message:
    return user(f"<summary>\n{text}\n</summary>")


def _tail(context: Context, keep: int) -> Context:
    """The last messages of about so many tokens, beginning where a turn or a step does."""
    weight, start = 0, len(context)
    for index in range(len(context) - 1, -1, -1):
        weight += size(context[index])
        if weight > keep:
            break
        if context[index].role != "tool":
            start = index
    return context[start:]


def _pi(context: Context, teller: Teller, window: int) -> Context:
    """20,000 tokens stay; results are cut to 2,000 characters; lists of files are kept exactly."""
    tail = _tail(context, 20_000)
    head = context[: len(context) - len(tail)]
    prior = summary_of(context)
    text = teller.sum_up(shown(head, 2_000), prior)
    files = dict.fromkeys(line for line in prior.splitlines() if line.startswith("file "))
    for message in head:
        for call in message.calls:
            if "path" in call.arguments:
                files[f"file {call.arguments['path']}"] = None
    return [_checkpoint("\n".join([text, *files])), *tail]


def _codex(context: Context, teller: Teller, window: int) -> Context:
    """The person's messages up to 20,000 tokens stay, and a summary of everything."""
    text = teller.sum_up(shown(context), summary_of(context))
    kept: Context = []
    left = 20_000
    for message in reversed(context):
        if message.role == "user" and not message.text.startswith("<summary>"):
            left -= size(message)
            if left < 0:
                break
            kept.append(message)
    return [_checkpoint(text), *reversed(kept)]


def _opencode(context: Context, teller: Teller, window: int) -> Context:
    """A summary alone, from results cut to 2,000 characters."""
    return [_checkpoint(teller.sum_up(shown(context, 2_000), summary_of(context)))]


def _gemini(context: Context, teller: Teller, window: int) -> Context:
    """The newest three tenths stay; a second question looks for what the first left out."""
    tail = _tail(context, int(0.3 * sum(map(size, context))))
    head = context[: len(context) - len(tail)]
    prior = summary_of(context)
    first = teller.sum_up(shown(head), prior)
    second = teller.sum_up(shown(head), prior)
    lines = dict.fromkeys([*first.splitlines(), *second.splitlines()])
    return [_checkpoint("\n".join(lines)), *tail]


def _kimi(context: Context, teller: Teller, window: int) -> Context:
    """The last two messages stay."""
    start = max(0, len(context) - 2)
    while start and context[start].role == "tool":
        start -= 1
    tail = context[start:]
    head = context[: len(context) - len(tail)]
    return [_checkpoint(teller.sum_up(shown(head), summary_of(context))), *tail]


def _crush(context: Context, teller: Teller, window: int) -> Context:
    """A summary, and the last prompt."""
    text = teller.sum_up(shown(context), summary_of(context))
    said = [m for m in context if m.role == "user" and not m.text.startswith("<summary>")]
    return [_checkpoint(text), *said[-1:]]


def _crush_trigger(window: int) -> int:
    return int(0.8 * window) if window <= 200_000 else window - 20_000


PEERS = (
    Peer("pi", lambda window: window - min(16_384, window // 4), _pi),
    Peer("codex", lambda window: int(0.9 * window), _codex),
    Peer("opencode", lambda window: window - min(32_000, window // 4), _opencode),
    Peer("gemini", lambda window: int(0.5 * window), _gemini),
    Peer("kimi", lambda window: int(0.85 * window), _kimi),
    Peer(
        "crush", lambda window: int(0.8 * window) if window <= 200_000 else window - 20_000, _crush
    ),
)


def weight(context: Context) -> int:
    """Tokens of a context."""
    return sum(map(size, context))


def text_of(context: Context) -> str:
    """Everything that a model reads of a context."""
    return shown(context)


__all__ = ["PEERS", "Context", "Peer", "text_of", "tokens_of", "weight"]
