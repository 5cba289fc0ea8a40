"""What the embedded model is made of: every file by name, size and SHA-256.

The numbers stand in ``pins.json``. The weights are Qwen2.5-Coder-1.5B-Instruct (Apache-2.0) in 22
wheels that join to one GGUF file; the server is llama.cpp's (MIT) in one wheel. Nothing that does
not match its pin is ever used.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct


class Part(Struct, frozen=True, kw_only=True):
    """A wheel of which ``member``, ``member_bytes`` long, is the next piece of the weights."""

    wheel: str
    bytes: int
    sha256: str
    member: str
    member_bytes: int


class Model(Struct, frozen=True, kw_only=True):
    """The weights: ``parts`` in order give a file of ``bytes`` with ``sha256``."""

    id: str
    title: str
    file: str
    bytes: int
    sha256: str
    parts: tuple[Part, ...]


class ServerWheel(Struct, frozen=True, kw_only=True):
    """A wheel with a ``llama-server`` in ``folder/bin``."""

    wheel: str
    bytes: int
    sha256: str
    folder: str
    unpacked_bytes: int


class Pins(Struct, frozen=True, kw_only=True):
    """Everything that is fetched."""

    model: Model
    server: ServerWheel


@cache
def pins() -> Pins:
    """The pins of this version of ion."""
    return msgspec.json.decode((Path(__file__).parent / "pins.json").read_bytes(), type=Pins)
