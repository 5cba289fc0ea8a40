"""``ion skills list``: which skills there are here, what is shadowed, and what is broken."""

from __future__ import annotations

import argparse

from ion_core.cli.listing import Row, configure_list, show, slash_here


def configure(parser: argparse.ArgumentParser) -> None:
    """The one word and its option."""
    configure_list(parser, "the skills, those of ion itself too")


def run(options: argparse.Namespace) -> int:
    """Print them; the exit code."""
    rows = [
        Row(
            name=skill.name,
            state="broken" if skill.problem else "shadowed" if skill.shadowed else "on",
            description=skill.description,
            source=str(skill.file),
            problems=tuple(filter(None, (skill.problem, *skill.complaints))),
        )
        for skill in slash_here().skills.skills()
    ]
    return show(rows, as_json=options.json, none="No skills.")
