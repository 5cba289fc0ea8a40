"""Tool calls as sentences: what was done to what, how it ended, and what is worth seeing of it.

Reads and searches that went well share one line; a change shows its diff; a failure shows the end
of its output beside a red bar; everything else is one line until details are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from rich.style import Style

from ion_core.ids import CallId
from ion_core.messages import Display, Status
from ion_tui.render import diff, sentences
from ion_tui.render.cells import Span, cells, fold, shorten, wrap
from ion_tui.render.highlight import highlight
from ion_tui.render.inks import Inks
from ion_tui.render.rows import RESULT, TEXT, Page, Row, blank, row
from ion_tui.render.sanitize import sanitize
from ion_tui.render.speech import Told

TAIL = 8
"""Lines that a failed command shows; a running one shows fewer."""
RUNNING_TAIL = 4
OPENED_LINES = 400
PLAN = "exit_plan"
CHANGED_LINES = 20
"""Changed lines of the largest edit that is shown before anybody asks."""

State: TypeAlias = Literal["waiting", "running"] | Status

_ERROR = re.compile(r"(?:Error|Exception|error|fatal|panic)(?:\[\w+\])?:")
_ENDINGS = {
    "error": "failed",
    "denied": "refused",
    "cancelled": "stopped",
    "indeterminate": "ion was closed meanwhile",
}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One call, as far as it has come. ``seconds`` is how long it runs or ran, if known;
    ``written`` counts the characters of arguments that are still being written; ``asked``: it waits
    for the person."""

    call: CallId
    name: str
    arguments: dict[str, Any] = field(hash=False)
    state: State = "waiting"
    target: str = ""
    output: str = ""
    display: Display | None = None
    seconds: float | None = None
    written: int = 0
    asked: bool = False

    @property
    def quiet(self) -> bool:
        """Whether calls of this tool may share a line."""
        return bool(sentences.words(self.name).one)

    @property
    def failed(self) -> bool:
        return self.state in ("error", "denied", "cancelled", "indeterminate")

    @property
    def shown_target(self) -> str:
        named = (self.display and self.display.target) or self.target
        text = sanitize(named or sentences.target(self.arguments)).strip()
        first, _, rest = text.partition("\n")
        return f"{first} …" if rest else first

    @property
    def diff(self) -> str:
        return self.display.diff if self.display else ""

    @property
    def text(self) -> str:
        """What the call printed, safe to show."""
        display = self.display
        raw = self.output
        if display is not None and (display.output or display.diff or not self.failed):
            raw = display.output or raw
        return sanitize(raw).expandtabs(4).strip("\n")


@dataclass(frozen=True)
class Deeds:
    """Calls that follow one another: several only when all of them are quiet."""

    deeds: tuple[Deed, ...]

    @property
    def slim(self) -> bool:
        """Whether it is header lines alone, which need no blank row between them."""
        return not any(_has_body(deed) for deed in self.deeds)

    def estimate(self, width: int) -> int:
        deed = self.deeds[0]
        shown = deed.diff.count("\n") if _has_body(deed) and deed.diff else 0
        return 2 + min(shown, 40) + (TAIL if deed.failed and not shown else 0)

    def draw(self, page: Page) -> list[Row]:
        if page.opened:
            return _opened(self.deeds, page)
        good = [deed for deed in self.deeds if not deed.failed]
        rows = [_group(good, page)] if len(good) > 1 else []
        alone = [deed for deed in self.deeds if deed.failed or len(good) == 1]
        for deed in alone:
            rows.append(_header(deed, page))
            rows += _body(deed, page)
        return rows


def _opened(deeds: tuple[Deed, ...], page: Page) -> list[Row]:
    rows: list[Row] = []
    parted = False
    for deed in deeds:
        body = list(_body(deed, page))
        if rows and (body or parted):
            rows.append(blank(page))
        rows += [_header(deed, page), *body]
        parted = bool(body)
    return rows


def _has_body(deed: Deed) -> bool:
    if deed.diff:
        # An upper bound that needs no reading of the diff: thousands are asked when one opens.
        return deed.diff.count("\n+") + deed.diff.count("\n-") <= CHANGED_LINES + 2
    return bool(deed.text) and (deed.failed or deed.state == "running" or deed.name == PLAN)


def _group(deeds: list[Deed], page: Page) -> Row:
    """ "Read 3 files, searched for 2 patterns", and which, as far as there is room."""
    counts: dict[str, int] = {}
    for deed in deeds:
        counts[deed.name] = counts.get(deed.name, 0) + 1
    running = any(deed.state in ("waiting", "running") for deed in deeds)
    phrases = [_counted(name, count, running) for name, count in counts.items()]
    said = ", ".join([phrases[0], *(phrase[0].lower() + phrase[1:] for phrase in phrases[1:])])
    names = ", ".join(dict.fromkeys(deed.shown_target.rsplit("/", 1)[-1] for deed in deeds))
    verb, _, rest = said.partition(" ")
    inks = page.inks
    spans = [
        *_glyph("running" if running else "ok", inks),
        (verb, inks.bright),
        (f" {rest}", inks.page),
    ]
    room = page.width - TEXT - cells(said) - 4
    if room > 8 and names:
        spans.append((f"   {shorten(names, room)}", inks.faint))
    return row(spans, page.width, inks.page, gutter=TEXT)


def _counted(name: str, count: int, running: bool) -> str:
    known = sentences.words(name)
    verb = known.present if running else known.past
    return f"{verb} {count} {known.one if count == 1 else known.many}"


