"""The person's own rules: ``[permissions] rules`` allow, ask or deny by tool and pattern.

"deny" wins over "ask", "ask" over "allow". To deny, whatever a command line may run is looked at,
also where the line is not understood; to allow, nothing but what is understood to the last byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from typing import Final

from ion_core.config.schema import PermissionRule
from ion_core.policy.base import Judgement, Unproved, ask, deny

_JOINTS: Final = re.compile(r"[;&|\n(){}`<>]+|\$(?=\()")
_QUOTING: Final = re.compile(r"[\"'\\]")
_WILD: Final = re.compile(r"([*?\[])")
_LITERAL_WILD: Final = re.compile(r"\[[*?\[]\]")
_UNSEEN: Final = re.compile(r"\\\n|\$IFS\b|\$\{IFS[^}]*\}|\$(?=[\"'])")
_BLANK: Final = re.compile(" ")
_PREFIX: Final = re.compile(
    r"(?:[A-Za-z_]\w*\+?=\S*|!|then|do|else|elif|if|while|until|time|command|builtin|exec|eval"
    r"|coproc|trap|-\S*|\d+(?:\.\d+)?[smhd]?)\s+"
)
_RUNNERS: Final = frozenset(
    {"sudo", "doas", "su", "env", "timeout", "nice", "nohup", "xargs", "setsid", "ionice", "stdbuf"}
    | {"sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "find", "fd", "fdfind", "parallel"}
    | {"watch", "script", "flock", "strace", "ltrace", "chroot", "unshare", "nsenter", "taskset"}
    | {"npx", "bunx", "uvx", "tmux", "screen", "exec", "caffeinate"}
    | {"chrt", "prlimit", "setpriv", "runuser", "pkexec", "systemd-run", "ssh", "entr", "unbuffer"}
)
"""Programs that run what some of their words name."""

_RUNNING: Final = re.compile(
    r"(?:uv|poetry|pdm|hatch|rye|pipx|docker|podman) run |(?:npm|pnpm|yarn|docker|podman|kubectl)"
    r" exec |(?:pnpm|yarn) dlx |bun x "
)
"""The same by their first word."""

_GIT_OPTIONS: Final = re.compile(
    r"^git (?:-[Cc] \S+ |-[pP] "
    r"|--(?:git-dir|work-tree|namespace|config-env|super-prefix|attr-source) \S+ "
    r"|--[\w-]+(?:=\S*)? )+"
)
_GIT_QUOTED: Final = re.compile(r"git -.*[\"'\\]", re.DOTALL)
MOST_BEGINNINGS: Final = 200


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

    def objects(self, tools: Sequence[str]) -> bool:
        """Whether any rule forbids or asks, of whatever these tools do."""
        return any(self._of(decision, tools) for decision in ("deny", "ask"))

    def allows(self, tools: Sequence[str], subject: str, written: str = "") -> bool:
        """Whether a rule allows exactly this. One without wildcards is about what was
        ``written``, where that is not the subject itself."""
        return any(
            matches(rule.pattern, written if is_literal(rule.pattern) and written else subject)
            for rule in self._of("allow", tools)
        )

    def allows_line(self, tools: Sequence[str], line: str) -> bool:
        """Whether a rule without wildcards is this line, to the letter."""
        return any(
            is_literal(rule.pattern) and fnmatchcase(line.strip(), rule.pattern)
            for rule in self._of("allow", tools)
        )

    def _of(self, decision: str, tools: Sequence[str]) -> list[PermissionRule]:
        return [
            rule
            for rule in self.rules
            if rule.decision == decision and any(fnmatchcase(t, rule.tool) for t in tools)
        ]


def literal(text: str) -> str:
    """The pattern that is about this text and no other."""
    return _WILD.sub(r"[\1]", text)


def is_literal(pattern: str) -> bool:
    """Whether a pattern is about one text alone."""
    return not _WILD.search(_LITERAL_WILD.sub("", pattern))


def matches(pattern: str, subject: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` is about a text; ``git push *`` is also about
    ``git push`` alone."""
    text = " ".join(subject.split(" "))
    return fnmatchcase(text, pattern) or (
        pattern.endswith(" *") and fnmatchcase(text, pattern.removesuffix(" *"))
    )


def with_folders(paths: Iterable[str]) -> list[str]:
    """Paths, and the folders above each: what is said of a folder is said of what is in it."""
    found: dict[str, None] = {}
    for path in paths:
        found[path] = None
        above = path.rstrip("/")
        while above:
            found[above] = found[f"{above}/"] = None
            above = above.rpartition("/")[0]
    return list(found)


def suspects(command: str) -> list[str]:
    """What a command line may run, roughly: split at every joint, without quotes, and without
    what may stand before a command's name. For denying, never for allowing. Raises ``Unproved``
    for a line that is made to be looked through for ever."""
    found = [" ".join(command.split())]
    line = _UNSEEN.sub(_seen, command)
    at = 0
    for piece in _JOINTS.split(line):
        at = line.index(piece, at) + len(piece)
        plain = " ".join(_QUOTING.sub("", piece).split())
        if not plain:
            continue
        found += _beginnings(plain)
        if line[: at - len(piece)].rstrip(" ")[-1:] in ("<", ">", "&"):  # a redirection's target
            found += _after_every_word(plain)
        if "," in plain and "{" in line:
            found += _beginnings(plain.replace(",", " "))
        if _GIT_QUOTED.search(piece):
            found += [f"git {later}" for later in _after_every_word(plain)]
    return found


def _beginnings(plain: str) -> list[str]:
    """What may be run by a piece without joints: itself, or what follows a word that runs others.
    After one whose options are unknown here, that is every word."""
    found: list[str] = []
    while plain:
        if len(found) > MOST_BEGINNINGS:
            raise Unproved("Too much may be run by a command like this.", "shell.length")
        found += _called(plain)
        name = plain.partition(" ")[0].rpartition("/")[2]
        if name in _RUNNERS or _RUNNING.match(plain):
            return found + _after_every_word(plain)
        prefix = _PREFIX.match(plain)
        plain = plain[prefix.end() :] if prefix else ""
    return found


def _after_every_word(plain: str) -> list[str]:
    places = [found.end() for found in islice(_BLANK.finditer(plain), MOST_BEGINNINGS + 1)]
    if len(places) > MOST_BEGINNINGS:
        raise Unproved("Too much may be run by a command like this.", "shell.length")
    return [text for place in places for text in _called(plain[place:])]


def _called(plain: str) -> list[str]:
    """A command by the names it may go by: its path, its name, and git's without its options."""
    name, blank, rest = plain.partition(" ")
    base = name.rpartition("/")[2] + blank + rest
    short = _GIT_OPTIONS.sub("git ", base)
    return list(dict.fromkeys((plain, base, short)))


def _seen(unseen: re.Match[str]) -> str:
    return "" if unseen.group().startswith("\\") else " "


def _sentence(rule: PermissionRule, hit: str) -> str:
    does = "denies" if rule.decision == "deny" else "asks about"
    return f"A rule of the settings {does} {rule.pattern!r}: {hit[:80]!r}."
