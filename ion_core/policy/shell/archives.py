"""Archives whose list of contents is shown: ``tar t``, ``unzip -l``, ``gzip -l``.

Whole forms are compared, since these programs take programs to run in their options, and ``tar``
takes the host in ``host:file``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ion_core.policy.base import Unproved
from ion_core.policy.shell.options import check_value
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.words import Word

IsOption: TypeAlias = Callable[[str], bool]

_TAR: Final = re.compile(r"-?(?=[vzjJ]*t)[tvzjJ]+f")
_UNZIP: Final = frozenset({"-l", "-v", "-Z", "-Z1"})
_GZIP: Final = frozenset({"-l", "-lv", "-t", "-cd", "-dc", "--list", "--test"})


def check_tar(words: Sequence[Word], scene: Scene) -> None:
    """``tar tf FILE`` and nothing else."""
    _check_form("tar", words, scene, lambda option: bool(_TAR.fullmatch(option)))


def check_unzip(words: Sequence[Word], scene: Scene) -> None:
    """``unzip -l FILE`` and nothing else."""
    _check_form("unzip", words, scene, _UNZIP.__contains__)


def check_gzip(words: Sequence[Word], scene: Scene) -> None:
    """``gzip -l FILE`` and its like."""
    _check_form("gzip", words, scene, _GZIP.__contains__)


def _check_form(program: str, words: Sequence[Word], scene: Scene, is_option: IsOption) -> None:
    if len(words) != 2 or not is_option(words[0].raw) or not words[1].is_plain:
        raise Unproved(f"{program}: only a list of contents is harmless.", "shell.archive")
    if words[1].value.startswith("-") or ":" in words[1].value:
        raise Unproved(f"{program}: {words[1].value[:60]} is in doubt.", "shell.archive")
    check_value("read", words[1], scene, program)
