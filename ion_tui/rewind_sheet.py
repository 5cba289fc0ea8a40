"""What going back would do, to be looked at before it is done: the conversation, and each file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from ion_core.rewinding import FileChange, Preview, Scope
from ion_tui.fuzzy import matching
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

ACTIONS = {"create": "comes back", "change": "changes back", "delete": "goes"}
NOTE = "What is left stays on its branch; /redo takes all of it back."


class Points:
    """An offer of messages to go back to before, the latest last."""

    context, columns, aside = "rewind", "", ""
    title, note = "Go back to before", ""

    def __init__(self, choices: Sequence[Choice], keys: Callable[[str], str]) -> None:
        self._choices, self._keys = choices, keys

    @property
    def foot(self) -> str:
        """The keys."""
        scroll = f"{self._keys('rewind.down')} {self._keys('rewind.up')}"
        return f"enter asks what to bring back, {scroll} scroll what would change"

    def rows(self, text: str) -> Sequence[Choice]:
        """Those that fit."""
        return matching(self._choices, text)

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """There are no keys of its own but those that scroll."""
        return ""


class One(Points):
    """An offer of one file, so that its difference has the room."""

    note = ""

    def __init__(self, choice: Choice, keys: Callable[[str], str]) -> None:
        super().__init__((choice,), keys)
        self.title = "One file"

    @property
    def foot(self) -> str:
        """The keys."""
        scroll = f"{self._keys('rewind.down')} {self._keys('rewind.up')}"
        return f"{scroll} scroll, enter goes back to the list"


class RewindSheet:
    """An offer of three ways to go back, and of the files. ``root`` is the folder that paths are
    told from; ``overwrite`` are the files that are restored although somebody changed them."""

    context, columns, aside, note = "rewind", "", "", NOTE

    def __init__(self, preview: Preview, root: str, keys: Callable[[str], str]) -> None:
        self._preview, self._root, self._keys = preview, root, keys
        self.overwrite: set[str] = set()

    @property
    def title(self) -> str:
        """Where to."""
        return f"Back to before: {one_line(self._preview.prompt)}"

    @property
    def foot(self) -> str:
        """The keys."""
        key = self._keys("rewind.overwrite")
        changed = f"  {key} also restores what you changed" if self._conflicts else ""
        scroll = f"{self._keys('rewind.down')} {self._keys('rewind.up')}"
        return f"enter goes back, or shows a file alone{changed}  {scroll} scroll"

    def rows(self, text: str) -> Sequence[Choice]:
        """The ways, the files, and what could not be kept."""
        rows = [*self._ways()]
        if self._preview.files:
            rows += [Choice(name="Files"), *map(self._file, self._preview.files)]
        if self._preview.gaps:
            rows += [Choice(name="Not kept"), *(Choice(name=gap) for gap in self._preview.gaps)]
        return matching(rows, text)

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """Restore a file that somebody changed, or leave it after all."""
        change = choice.value if choice is not None else None
        if command != "rewind.overwrite" or not isinstance(change, FileChange):
            return ""
        if change.conflict:
            self.overwrite ^= {change.path}
        return "again"

    @property
    def _conflicts(self) -> int:
        return sum(bool(change.conflict) for change in self._preview.files)

    def _ways(self) -> Sequence[Choice]:
        said = _count(self._preview.entries, "entry", "entries")
        kept = sum(bool(c.conflict) and c.path not in self.overwrite for c in self._preview.files)
        files = _count(len(self._preview.files) - kept, "file", "files")
        ways: tuple[tuple[Scope, str, str], ...] = (
            ("both", "Conversation and files", f"{files} restored; leaves {said}"),
            ("conversation", "Conversation only", f"leaves {said}, no file changes"),
            ("files", "Files only", f"{files} restored"),
        )
        return [Choice(value=scope, name=name, detail=detail) for scope, name, detail in ways]

    def _file(self, change: FileChange) -> Choice:
        left = bool(change.conflict) and change.path not in self.overwrite
        grown = [line[:1] for line in change.diff.splitlines() if line[:3] not in ("+++", "---")]
        counts = f"+{grown.count('+')} −{grown.count('-')}" if change.diff else ""
        return Choice(
            value=change,
            name=one_line(os.path.relpath(change.path, self._root)),
            detail=f"stays: {one_line(change.conflict)}" if left else ACTIONS[change.action],
            right=counts,
            mark="✗" if left else "✓",
        )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
