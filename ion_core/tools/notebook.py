"""A Jupyter notebook as cells: their sources, and what running them gave.

The shape is nbformat 4 (nbformat.readthedocs.io). Long outputs are cut; pictures among them are
handed to the model.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

import msgspec

from ion_core.errors import IonError
from ion_core.messages import Image
from ion_core.tools.truncate import clip, plain

_LARGEST_BYTES = 64 << 20
_OUTPUT_CHARS, _MOST_PICTURES = 2_000, 8
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")

Keep = Callable[[bytes], Image]


class Notebook(NamedTuple):
    """What a model reads of a notebook."""

    text: str
    images: tuple[Image, ...]


def cells(file: BinaryIO, keep: Keep | None) -> Notebook | None:
    """The notebook in ``file``; None when it is none, or too large."""
    try:
        whole = msgspec.json.decode(file.read(_LARGEST_BYTES))
        found = [cell for cell in whole["cells"] if isinstance(cell, dict)]
    except (msgspec.DecodeError, KeyError, TypeError):
        return None
    album = _Album(keep)
    blocks = [block for number, cell in enumerate(found, 1) for block in _cell(number, cell, album)]
    lead = f"[a notebook of {len(found)} cells; line numbers are those of this view]"
    return Notebook("\n".join([lead, *blocks]), tuple(album.images))


class _Album:
    """Keeps the first pictures of a notebook."""

    def __init__(self, keep: Keep | None) -> None:
        self._keep = keep
        self.images: list[Image] = []

    def add(self, encoded: str) -> str:
        """What stands in the text for a picture in base64."""
        if self._keep is None or len(self.images) >= _MOST_PICTURES:
            return "[picture, not shown]"
        try:
            self.images.append(self._keep(binascii.a2b_base64(encoded)))
        except (ValueError, IonError) as error:
            return f"[picture, not shown: {error}]"
        return f"[picture {len(self.images)}]"


def _cell(number: int, cell: dict[str, Any], album: _Album) -> Iterator[str]:
    kind = cell.get("cell_type", "raw")
    run = cell.get("execution_count")
    yield f"[cell {number}: {kind}{f', run {run}' if run else ''}]"
    yield _joined(cell.get("source", ""))
    for output in cell.get("outputs") or ():
        if isinstance(output, dict):
            yield from _output(output, album)


def _output(output: dict[str, Any], album: _Album) -> Iterator[str]:
    data = output.get("data") or {}
    if output.get("output_type") == "error":
        said = "\n".join(str(line) for line in output.get("traceback") or [output.get("evalue")])
    else:
        said = _joined(output.get("text") or data.get("text/plain") or "")
    if said.strip():
        yield f"[output]\n{clip(plain(said).rstrip(), _OUTPUT_CHARS)}"
    for kind in _PICTURES:
        if kind in data:
            yield album.add(_joined(data[kind]))


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
