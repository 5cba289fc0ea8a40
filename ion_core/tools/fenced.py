"""What the result of a command says of the sandbox around it.

A program that was refused something says so in words of its own, which do not name the sandbox;
a model would take a bug of the program for it, or try again.
"""

from __future__ import annotations

import os
import re

from msgspec.structs import replace

from ion_core.tools.base import Outcome
from ion_core.tools.process import Child

_REFUSALS = re.compile(
    r"Read-only file system|EROFS|Permission denied|EACCES|Operation not permitted|EPERM"
    r"|Device or resource busy|EBUSY|could not write config file|Network is unreachable"
    r"|[Cc]ould not resolve|Temporary failure in name resolution|Name or service not known"
    r"|getaddrinfo|ENOTFOUND|EAI_AGAIN|Failed to connect|Invalid cross-device link|Bad system call"
)
_UNSEEN = re.compile(r"(/[^\s:'\"]+)['\"]?: No such file or directory")
_MOST = 20_000


def remarks_of(child: Child, output: str, code: int) -> tuple[str, ...]:
    """What the sandbox put right after the command, and what it allows when it seems to have
    refused something."""
    if child.fence is None:
        return ()
    put_right = tuple(f"[sandbox: {remark}]" for remark in child.remarks)
    hint = child.fence.hint
    refused = bool(hint) and (bool(put_right) or (code != 0 and _looks_refused(output[-_MOST:])))
    return (*put_right, *((f"[sandbox: {hint}]",) if refused else ()))


def _looks_refused(output: str) -> bool:
    """Whether the output complains of a refusal, or misses a file that is there."""
    unseen = (found[1] for found in _UNSEEN.finditer(output))
    return bool(_REFUSALS.search(output)) or any(map(os.path.lexists, unseen))


def summary_of(child: Child, outcome: Outcome) -> Outcome:
    """The outcome with a word for people on what holds the command, where that is less than it
    should be."""
    label = child.fence.label if child.fence is not None else ""
    if not label:
        return outcome
    display = replace(outcome.display, summary=f"{outcome.display.summary} · {label}")
    return replace(outcome, display=display)
