"""``ion commands list``: which commands of one's own there are here."""

from __future__ import annotations

import argparse

from ion_core.cli.listing import Row, configure_list, show, slash_here


def configure(parser: argparse.ArgumentParser) -> None:
    """The one word and its option."""
    configure_list(parser, "the commands of your own, as they are called by /NAME")


def run(options: argparse.Namespace) -> int:
    """Print them; the exit code."""
    rows = [
        Row(
            name=command.name,
            state="broken" if command.problem else "shadowed" if command.shadowed else "on",
            description=command.description,
            source=str(command.file),
            problems=(command.problem,) if command.problem else (),
        )
        for command in slash_here().commands.commands()
    ]
    none = "No commands of your own. Put a prompt into .ion/commands/NAME.md to have one."
    return show(rows, as_json=options.json, none=none)