def _glyph(state: State, inks: Inks) -> list[Span]:
    glyphs = inks.glyphs
    if state == "ok":
        return [(f"{glyphs.done} ", inks.success)]
    if state in ("waiting", "running"):
        return [(f"{glyphs.running} ", inks.accent if state == "running" else inks.faint)]
    return [(f"{glyphs.failed} ", _sign(state, inks))]


def _header(deed: Deed, page: Page) -> Row:
    inks = page.inks
    meta = _meta(deed, page)
    verb = _verb(deed)
    taken = TEXT + cells(verb) + 1 + sum(cells(text) for text, _ in meta)
    target = shorten(deed.shown_target, max(12, page.width - taken - 1))
    spans = [*_glyph(deed.state, inks), (verb, inks.bright), (" ", inks.page)]
    if deed.name == "bash":
        spans += highlight(target, "bash", inks.page, inks)[0]
    else:
        spans.append((target, inks.page))
    return row([*spans, *meta], page.width, inks.page, gutter=TEXT)


def _verb(deed: Deed) -> str:
    known = sentences.words(deed.name)
    ran = deed.display is not None and deed.display.exit_code is not None
    match deed.state:
        case "waiting" if deed.asked:
            return f"Wants to {known.plain}"
        case "waiting" | "running":
            return known.present
        case "error" if not ran:
            return f"Could not {known.plain}"
        case "denied":
            return f"Did not {known.plain}"
        case "cancelled":
            return f"Stopped {known.present.lower()}"
        case "indeterminate":
            return f"Perhaps {known.past.lower()}"
        case _:
            return known.past


def _sign(state: State, inks: Inks) -> Style:
    """Red is for failures; what a person refused or stopped is amber."""
    return inks.warning if state in ("denied", "cancelled") else inks.error


def _meta(deed: Deed, page: Page) -> list[Span]:
    """What stands right of the target: the change, the exit, the gist of the output, the time."""
    inks, found = page.inks, list[Span]()
    if deed.diff:
        added, removed = diff.changed(deed.diff)
        found += [(f"+{added}", inks.success)] if added else []
        found += [(" ", inks.page)] if added and removed else []
        found += [(f"−{removed}", inks.error)] if removed else []
    elif deed.failed:
        found.append((_exit(deed), _sign(deed.state, inks)))
    elif deed.written > 200:
        found.append((f"{deed.written:,} characters", inks.faint))
    elif gist := _gist(deed, page):
        found.append((gist, inks.faint))
    if deed.seconds is not None and deed.seconds >= (0.1 if deed.name == "bash" else 1.0):
        found += [(" · ", inks.faint)] if found else []
        found.append((sentences.duration(deed.seconds), inks.faint))
    return [("   ", inks.page), *found] if found else []


def _exit(deed: Deed) -> str:
    code = deed.display.exit_code if deed.display else None
    if deed.state == "error" and code is not None:
        return f"exit {code}"
    return _ENDINGS[deed.state]


def _gist(deed: Deed, page: Page) -> str:
    if deed.state != "ok":
        return ""
    summary = sanitize(deed.display.summary).strip() if deed.display else ""
    if deed.name != "bash":
        return summary
    lines = [line.strip() for line in deed.text.split("\n") if line.strip()]
    if not lines:
        return summary
    last = shorten(lines[-1], max(16, page.width // 3))
    return last if len(lines) == 1 else f"{last} · {len(lines)} lines"


def _body(deed: Deed, page: Page) -> Iterator[Row]:
    if deed.diff:
        if page.opened or _has_body(deed):
            yield from diff.draw(sanitize(deed.diff).expandtabs(4), deed.shown_target, page)
    elif deed.name == PLAN and deed.text and not deed.failed:
        yield blank(page)
        yield from Told(deed.text).draw(page)  # whole and typeset: somebody is to judge it
    elif deed.text and (page.opened or _has_body(deed)):
        yield from _output(deed, page)


def _output(deed: Deed, page: Page) -> Iterator[Row]:
    """The end of the output. Beside a failure stands a red bar, and its last line is bright."""
    lines = deed.text.split("\n")
    limit = RUNNING_TAIL if deed.state == "running" else TAIL
    kept = lines[-(OPENED_LINES if page.opened else limit) :]
    bar = _bar(deed, page.inks)
    if above := len(lines) - len(kept):
        hint = "" if page.opened else " · ctrl+o"
        told = f"{page.inks.glyphs.more} {above} lines above{hint}"
        yield row([*bar, (told, page.inks.faint)], page.width, page.inks.page, gutter=page.width)
    cause = _cause(kept) if deed.state == "error" else -1
    parted = wrap if deed.state == "denied" else fold  # why it was refused is prose
    for index, line in enumerate(kept):
        style = page.inks.bright if index == cause else page.inks.muted
        for cut in parted([(line, style)], page.results()):
            spans = (*bar, *cut.spans)
            yield row(spans, page.width, page.inks.page, gutter=RESULT, join=cut.join)


def _cause(lines: list[str]) -> int:
    """The line that says what went wrong: the last that names an error, else the last one."""
    said = [index for index, line in enumerate(lines) if line.strip()]
    named = [index for index in said if _ERROR.search(lines[index])]
    return (named or said or [0])[-1]


def _bar(deed: Deed, inks: Inks) -> list[Span]:
    if not deed.failed:
        return [(" " * RESULT, inks.page)]
    style = _sign(deed.state, inks)
    return [(" " * TEXT, inks.page), (f"{inks.glyphs.bar} ", style)]
