"""Which format a file is of, told by how it begins."""

from __future__ import annotations

from pathlib import Path

from ion_core.sessions.importers.aider import Aider
from ion_core.sessions.importers.base import Importer
from ion_core.sessions.importers.claude import Claude
from ion_core.sessions.importers.codex import Codex
from ion_core.sessions.importers.gemini import Gemini
from ion_core.sessions.importers.ion_one import IonOne
from ion_core.sessions.importers.pi import Pi

BEGIN_BYTES = 64 * 1024

FORMATS: tuple[Importer, ...] = (IonOne(), Pi(), Codex(), Gemini(), Claude(), Aider())


def recognised(file: Path) -> Importer | None:
    """The importer for ``file``, None for a file of no known format. Raises ``OSError``."""
    with file.open("rb") as data:
        begin = data.read(BEGIN_BYTES).removeprefix(b"\xef\xbb\xbf")
    return next((each for each in FORMATS if each.recognises(begin, file.name)), None)
