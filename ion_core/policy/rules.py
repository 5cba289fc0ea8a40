"""The person's own rules: ``[permissions] rules`` allow, ask or deny by tool and pattern.

"deny" wins over "ask", "ask" over "allow". To deny, whatever a command line may run is looked at,
also where the line is not understood; to allow, nothing but what is understood to the last byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ion_core.config.schema import PermissionRule
from ion_core.policy.base import Judgement, ask, deny

_JOINTS: Final = re.compile(r"[;&|\n(){}`<>]+|\$(?=\()")
_QUOTING: Final = re.compile(r"[\"'\\]")
_PREFIX: Final = re.compile(
    r"(?:[A-Za-z_]\w*\+?=\S*|!|then|do|else|elif|if|while|until|time|sudo|doas|env|timeout|nice|nohup"
    r"|xargs|command|builtin|exec|eval|setsid|ionice|stdbuf|coproc|-\S*|\d+(?:\.\d+)?[smhd]?)\s+"
)


@dataclass(frozen=True)
class Rules:
    """The rules of all files. ``tools`` below are the names that a deed goes by."""

    rules: tuple[PermissionRule, ...] = ()

    def objection(self, tools: Sequence[str], subjects: Iterable[str]) -> Judgement | None:
        """The denial, or else the question, that one of the ``subjects`` meets."""
        said = list(subjects)
        for decision, answer in (("deny", deny), ("ask", ask)):
            for rule in self._of(decision, tools):
                hit = next((text for text in said if matches(rule.pattern, text)), None)
                if hit is not None:
                    return answer(_sentence(rule, hit), f"permissions.{decision}")
        return None

    def allows(self, tools: Sequence[str], subject: str) -> bool:
        """Whether a rule allows exactly this."""
        return any(matches(rule.pattern, subject) for rule in self._of("allow", tools))

    def _of(self, decision: str, tools: Sequence[str]) -> list[PermissionRule]:
        return [
            rule
            for rule in self.rules
            if rule.decision == decision and any(fnmatchcase(t, rule.tool) for t in tools)
        ]


def matches(pattern: str, subject: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` is about a text; ``git push *`` is also about
    ``git push`` alone."""
    text = " ".join(subject.split(" "))
    return fnmatchcase(text, pattern) or (
        pattern.endswith(" *") and fnmatchcase(text, pattern.removesuffix(" *"))
    )


def suspects(command: str) -> list[str]:
    """What a command line may run, roughly: split at every joint, without quotes, and without
    what may stand before a command's name. For denying, never for allowing."""
    found = [" ".join(command.split())]
    for piece in _JOINTS.split(command):
        plain = " ".join(_QUOTING.sub("", piece).split())
        while plain:
            found.append(plain)
            name, blank, rest = plain.partition(" ")
            if "/" in name:
                found.append(name.rpartition("/")[2] + blank + rest)
            prefix = _PREFIX.match(plain)
            plain = plain[prefix.end() :] if prefix else ""
    return found


def _sentence(rule: PermissionRule, hit: str) -> str:
    does = "denies" if rule.decision == "deny" else "asks about"
    return f"A rule of the settings {does} {rule.pattern!r}: {hit[:80]!r}."
