"""What may be done with a path: allow, ask or deny, and why.

The workspace resolves the path as the kernel would; here it is decided what is worth asking about:
reading outside the workspace, and reading names that usually hold keys.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from ion_core.policy.base import Judgement, allow, ask, deny
from ion_core.policy.secrets import is_secret, may_be_secret
from ion_core.tools.paths import Operation, PathMissing, PathOutside, PathRefused, Workspace
from ion_core.tools.protected import guards_write, is_kernel_path

Deed: TypeAlias = Literal["read", "list", "write", "create", "delete", "rename", "symlink"]
DEEDS: Final[tuple[Deed, ...]] = get_args(Deed)
READING: Final[frozenset[Deed]] = frozenset({"read", "list"})

_OPERATIONS: Final[dict[Deed, Operation]] = {"read": "read", "list": "list"}


def judge_path(path: str, deed: Deed, workspace: Workspace) -> Judgement:
    """The decision about ``path``, as file tools would be given it; never raises."""
    try:
        return _judged(path, deed, workspace)
    except PathOutside as error:
        return _outside(error, deed)
    except PathMissing as error:
        return deny(str(error), "path.missing")
    except PathRefused as error:
        return deny(str(error), "path.refused")
    except Exception as error:  # whatever was not thought of is not harmless
        return deny(f"The path could not be judged ({type(error).__name__}).", "path.error")


def _judged(path: str, deed: Deed, workspace: Workspace) -> Judgement:
    if deed == "delete":
        return _delete(path, workspace)
    real = workspace.resolve(path, _OPERATIONS.get(deed, "write"))
    names = workspace.shown(real).split("/")
    if deed in READING and may_be_secret(tuple(names)):
        return ask(f"{path} usually holds keys or passwords.", "path.secret")
    return allow(f"{real} is inside the workspace.", "path.inside")


def _delete(path: str, workspace: Workspace) -> Judgement:
    """The name itself is taken away, never what a link leads to."""
    folder, _, name = path.rpartition("/")
    if name in ("", ".", ".."):
        return deny(f"{path} does not name a file.", "path.refused")
    above = workspace.resolve(folder or ("/" if path.startswith("/") else "."), "list")
    target = above / name
    if not os.path.lexists(target):
        return deny(f"{path} does not exist.", "path.missing")
    if not above.is_relative_to(workspace.root):
        return deny(f"{path} is outside the workspace.", "path.outside")
    guard = guards_write((*above.relative_to(workspace.root).parts, name))
    if guard:
        return deny(f"{path} may not be deleted: {guard}", "path.protected")
    return allow(f"{target} is inside the workspace.", "path.inside")


def _outside(error: PathOutside, deed: Deed) -> Judgement:
    """Reading a usual file outside asks; everything else there is denied."""
    real = error.real
    if deed not in READING:
        return deny(str(error), "path.outside")
    if is_secret(real.parts):
        return deny(f"{real} is a place of keys and passwords.", "path.secret")
    if is_kernel_path(f"{real}/") or not _is_usual(real, deed):
        return deny(f"{real} is no file that can be read.", "path.refused")
    return ask(str(error), "path.outside")


def _is_usual(real: Path, deed: Deed) -> bool:
    try:
        mode = real.stat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) or (stat.S_ISREG(mode) and deed == "read")
