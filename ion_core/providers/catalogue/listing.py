"""A provider's page of the catalogue, as its JSON file holds it.

A page is written by ``build.py`` or by ``ion models refresh`` and read whole: the largest has some
hundreds of models and takes a millisecond. What is unknown is left out of the file.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ion_core.providers.base import ModelInfo
from ion_core.usage import Price


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model of one provider; fields as in :class:`ModelInfo`.

    ``aliases`` are other ids by which the provider serves the same model at the same price.
    ``tools`` is False for a model whose wire has no tool calls.
    """

    id: str
    name: str = ""
    window: int = 0
    max_output: int = 0
    vision: bool = False
    reasoning: bool = False
    tools: bool = True
    tool_streaming: bool = True
    efforts: tuple[str, ...] = ()
    price: Price | None = None
    released: str = ""
    deprecated: bool = False
    successor: str = ""
    aliases: tuple[str, ...] = ()

    def info(self, provider: str, asked: str = "") -> ModelInfo:
        """The model as the rooms know it, under the id by which it was asked for."""
        return ModelInfo(
            provider=provider,
            id=asked or self.id,
            name=self.name,
            window=self.window,
            max_output=self.max_output,
            vision=self.vision,
            reasoning=self.reasoning,
            efforts=self.efforts,
            tool_mode="native" if self.tools else "text",
            tool_streaming=self.tool_streaming,
            price=self.price,
            released=self.released,
            deprecated=self.deprecated,
            successor=self.successor,
        )


class Listing(Struct, frozen=True, kw_only=True):
    """One provider's models, newest first and deprecated last. ``dated`` is the ISO day of the
    newest source, ``sources`` name them with their versions."""

    dated: str
    sources: tuple[str, ...] = ()
    models: tuple[Listed, ...] = ()


class Index(Struct, frozen=True, kw_only=True):
    """The date of a folder of listings: the last file of it that is written."""

    dated: str
    sources: tuple[str, ...] = ()


def read_listing(data: bytes) -> Listing:
    """Raises ``msgspec.DecodeError`` for anything else."""
    return msgspec.json.decode(data, type=Listing)


def write_listing(listing: Listing) -> bytes:
    """The file's bytes, a line a model, so that a change of the data reads as one."""
    head = {"dated": listing.dated, "sources": listing.sources}
    rows = [msgspec.json.encode(_told(msgspec.to_builtins(model))) for model in listing.models]
    start = msgspec.json.encode(head)[:-1] + b',"models":[\n'
    return start + b",\n".join(rows) + b"\n]}\n"


def _told(value: object) -> object:
    """``value`` without what is None or empty, and with whole prices as whole numbers."""
    match value:
        case dict():
            return {name: _told(item) for name, item in value.items() if item not in (None, ())}
        case tuple() | list():
            return [_told(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
