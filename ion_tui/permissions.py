"""What calls may do here, on one sheet: the mode, what holds commands, and every rule in force.

Rules come by the file they stand in; those of the person's own file can be taken out with a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ion_core.config.rules import KeptRule
from ion_core.config.schema import PermissionRule
from ion_tui import acts, choosing
from ion_tui.fuzzy import matching
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.runtime import Runtime
    from ion_tui.screens.main import MainScreen

FILES = {
    "user": "Your rules",
    "project": "Rules of the project",
    "local": "Your rules for this project",
}
HELD = {
    "full": "full: commands touch only what they may",
    "reduced": "reduced: what must not change is put back after commands",
    "none": "none on this machine: each command is asked about",
}
MARKS = {"allow": "✓", "ask": "?", "deny": "✗"}


class RuleSheet:
    """An offer of rules below ``facts``, which are rows of a name and what is so. ``granted`` hold
    for this session; ``forget`` hears of one that is to be taken out; ``key`` is the key for it."""

    context, columns, aside = "rules", "", ""
    title = "Permissions"

    def __init__(
        self,
        facts: Sequence[tuple[str, str]],
        kept: Sequence[KeptRule],
        granted: Sequence[PermissionRule],
        *,
        forget: Callable[[PermissionRule], None],
        key: str,
    ) -> None:
        self._facts, self._kept, self._granted = facts, list(kept), granted
        self._forget, self._key = forget, key

    @property
    def note(self) -> str:
        """What holds where nothing is listed."""
        return "Deny wins over ask, ask over allow; the mode decides the rest."

    @property
    def foot(self) -> str:
        """The keys."""
        return f"{self._key} takes a rule of yours out  enter copies"

    def rows(self, text: str) -> Sequence[Choice]:
        """Facts first, then the rules by file, then those of this session."""
        rows = [Choice(value=words, name=name, detail=words) for name, words in self._facts]
        for layer, kept in groupby(self._kept, key=lambda item: item.layer):
            rows += [Choice(name=FILES[layer]), *(_row(item) for item in kept)]
        if self._granted:
            granted = [_rule_row(rule, rule, "until it is closed") for rule in self._granted]
            rows += [Choice(name="Allowed in this session"), *granted]
        if not self._kept and not self._granted:
            rows.append(Choice(name="There are no rules"))
        return matching(rows, text)

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """Take a rule out of the person's own file."""
        item = choice.value if choice else None
        if command != "rules.forget" or not isinstance(item, KeptRule) or item.layer != "user":
            return ""
        self._kept = [kept for kept in self._kept if kept.rule != item.rule or kept.layer != "user"]
        self._forget(item.rule)
        return "anew"


async def show(screen: MainScreen) -> None:
    """The sheet; what is chosen is copied."""
    runtime = await screen.ion.runtime()
    bridge = screen.desk.current
    sheet = RuleSheet(
        await _facts(screen, runtime),
        await runtime.rulebook.rules(),
        bridge.session.granted if bridge else (),
        forget=lambda rule: screen.do(_forget(screen, runtime, rule)),
        key=screen.keymap.hint("rules.forget", "rules"),
    )
    choice = await choosing.pick(screen, sheet)
    if choice is not None:
        acts.copy(screen, _written(choice.value))


async def _facts(screen: MainScreen, runtime: Runtime) -> list[tuple[str, str]]:
    mode = screen.view.mode if screen.view else runtime.settings.mode
    if runtime.settings.sandbox.enabled == "off":
        held = "off, by your settings: nothing holds commands"
    else:
        held = HELD[(await runtime.launcher.means()).protection]
    network = runtime.settings.sandbox.network
    return [
        ("Mode", f"{mode.upper()}: {choosing.MODE_WORDS[mode]}"),
        ("Sandbox", held),
        ("Network", f"{network} for commands"),
    ]


async def _forget(screen: MainScreen, runtime: Runtime, rule: PermissionRule) -> None:
    await runtime.rulebook.forget(rule)
    screen.say(f"Taken out: {_written(rule)}")


def _row(item: KeptRule) -> Choice:
    where = f"{item.file.rpartition('/')[2]}:{item.line}"
    return _rule_row(item, item.rule, where)


def _rule_row(value: object, rule: PermissionRule, where: str) -> Choice:
    return Choice(
        value=value,
        lead=f"{one_line(rule.tool)}  ",
        name=one_line(rule.pattern),
        detail=rule.decision,
        right=one_line(where),
        mark=MARKS[rule.decision],
    )


def _written(value: object) -> str:
    rule = value.rule if isinstance(value, KeptRule) else value
    if isinstance(rule, PermissionRule):
        return f"{rule.decision} {rule.tool} {rule.pattern}"
    return str(value)
