"""What instruction files say: read within limits, with what they import, each file once.

Whatever was cut or could not be read is said in a sentence for people. A file of a project is read
only where the tools of a session could read it; one of the person's own folders of instructions
only when it is Markdown or text, since configuration lies beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ion_core.context.grounds import Grounds, is_file
from ion_core.context.imports import imports, without_comments
from ion_core.context.rules import fits, is_rule, split
from ion_core.tools.files import open_regular
from ion_core.tools.paths import PathRefused, Workspace

FILE_BYTES, ALL_BYTES = 32 << 10, 64 << 10
"""The most of one file, and of all of them together."""
ONE = f"a file may have {FILE_BYTES >> 10} KB"
ALL = f"all such files together may have {ALL_BYTES >> 10} KB"
DEPTH = 5
"""How many imports deep files are followed."""
WORDS = frozenset({".md", ".markdown", ".mdx", ".txt"})


class Reader:
    """Reads instruction files of some ``grounds``; ``warnings`` says what is missing of them."""

    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._project = Workspace(root=grounds.root)
        self._places = [Workspace(root=place) for place in grounds.places if place.is_dir()]
        self.warnings: list[str] = []

    def read(
        self,
        files: Sequence[Path],
        touched: Iterable[Path] | None = (),
        beside: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """What each file says, by its source. Rules with paths are read for those of ``touched``
        that fit; None: whatever was touched. Blocking.

        What is over the limit, with what was told ``beside`` it, is taken from the most general
        files."""
        told = {self._grounds.source(file): self._text(file, touched) for file in files}
        left = ALL_BYTES - sum(len(text.encode()) for text in (beside or {}).values())
        kept: dict[str, str] = {}
        for source in reversed(told):
            text = told[source]
            if text.strip():
                kept[source] = self._cut(text, left, source, ALL)
                left -= len(kept[source].encode())
        return {source: kept[source] for source in told if kept.get(source)}

    def _text(self, file: Path, touched: Iterable[Path] | None) -> str:
        source = self._grounds.source(file)
        text = self._load(file, source, own=file in self._grounds.users)
        if is_rule(file):
            globs, text = split(text)
            is_wanted = touched is None or any(fits(file, globs, path) for path in touched)
            if globs and not is_wanted:
                return ""
        text = without_comments(text).strip()
        seen = {_identity(file)}
        whole = "\n\n".join([text, *self._imported(file, text, seen, DEPTH)])
        return self._cut(whole, FILE_BYTES, source, ONE)

    def _imported(self, file: Path, text: str, seen: set[tuple[int, int]], depth: int) -> list[str]:
        parts: list[str] = []
        for name in imports(text) if depth else ():
            path = _named(name, file, self._grounds.person)
            if not is_file(path) or _identity(path) in seen:
                continue
            seen.add(_identity(path))
            own = file in self._grounds.users
            found = without_comments(self._load(path, f"@{name}", own=own)).strip()
            if found:
                parts.append(f'<imported path="{name}">\n{found}\n</imported>')
                parts += self._imported(path, found, seen, depth - 1)
        return parts

    def _load(self, file: Path, source: str, *, own: bool) -> str:
        try:
            path = file.resolve() if own and file in self._grounds.users else self._leave(file)
            with open_regular(path) as opened:
                data = opened.read(FILE_BYTES + 1)
        except (OSError, PathRefused) as error:
            self.warnings.append(f"Instructions in {source} were not read: {_why(error)}")
            return ""
        return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")

    def _leave(self, file: Path) -> Path:
        """The real path of a file that may be read. Raises ``PathRefused``."""
        if self._grounds.trusted:
            try:
                return self._project.resolve(str(file), "read")
            except PathRefused:
                if not any(file.is_relative_to(place.root) for place in self._places):
                    raise
        for place in self._places:
            if file.suffix in WORDS and file.resolve().is_relative_to(place.root):
                return place.resolve(str(file), "read")
        raise PathRefused("it is no text of the project or of your own instructions.")

    def _cut(self, text: str, limit: int, source: str, what: str) -> str:
        data = text.encode()
        if len(data) <= limit:
            return text
        self.warnings.append(
            f"Only {max(0, limit) >> 10} KB of the instructions in {source} are told to models: "
            f"{what}."
        )
        return data[: max(0, limit)].decode("utf-8", "ignore")


def _named(name: str, file: Path, person: Path) -> Path:
    if name.startswith("~/"):
        return person / name[2:]
    return Path(os.path.normpath(file.parent / name))


def _identity(file: Path) -> tuple[int, int]:
    try:
        found = os.stat(file)
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    return str(error)
