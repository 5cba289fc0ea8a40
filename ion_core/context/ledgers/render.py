"""Ledgers as the text of a checkpoint, each within its share of the window.

What was quoted stands behind ``> `` on every line, so that nothing in it can end a section or pass
for a word of ion. The same ledgers give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from ion_core.context.ledgers.ledger import (
    CommandFact,
    ErrorFact,
    FileFact,
    Kept,
    Ledgers,
    Quote,
)
from ion_core.todo import MARKS

FULL_SOFT = 170_000
"""The soft limit for which the budgets below are meant."""
QUOTES, KEPT, SAID = 8_000, 2_000, 2_500
FILES, ERRORS, COMMANDS, REST = 6_000, 1_500, 1_000, 1_500
QUOTE_FLOOR, FLOOR = 600, 200
TOGETHER = 0.2
"""Of the soft limit, for all of it, when nothing else is said."""
LONG = 1_000
"""Tokens from which a message is told without its middle."""
MODIFIED, READ = 200, 400
"""Paths that are listed, at most."""
SHORT_SHARE = 0.6
"""Of the room for messages, kept for those that are short."""
IDS = 60
"""Ids of messages that are left out; more of them where there is room, fewer where there is
none."""
SINCE = {
    "changed": ", written by somebody else since: read it again",
    "gone": ", not there any more",
}


def render(found: Ledgers, *, soft: int, most: int | None = None) -> str:
    """The text, at most about a fifth of ``soft`` tokens, but never less than the floors; or at
    most about ``most`` where that is less than the fifth."""
    quotes, kept, said, files, errors, commands, rest = _budgets(soft, most)
    sections = (
        ("What the person said, word for word", _quotes(found.quotes, quotes)),
        ("Pinned by the person", _pins(found.pins)),
        ("Noted", _kept(found.kept, kept)),
        ("Decided, tried and next, in the words of the answers", _kept(found.said, said)),
        ("Files", _files(found.files, files)),
        ("Errors so far", _errors(found.errors, errors)),
        ("Commands that worked", _commands(found.commands, commands)),
        ("State", _rest(found, rest)),
    )
    told = "\n\n".join(f"## {name}\n{text}" for name, text in sections if text)
    return f"{told}\n\n{_footer(found)}".strip()


def _budgets(soft: int, most: int | None) -> list[int]:
    share = soft / FULL_SOFT
    together = int(TOGETHER * soft)
    wanted = [QUOTES, KEPT, SAID, FILES, ERRORS, COMMANDS, REST]
    floors = [QUOTE_FLOOR, *[FLOOR] * 6]
    if most is not None and most < together:
        together = most
        floors = [min(floor, most * floor // sum(floors)) for floor in floors]
    budgets = [max(int(w * share), f) for w, f in zip(wanted, floors, strict=True)]
    if (total := sum(budgets)) > together:
        budgets = [max(b * together // total, f) for b, f in zip(budgets, floors, strict=True)]
    return budgets


def _footer(found: Ledgers) -> str:
    return f"{found.entries} earlier entries are searchable: recall with a query or an entry id."


def tokens(text: str) -> int:
    """About the tokens of a text."""
    return math.ceil(len(text) / 3.5)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _newest(lines: Sequence[str], budget: int) -> list[str]:
    """As many of the last lines as there is room for, in their order."""
    chosen: list[str] = []
    for line in reversed(lines):
        budget -= tokens(line) + 1
        if budget < 0:
            break
        chosen.append(line)
    return chosen[::-1]


def _quotes(quotes: Sequence[Quote], budget: int) -> str:
    """The first message always, then those that bind, then others; ids of what is left out."""
    told: dict[int, str] = {}
    texts = [_told(quote, min(LONG, max(FLOOR, budget // 2))) for quote in quotes]
    left = budget
    for index, limit in _order(quotes, texts, budget):
        cost = tokens(texts[index]) + 1
        if index not in told and (cost <= left - limit or not index):
            told[index] = texts[index]
            left -= cost
    lines = [told[index] for index in sorted(told)]
    missing = [quote.entry for n, quote in enumerate(quotes) if n not in told]
    if missing:
        ids = max(IDS, budget // 3) if budget >= QUOTE_FLOOR else budget // 10
        more = f" and {len(missing) - ids} more" if len(missing) > ids else ""
        lines.append(f"Left out here, recall gives them: {' '.join(missing[-ids:])}{more}")
    return "\n".join(lines)


def _order(quotes: Sequence[Quote], texts: Sequence[str], budget: int) -> Iterator[tuple[int, int]]:
    """Which message next, and how much must be left after it: the first and the last; what binds,
    the newest first; of the others the newest for a part of the room, then the short ones, of which
    more can be told."""
    newest = range(len(quotes) - 1, 0, -1)
    for index in (0, len(quotes) - 1) if quotes else ():
        yield index, 0
    for index in newest:
        if quotes[index].binds:
            yield index, 0
    for index in newest:
        yield index, int(SHORT_SHARE * budget)
    for index in sorted(newest, key=lambda n: len(texts[n])):
        yield index, 0


def _told(quote: Quote, most: int) -> str:
    text = quote.text.strip()
    if tokens(text) > most:
        half = int(most * 3.5 / 2)
        cut = len(text) - 2 * half
        text = f"{text[:half]}\n[… {cut:,} characters, recall {quote.entry} …]\n{text[-half:]}"
    return f"[{quote.entry}]\n{_quoted(text)}"


def _pins(pins: Sequence[Quote]) -> str:
    """All of them, whatever room there is: the person asked for it."""
    return "\n".join(_told(pin, LONG) for pin in pins)


def _kept(kept: Sequence[Kept], budget: int) -> str:
    lines = [f"- {each.kind}:\n{_quoted(each.text)}" for each in kept]
    return "\n".join(_newest(lines, budget))


def _files(files: Sequence[FileFact], budget: int) -> str:
    """Those that were changed, then those that were only read, by folder; the newest of each."""
    lines = _newest([_file(fact) for fact in files if _is_news(fact)][-MODIFIED:], budget)
    left = budget - sum(tokens(line) + 1 for line in lines)
    return "\n".join([*lines, *_read([fact for fact in files if not _is_news(fact)], left)])


def _is_news(fact: FileFact) -> bool:
    return fact.ops != "r" or bool(fact.since)


def _read(facts: Sequence[FileFact], budget: int) -> list[str]:
    folders: dict[str, list[str]] = {}
    for fact in reversed(facts[-READ:]):
        folder, _, name = _path(fact.path).rpartition("/")
        budget -= tokens(name) + 1 + (0 if folder in folders else tokens(folder) + 3)
        if budget < 0:
            break
        folders.setdefault(folder, []).append(name)
    told = (
        f"- read in {folder or '.'}/: {', '.join(reversed(folders[folder]))}" for folder in folders
    )
    return list(told)[::-1]


def _file(fact: FileFact) -> str:
    words = {"r": "read", "w": "changed", "d": "deleted"}
    done = ", ".join(words[op] for op in fact.ops)
    news = SINCE.get(fact.since, "")
    return f"- {_path(fact.path)} ({done}, {fact.entry}{news})"


def _path(path: str) -> str:
    return " ".join(path.split())[:300]


def _errors(errors: Sequence[ErrorFact], budget: int) -> str:
    lines = [
        f"- {fact.count}×{', resolved since' if fact.resolved else ''}, by `{_path(fact.command)}`"
        f" ({fact.entry}):\n{_quoted(fact.line)}"
        for fact in errors
    ]
    return "\n".join(_newest(lines, budget))


def _commands(commands: Sequence[CommandFact], budget: int) -> str:
    checks = [_command(fact) for fact in commands if fact.checks]
    others = [_command(fact) for fact in commands if not fact.checks]
    lines = _newest(checks, budget)
    left = budget - sum(tokens(line) + 1 for line in lines)
    return "\n".join([*lines, *_newest(others, left)])


def _command(fact: CommandFact) -> str:
    where = f" in {_path(fact.cwd)}" if fact.cwd else ""
    took = f", {fact.duration_ms / 1000:.1f} s" if fact.duration_ms is not None else ""
    return f"- `{fact.command}`{where} (exit 0{took}, {fact.entry})"


def _rest(found: Ledgers, budget: int) -> str:
    lines: list[str] = []
    if found.mode:
        lines.append(f"Mode: {found.mode.upper()}")
    if found.plan:
        lines.append(f"Plan: {_path(found.plan)}")
    lines += _listed("Todo", (f"{MARKS[item.status]} {item.text}" for item in found.todo))
    lines += _listed("Skills already run", found.skills)
    lines += _listed("Still running", (f"{id}: {what} ({state})" for id, what, state in found.jobs))
    return "\n".join(_first(lines, budget))


def _listed(name: str, items: Iterable[str]) -> list[str]:
    lines = [f"- {' '.join(item.split())}" for item in items]
    return [f"{name}:", *lines] if lines else []


def _first(lines: Sequence[str], budget: int) -> list[str]:
    chosen: list[str] = []
    for line in lines:
        budget -= tokens(line) + 1
        if budget < 0:
            return [*chosen, f"[{len(lines) - len(chosen)} lines more]"]
        chosen.append(line)
    return chosen
