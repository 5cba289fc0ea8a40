"""What a search may not tell of: files that it found and that are kept back.

Which files these are is decided elsewhere; here they are left out of a result, counted and said.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Hides: TypeAlias = Callable[[Path], bool]
"""Whether a tool may not tell of a file, by its real path."""


class Sieve:
    """Lets the files below ``folder`` pass that ``hides`` is not about; all when it is None."""

    def __init__(self, hides: Hides | None, folder: Path) -> None:
        self._hides, self._folder = hides, folder
        self._known: dict[str, bool] = {}

    def passes(self, file: str) -> bool:
        """Whether the file, by its path below the folder, may be told of."""
        if self._hides is None:
            return True
        if file not in self._known:
            self._known[file] = not self._hides(self._folder / file)
        return self._known[file]

    @property
    def note(self) -> str:
        """A line that says how many were kept back, or nothing."""
        count = sum(not passed for passed in self._known.values())
        if not count:
            return ""
        files = "1 file is" if count == 1 else f"{count:,} files are"
        return f"\n[{files} left out, by a rule of the settings or since they may hold keys]"
