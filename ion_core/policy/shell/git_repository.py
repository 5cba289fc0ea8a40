"""Whether the configuration of a repository makes git run something (rule C7).

The repository's own file is read, never git asked, since asking is what runs it. Keys that are
known to be harmless are listed; any other asks, and so does whatever hides configuration: included
files, a ``.git`` that points elsewhere, submodules.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.shell.options import names

MOST_BYTES: Final = 256 * 1024
MOST_INDEX_BYTES: Final = 32 * 1024 * 1024

_GITLINK: Final = b"\x00\x00\xe0\x00"  # mode 160000: a nested repository (gitformat-index(5))
_SECTION: Final = re.compile(r'\[([A-Za-z0-9-]+)(?: "((?:[^"\\\n]|\\["\\])*)")?\]')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*(.*))?")

_SECTIONS: Final = frozenset(
    {"user", "author", "committer", "branch", "push", "pull", "fetch", "advice", "color", "gui"}
    | {"init", "rerere", "column", "maintenance"}
)
_KEYS: Final = frozenset(
    {
        f"core.{key}"
        for key in names(
            "repositoryformatversion filemode bare logallrefupdates ignorecase precomposeunicode "
            "symlinks autocrlf eol safecrlf quotepath abbrev compression bigfilethreshold "
            "preloadindex untrackedcache commitgraph sparsecheckout sparsecheckoutcone longpaths "
            "protecthfs protectntfs checkstat trustctime commentchar warnambiguousrefs"
        )
    }
    | {"extensions.objectformat", "extensions.refstorage", "extensions.worktreeconfig"}
    | {f"remote.{key}" for key in names("url fetch pushurl push tagopt prune mirror gh-resolved")}
    | {f"log.{key}" for key in names("date decorate abbrevcommit follow mailmap")}
    | {
        f"diff.{key}"
        for key in names("algorithm renames mnemonicprefix colormoved noprefix context renamelimit")
    }
    | {f"status.{key}" for key in names("short branch showuntrackedfiles showstash")}
    | {"merge.conflictstyle", "merge.ff", "merge.renames", "commit.template", "commit.gpgsign"}
    | {"gc.auto", "gc.autodetach", "pack.threads", "index.version", "index.threads"}
    | {"remote.pushdefault", "checkout.defaultremote", "lfs.repositoryformatversion"}
)


def check_repository(cwd: Path) -> None:
    """Raises ``Unproved`` where git would run, or might run, what a repository names."""
    for folder in (cwd, *cwd.parents):
        if _looks_bare(folder):
            raise Unproved(f"git: {folder} looks like a bare repository.", "shell.git.repository")
        if os.path.lexists(folder / ".git"):
            _check_folder(folder)
            return


def _looks_bare(folder: Path) -> bool:
    return (folder / "HEAD").exists() and any(
        (folder / name).exists() for name in ("objects", "refs", "commondir")
    )


def _check_folder(folder: Path) -> None:
    git = folder / ".git"
    if git.is_symlink() or not git.is_dir():
        raise _doubt(f"{git} points to a repository elsewhere")
    for name in os.listdir(git):
        if name in ("commondir", "modules", "config.worktree") or name.startswith("sharedindex"):
            raise _doubt(f"there is {git / name}")
    if os.path.lexists(folder / ".gitmodules"):
        raise _doubt("there are submodules, whose configuration git obeys as well")
    for section, key in _keys(_text(git / "config")):
        _check_key(section, key)
    _check_index(git / "index")


def _check_key(section: str, key: str) -> None:
    if section in _SECTIONS:
        return
    if f"{section}.{key}" not in _KEYS:
        raise _doubt(f"its configuration sets {section}.{key}")


def _check_index(index: Path) -> None:
    """No nested repository is recorded: git would enter it, and obey it."""
    try:
        if index.stat().st_size > MOST_INDEX_BYTES:
            raise _doubt("its index is too large to look through")
        if _GITLINK in index.read_bytes():
            raise _doubt("a nested repository may be recorded in it")
    except FileNotFoundError:
        return
    except OSError as error:
        raise _doubt(f"its index cannot be read ({error.strerror})") from error


def _text(file: Path) -> str:
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            raise _doubt(f"{file} is no usual file")
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _doubt(f"{file} cannot be read") from error


def _keys(text: str) -> Iterator[tuple[str, str]]:
    """Section and key of each line, in lower case; a section with a name below it is one with
    its keys. Raises ``Unproved`` for what is written unusually."""
    section = ""
    for line in text.split("\n"):
        plain = line.removesuffix("\r").strip(" \t")
        if "\r" in plain:
            raise _doubt("its configuration is written unusually")
        if not plain or plain[0] in "#;":
            continue
        found = _SECTION.fullmatch(plain)
        if found:
            section = _section(found[1].lower(), found[2])
            continue
        key = _KEY.fullmatch(plain)
        if key is None or not section or plain.endswith("\\"):
            raise _doubt("its configuration is written unusually")
        yield section, key[1].lower()


def _section(name: str, below: str | None) -> str:
    """``diff`` and ``merge`` mean drivers, which are programs, when something is below them."""
    return name if below is None or name in ("branch", "remote", "gui") else f"{name}.{below}"


def _doubt(what: str) -> Unproved:
    return Unproved(f"git: {what}; git may run what a repository names.", "shell.git.repository")
