"""The files of the configuration, read one by one and held to what each may say.

A layer knows its text, its values and the line of every key. Project layers lose here what only
the user may set, with a warning for each line; joining the layers is ``join.py``'s work.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct

from ion_core.config.lines import key_lines, line_of
from ion_core.config.names import dotted
from ion_core.config.original import convert, is_original, replace_original
from ion_core.config.paths import FileLayer, Places
from ion_core.config.scope import KeyPath, held_to_project, without
from ion_core.errors import ConfigError


class Layer:
    """One file: its text, what is ``written`` there, and the ``values`` that it may set.

    ``dropped`` are the paths of what only the user's own file may set.
    """

    def __init__(self, name: FileLayer, file: Path, text: str) -> None:
        """Raises ``ConfigError`` when ``text`` is not TOML."""
        self.name, self.file, self.text = name, file, text
        self.written = parsed(text, file)
        self.values, self.dropped = self.written, list[KeyPath]()
        if name != "user":
            self.values, self.dropped = held_to_project(self.written)

    @cached_property
    def lines(self) -> dict[KeyPath, int]:
        return key_lines(self.text)

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it."""
        return line_of(self.lines, path)

    def fault(self, path: KeyPath, message: str) -> Fault:
        """``message``, told at the line of ``path``."""
        return Fault(message=message, file=str(self.file), line=self.line(path))

    def drop(self, paths: Iterable[KeyPath]) -> None:
        """Obey these no more, visibly."""
        for path in paths:
            self.values = without(self.values, path)
            self.dropped.append(path)

    def ignored(self) -> list[str]:
        """A warning for each line of a project's file that is not obeyed."""
        return [
            f"{self.file}:{self.line(path)}: a project's file may not set `{dotted(path)}`: "
            "the line is ignored; if you want it, put it into your own configuration"
            for path in self.dropped
        ]


class Fault(Struct, frozen=True, kw_only=True):
    """One wrong line, to be told together with the others."""

    message: str
    file: str = ""
    line: int = 0


def complain(faults: Iterable[Fault]) -> None:
    """Raise one ``ConfigError`` that tells all ``faults``, if there are any.

    Its file and line are those of the first.
    """
    errors = [ConfigError(fault.message, file=fault.file, line=fault.line) for fault in faults]
    if errors:
        first = errors[0]
        told = "\n".join([first.message, *(str(error) for error in errors[1:])])
        raise ConfigError(told, file=first.file, line=first.line)


def parsed(text: str, file: Path) -> dict[str, Any]:
    """The values of a TOML text. Raises ``ConfigError`` with the line that is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        reason = str(error).replace(found[0] if found else " (at end of document)", "")
        raise ConfigError(f"not valid TOML: {reason}", file=str(file), line=line) from error


def text_of(file: Path) -> str | None:
    """The text of ``file``, or None when there is none. Raises ``ConfigError``."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError("this is not UTF-8", file=str(file), line=line) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(file)) from error


def read_layers(places: Places) -> tuple[list[Layer], list[str]]:
    """The layers that exist, weakest first, as their files stand, and what was done to them.

    A user file of the original ion is converted on disk, with a backup; a project's is read as if
    it had been. Raises ``ConfigError``.
    """
    layers: list[Layer] = []
    notes: list[str] = []
    for name, file in places.files.items():
        if (text := text_of(file)) is not None:
            layer, said = _modern(Layer(name, file, text))
            layers.append(layer)
            notes += said
    return layers, notes


def _modern(layer: Layer) -> tuple[Layer, list[str]]:
    if not is_original(layer.written):
        return layer, []
    text = convert(layer.text, layer.written)
    said = "written for the original ion; read as far as it still means something"
    if layer.name == "user":
        said = replace_original(layer.file, layer.text, text)
    return Layer(layer.name, layer.file, text), [f"{layer.file}: {said}"]
