"""What ``ion doctor`` finds, on a sheet of the app: each check, and below it how it is mended.

Choosing a row copies it: a fix is most often a command.
"""

from __future__ import annotations

import asyncio
import os
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_tui import acts, choosing
from ion_tui.offer import Fixed
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.doctor.base import Check
    from ion_tui.screens.main import MainScreen

_EDGE = 8
"""Cells of a row that are not text: margins, mark and the gap between the columns."""


async def show(screen: MainScreen) -> None:
    """Look at everything, then the sheet."""
    from ion_core.cli.doctor import verdict  # start-up: few look
    from ion_core.doctor.examination import examine

    checks = await asyncio.to_thread(examine, screen.ion.folder, os.environ)
    rows = rows_of(checks, screen.regions.chat().width)
    choice = await choosing.pick(screen, Fixed("Doctor", rows, note=verdict(checks)))
    if choice is not None:
        acts.copy(screen, str(choice.value))


def rows_of(checks: Sequence[Check], width: int) -> list[Choice]:
    """Rows that fit into ``width`` cells."""
    column = max(len(check.name) for check in checks)
    return [row for check in checks for row in _rows(check, max(20, width - column - _EDGE))]


def _rows(check: Check, width: int) -> list[Choice]:
    from ion_core.cli.doctor import MARKS  # start-up: as above

    told = textwrap.wrap(one_line(check.detail), width, break_on_hyphens=False)
    mend = textwrap.wrap(f"→ {one_line(check.fix)}" if check.fix else "", width)
    heads = [check.name, *[""] * (len(told) - 1)]
    rows = [
        Choice(value=check.detail, name=head, detail=line, mark=MARKS[check.status] if head else "")
        for head, line in zip(heads, told, strict=True)
    ]
    return rows + [Choice(value=check.fix, name="", detail=line) for line in mend]
