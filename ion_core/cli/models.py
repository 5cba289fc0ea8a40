"""``ion models``: what can be used here; ``ion models refresh``: a newer catalogue."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ion_core.cli.columns import aligned, short
from ion_core.config.load import load
from ion_core.config.paths import ion_home, private_folder
from ion_core.config.schema import Settings
from ion_core.errors import ConfigError
from ion_core.providers.base import ModelInfo
from ion_core.usage import Price

if TYPE_CHECKING:
    from ion_core.providers.catalogue.listing import Listing

HEAD = ("MODEL", "WINDOW", "OUTPUT", "IN", "OUT", "CACHED", "FEATURES")
LEFT = (0, len(HEAD) - 1)
UNKNOWN = "unknown"
NONE_YET = (
    "No models yet. Log in to a provider (ion login), put a key into the environment, start a "
    "local server, or fetch the embedded model: ion local install"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion models``."""
    parser.add_argument(
        "action", nargs="?", choices=("refresh",), help="fetch a newer catalogue of models"
    )
    parser.add_argument("--provider", default="", metavar="P", help="of one provider")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the models, or refresh what is known of them; the exit code."""
    import asyncio  # start-up: not for --help

    settings, home = load(Path.cwd()).settings, ion_home()
    if options.action == "refresh":
        return _refresh(settings.catalogue.url, home / "cache" / "catalogue", json=options.json)
    models, dated, remark = asyncio.run(_models(settings, home, options.provider))
    print(as_json(models, dated) if options.json else as_table(models))
    if remark:
        print(remark, file=sys.stderr)
    if models and not options.json:
        note = f"Dollars per million tokens. The catalogue is of {dated}: ion models refresh"
        print(note, file=sys.stderr)
    return 0


async def _models(settings: Settings, home: Path, only: str) -> tuple[list[ModelInfo], str, str]:
    """The models, the date of the catalogue, and what must be said about the provider."""
    from ion_core.roster import Roster  # start-up: not for --help

    if only and only not in settings.providers:
        raise ConfigError(f"There is no provider {only!r}. `ion config get providers` lists them.")
    roster = Roster(settings, os.environ, home)
    try:
        models = [info for info in await roster.models() if only in ("", info.provider)]
        if only:
            have = {info.ref for info in models}
            models += [info for info in roster.listed(only) if info.ref not in have]
        return models, roster.dated, _keyless(settings, roster, only) if only else ""
    finally:
        await roster.aclose()


def _keyless(settings: Settings, roster: Any, only: str) -> str:
    variable = settings.providers[only].api_key_env
    if not variable or roster.accounts.has_key(only):
        return ""
    return f"There is no key for {only}. Set {variable} in the environment, or: ion login {only}"


def as_json(models: Sequence[ModelInfo], dated: str) -> str:
    """A list of objects; what is unknown is null. ``dated`` is the day of the catalogue."""
    rows = [
        {
            "model": info.ref,
            "provider": info.provider,
            "name": info.name or None,
            "context_window": info.window or None,
            "max_output": info.max_output or None,
            "vision": info.vision,
            "reasoning": info.reasoning,
            "efforts": list(info.efforts),
            "tool_mode": info.tool_mode,
            "tool_streaming": info.tool_streaming,
            "price": msgspec.to_builtins(info.price),
            "released": info.released or None,
            "deprecated": info.deprecated,
            "successor": info.successor or None,
            "dated": dated or None,
        }
        for info in models
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def as_table(models: Sequence[ModelInfo]) -> str:
    """A line a model: window, most output, prices per million tokens, and what it can do."""
    if not models:
        return NONE_YET
    return aligned(HEAD, [_row(info) for info in models], left=LEFT)


def _row(info: ModelInfo) -> tuple[str, ...]:
    limits = (short(tokens) if tokens else UNKNOWN for tokens in (info.window, info.max_output))
    return (info.ref, *limits, *_prices(info.price), _features(info))


def _prices(price: Price | None) -> tuple[str, str, str]:
    """In, out, and read from a cache; a model without a price for that charges the full one."""
    if price is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    read = price.input if price.cache_read is None else price.cache_read
    return f"${price.input:g}", f"${price.output:g}", f"${read:g}"


def _features(info: ModelInfo) -> str:
    tools = {"native": "tools", "text": "tools as text", "constrained": "tools by schema"}
    words = ["vision"] if info.vision else []
    words += ["thinking"] if info.reasoning else []
    words.append(tools[info.tool_mode] + ("" if info.tool_streaming else ", not streamed"))
    if info.price and info.price.tiers:
        words.append(f"dearer above {short(min(tier.above for tier in info.price.tiers))}")
    if info.deprecated:
        instead = f": use {info.provider}/{info.successor}" if info.successor else ""
        words.append(f"deprecated{instead}")
    return ", ".join(words)


def _refresh(url: str, folder: Path, *, json: bool) -> int:
    import asyncio  # start-up: not for --help

    from ion_core.providers.catalogue.catalogue import Catalogue
    from ion_core.providers.catalogue.refresh import fetch, news, renewed

    today = time.strftime("%Y-%m-%d", time.gmtime())
    pages = renewed(asyncio.run(fetch(url)), today, url)
    brought = news(Catalogue(folder), pages)
    _keep(folder, pages)
    if json:
        counts = {"dated": today, "providers": len(pages), **msgspec.to_builtins(brought)}
        print(msgspec.json.encode(counts).decode())
    else:
        print(
            f"The catalogue is of {today} now. Providers: {len(pages)}, "
            f"new models: {brought.models}, changed prices: {brought.prices}."
        )
    return 0


def _keep(folder: Path, pages: dict[str, Listing]) -> None:
    """Each page at once or not at all; the index, which makes them count, comes last."""
    from ion_core.config.atomic import replace_file
    from ion_core.providers.catalogue.catalogue import INDEX
    from ion_core.providers.catalogue.listing import Index, write_listing

    private_folder(folder)
    for name, page in pages.items():
        replace_file(folder / f"{name}.json", write_listing(page), 0o600)
    page = next(iter(pages.values()))
    index = Index(dated=page.dated, sources=page.sources)
    replace_file(folder / INDEX, msgspec.json.encode(index), 0o600)
