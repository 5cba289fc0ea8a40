"""What the policy answers: a decision, the sentence that explains it, and the rule behind it.

Whoever proves something harmless returns; whoever cannot raises :class:`Unproved`, so that a case
nobody thought of ends as a question and never as a yes.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Decision: TypeAlias = Literal["allow", "ask", "deny"]


class Judgement(Struct, frozen=True, kw_only=True):
    """What happens to a command, a path or a URL. ``rule`` names what decided, for scripts."""

    decision: Decision
    reason: str
    rule: str


class Unproved(Exception):
    """Nothing shows that this is harmless. ``str(error)`` is a sentence, ``rule`` its name."""

    def __init__(self, reason: str, rule: str) -> None:
        super().__init__(reason)
        self.rule = rule


def ask(reason: str, rule: str) -> Judgement:
    """A person decides."""
    return Judgement(decision="ask", reason=reason, rule=rule)


def allow(reason: str, rule: str) -> Judgement:
    """It may happen."""
    return Judgement(decision="allow", reason=reason, rule=rule)


def deny(reason: str, rule: str) -> Judgement:
    """It may not happen, whoever asks."""
    return Judgement(decision="deny", reason=reason, rule=rule)
