"""What this machine offers, found out by trying, never by version.

Everything is tried as it will be used: bubblewrap with the mounts and the filter of a real child,
Landlock and seccomp on a thread that ends at once. It takes a few milliseconds and blocks.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable

from ion_core.sandbox import landlock, seccomp
from ion_core.sandbox.base import LEAST_LANDLOCK, Bounds, Means
from ion_core.sandbox.bwrap import CANDIDATES, Masks, arguments, version_of
from ion_core.sandbox.opening import Opening
from ion_core.sandbox.places import Surveyor

SEATBELT = "/usr/bin/sandbox-exec"
_TRIAL_S = 10
_SOME_PROCESSES = 512
_ROOT = (0, 65534)  # the second is what a user namespace shows of an owner it does not know


def probe(masks: Masks) -> Means:
    """The means of this machine. ``masks`` exist."""
    if sys.platform == "darwin":
        return _seatbelt()
    if not sys.platform.startswith("linux"):
        return Means(missing=(f"There is no sandbox for {sys.platform} yet.",))
    filtered, no_filter = _tried(lambda: seccomp.confine_calls(seccomp.Filter()))
    known, no_landlock = _landlock()
    missing = [why for why in (no_filter and f"seccomp: {no_filter}", no_landlock) if why]
    program, version = _bubblewrap()
    if not program:
        where = " or ".join(CANDIDATES[:2])
        missing.append(f"bubblewrap is not installed ({where}). Install the package bubblewrap.")
    scoped = False
    if program and filtered:
        works, scoped, why = _works(program, masks, known)
        if not works:
            missing.append(f"bubblewrap cannot be used here: {why}")
            program = ""
    return Means(
        bubblewrap=program,
        version=version if program else "",
        landlock=known,
        seccomp=filtered,
        scoped=scoped,
        missing=tuple(missing),
    )


def _landlock() -> tuple[int, str]:
    known = landlock.version()
    if known == 0:
        return 0, "Landlock is not in this kernel, or switched off."
    works, why = _tried(lambda: landlock.confine_files(("/usr",), (), online=False))
    if not works:
        return 0, f"Landlock: {why}"
    if known < LEAST_LANDLOCK:
        return known, f"Landlock here is version {known}; {LEAST_LANDLOCK} is needed (Linux 6.2)."
    return known, ""


def _bubblewrap() -> tuple[str, str]:
    """The program and its version; empty where none is that belongs to root alone."""
    for path in CANDIDATES:
        try:
            status = os.stat(path)
        except OSError:
            continue
        if status.st_uid in _ROOT and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            said = _output([path, "--version"])
            return path, version_of(said.splitlines())
    return "", ""


def _works(program: str, masks: Masks, known: int) -> tuple[bool, bool, str]:
    """Whether a child starts, whether it does so inside a Landlock domain, and why not."""
    why = ""

    def start() -> None:
        nonlocal why
        why = _start(program, masks)

    if known:
        entered, _ = _tried(lambda: landlock.confine_scope(online=False), then=start)
        if entered and not why:
            return True, True, ""
    start()
    return not why, False, why


def _start(program: str, masks: Masks) -> str:
    bounds = Bounds(profile="read", root="/usr", home="/nonexistent", own=masks.folder)
    words = arguments(bounds, Surveyor().places(bounds), masks)
    most = 0 if os.stat(program).st_mode & stat.S_ISUID else _SOME_PROCESSES
    opening = Opening(lambda: words, seccomp.program(seccomp.Filter()), most)
    try:
        return _failure([program, *opening.front, "--", "/usr/bin/true"], opening)
    finally:
        opening.close()


def _seatbelt() -> Means:
    why = _failure([SEATBELT, "-p", "(version 1)(allow default)", "/usr/bin/true"])
    if why:
        return Means(missing=(f"sandbox-exec cannot be used here: {why}",))
    return Means(seatbelt=SEATBELT)


def _tried(act: Callable[[], None], then: Callable[[], None] | None = None) -> tuple[bool, str]:
    """Whether ``act`` works on a thread of its own, and why not; ``then`` follows on it."""
    failures: list[str] = []

    def run() -> None:
        try:
            act()
        except (OSError, KeyError, AttributeError) as error:
            failures.append(str(error))
        else:
            if then is not None:
                then()

    thread = threading.Thread(target=run, name="ion-probe")
    thread.start()
    thread.join()
    return not failures, "".join(failures)


def _failure(argv: list[str], opening: Opening | None = None) -> str:
    """Why a command failed, in its own words; empty when it did not."""
    try:
        with subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=() if opening is None else opening.descriptors,
        ) as trial:
            try:
                if opening is not None:
                    opening.release()
                output, _ = trial.communicate(timeout=_TRIAL_S)
            except BaseException:
                trial.kill()
                raise
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    said = output.decode("utf-8", "replace").strip()
    return (said or f"exit code {trial.returncode}") if trial.returncode else ""


def _output(argv: list[str]) -> str:
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TRIAL_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")
