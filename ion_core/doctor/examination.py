"""Everything that the doctor looks at, in the order in which it is told.

A check that fails itself is a finding too: whoever calls a doctor wants an answer.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from ion_core.config.load import load
from ion_core.config.paths import ion_home
from ion_core.config.schema import Settings
from ion_core.doctor.base import Check, Examine, Patient
from ion_core.doctor.clock import clock
from ion_core.doctor.configuration import configuration
from ion_core.doctor.database import database
from ion_core.doctor.disk import disk, privacy
from ion_core.doctor.keys import keys
from ion_core.doctor.programs import programs
from ion_core.doctor.protection import protection
from ion_core.doctor.servers import servers
from ion_core.doctor.terminal import terminal
from ion_core.doctor.trusting import trust
from ion_core.errors import IonError

EXAMINATIONS: Final[tuple[Examine, ...]] = (
    terminal,
    configuration,
    keys,
    servers,
    protection,
    trust,
    database,
    disk,
    privacy,
    programs,
    clock,
)
_SLOW: Final = frozenset({terminal, protection, database, programs})
"""Those that start programs or read much: they run beside the others."""


def examine(cwd: Path, env: Mapping[str, str]) -> list[Check]:
    """Look at everything. Blocking, for about a second at most; never raises ``IonError``."""
    patient = _patient(cwd, env)
    before = _guarded(privacy, patient)  # reading the logins mends their permissions
    with ThreadPoolExecutor(len(_SLOW)) as pool:
        slow = {each: pool.submit(_guarded, each, patient) for each in _SLOW}
        found = {each: _guarded(each, patient) for each in EXAMINATIONS if each not in _SLOW}
        found |= {each: looked.result() for each, looked in slow.items()}
    found[privacy] = before
    return [found[each] for each in EXAMINATIONS]


def is_well(checks: Sequence[Check]) -> bool:
    """Whether nothing is broken."""
    return all(check.status != "fail" for check in checks)


def _patient(cwd: Path, env: Mapping[str, str]) -> Patient:
    home = ion_home(env)
    is_terminal = any(stream and stream.isatty() for stream in (sys.__stdout__, sys.__stderr__))
    size = shutil.get_terminal_size((80, 24)) if is_terminal else os.terminal_size((0, 0))
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    try:
        loaded = load(cwd, env=env)
    except (IonError, OSError) as error:
        return Patient(
            cwd=cwd,
            home=home,
            env=env,
            settings=_plain(),
            trouble=str(error) or type(error).__name__,
            columns=size.columns,
            lines=size.lines,
            encoding=encoding,
        )
    return Patient(
        cwd=cwd,
        home=home,
        env=env,
        settings=loaded.settings,
        warnings=loaded.warnings,
        files=loaded.files,
        columns=size.columns,
        lines=size.lines,
        encoding=encoding,
    )


def _plain() -> Settings:
    """The settings as ion comes, where the person's cannot be read."""
    from ion_core.config.join import join  # start-up: pydantic, which good settings need not

    return join((), {}, {})


def _guarded(examination: Examine, patient: Patient) -> Check:
    try:
        return examination(patient)
    except Exception as error:  # whatever is wrong with the machine is what is asked for
        return Check(
            name=getattr(examination, "__name__", "check"),
            status="fail",
            detail=f"It could not be looked at: {type(error).__name__}: {error}",
            fix="Please report this with the whole output of ion doctor --json.",
        )
