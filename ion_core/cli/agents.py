"""``ion agents list``: which kinds of agents there are here."""

from __future__ import annotations

import argparse
from pathlib import Path

from ion_core.cli.listing import Row, configure_list, extensions_here, show
from ion_core.config.load import load


def configure(parser: argparse.ArgumentParser) -> None:
    """The one word and its option."""
    configure_list(parser, "the kinds of agents, ion's own too")


def run(options: argparse.Namespace) -> int:
    """Print them; the exit code."""
    shelf = extensions_here().agents(Path.cwd(), load(Path.cwd()).trusted)
    rows = [
        Row(
            name=one.name,
            state="broken" if one.problem else "shadowed" if one.shadowed else "on",
            description=one.description,
            source=one.source or "ion",
            problems=tuple(filter(None, (one.problem, *one.complaints))),
        )
        for one in shelf.profiles()
    ]
    return show(rows, as_json=options.json, none="No agents.")
