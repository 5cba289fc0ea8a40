"""What ``rg``, ``fd`` and ``find`` may be given (rule C6).

All three can run programs, and find can write and delete; the options and predicates named here
cannot. What ``find -exec`` runs must be harmless with any name of the workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.secrets import aims_at_secrets, may_be_secret
from ion_core.policy.shell.options import Kind, Shape, check, check_value, names
from ion_core.policy.shell.programs import check_program
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.tables import READING
from ion_core.policy.shell.words import Word

RG: Final = Shape(
    "-a -c -F -h -H -i -I -l -n -N -o -p -P -q -s -S -u -U -v -V -w -x -0 -. -A=number -B=number "
    "-C=number -d=number -e=word -f=read -g=glob -j=number -m=number -M=number -r=word -t=name "
    "-T=name --after-context=number --before-context=number --context=number "
    "--context-separator=word "
    "--binary --block-buffered --byte-offset --case-sensitive --color=name --colors=word --column "
    "--count --count-matches --crlf --debug --encoding=charset --engine=name "
    "--field-context-separator=word "
    "--field-match-separator=word --file=read --files --files-with-matches --files-without-match "
    "--fixed-strings --glob=glob --glob-case-insensitive --heading --hidden --iglob=glob "
    "--ignore-case --include-zero --invert-match --json --line-buffered --line-number "
    "--line-regexp --max-columns=number --max-columns-preview --max-count=number "
    "--max-depth=number --max-filesize=number --mmap --multiline --multiline-dotall --no-column "
    "--no-config --no-filename --no-heading --no-ignore --no-ignore-dot --no-ignore-exclude "
    "--no-ignore-files --no-ignore-global --no-ignore-messages --no-ignore-parent --no-ignore-vcs "
    "--no-line-number --no-messages --no-mmap --no-require-git --no-unicode --null --null-data "
    "--one-file-system --only-matching --passthru --path-separator=word --pcre2 --pretty --quiet "
    "--regexp=word --replace=word --smart-case --sort=name --sortr=name --stats --stop-on-nonmatch "
    "--text --threads=number --trim --type=name --type-list --type-not=name --unrestricted "
    "--version --help --vimgrep --with-filename --word-regexp",
    first="word",
    unless="-e -f --regexp --file --files --type-list",
)

FD: Final = Shape(
    "-0 -1 -a -F -g -H -i -I -p -q -s -u -V -d=number -e=word -E=word -j=number -S=word -t=name "
    "--absolute-path --and=word --case-sensitive --changed-before=word --changed-within=word "
    "--color=name --exact-depth=number --exclude=word --extension=word --fixed-strings "
    "--full-path --glob --hidden --ignore-case --max-depth=number --max-results=number "
    "--min-depth=number --no-ignore --no-ignore-parent --no-ignore-vcs --one-file-system "
    "--print0 --prune --quiet --regex --show-errors --size=word --strip-cwd-prefix "
    "--threads=number "
    "--type=name --unrestricted --version --help",
    first="script",
)

_ALONE: Final = names(
    "-a -and -o -or -not ! ( ) , -true -false -empty -print -print0 -ls -prune -quit -depth "
    "-daystart -mount -xdev -noleaf -nouser -nogroup -readable -writable -executable -warn -nowarn "
    "-ignore_readdir_race -noignore_readdir_race"
)
_VALUED: Final[dict[str, Kind]] = {
    **dict.fromkeys(
        names(
            "-name -iname -path -ipath -wholename -iwholename -lname -ilname -regex -iregex -perm "
            "-printf -newermt -newerat -newerct -newerBt"
        ),
        "script",
    ),
    **dict.fromkeys(names("-type -xtype -regextype -user -group -fstype"), "script"),
    **dict.fromkeys(names("-newer -anewer -cnewer -samefile"), "read"),
    **dict.fromkeys(
        names(
            "-maxdepth -mindepth -size -mtime -mmin -atime -amin -ctime -cmin -links -inum "
            "-uid -gid -used"
        ),
        "number",
    ),
}


_NAMES: Final = names("-name -iname -path -ipath -wholename -iwholename -regex -iregex")
_LINKS: Final = names("-lname -ilname -samefile")
_HERE: Final = Word(".", ".")


def check_find(words: Sequence[Word], scene: Scene) -> None:
    """Places first, then predicates, each of which only looks. Raises ``Unproved``."""
    rest = list(words)[::-1]
    while rest and rest[-1].value in ("-H", "-P"):
        rest.pop()
    while rest and not _is_expression(rest[-1], scene):
        _check_place(rest.pop(), scene)
    runs = any(word.raw == "-exec" for word in rest)
    while rest:
        if runs:
            _check_found(rest[-1], rest[-2:-1])
        _predicate(rest, scene)


def _check_found(test: Word, value: Sequence[Word]) -> None:
    """Raises ``Unproved`` for a test that finds what is not to be read: by names of secrets, or
    links, which may lead anywhere."""
    found = value[0].value if value else ""
    if test.value in _LINKS or (test.value in ("-type", "-xtype") and "l" in found):
        raise Unproved("find: -exec would read what links lead to.", "shell.path")
    if test.value in ("-regex", "-iregex"):
        found = found.replace("\\.", ".").replace(".*", "*")
    hidden = may_be_secret(tuple(found.split("/"))) or aims_at_secrets(found.casefold())
    if test.value in _NAMES and hidden:
        raise Unproved(f"find: {found} finds keys and passwords.", "shell.secret")


def _is_expression(word: Word, scene: Scene) -> bool:
    return scene.value(word)[:1] in ("-", "(", "!", ",", ")")


def _check_place(word: Word, scene: Scene) -> None:
    if word.variable or (word.is_glob and not word.has_safe_start):
        raise Unproved(
            f"find: {word.raw} may become a predicate; write ./ before it.", "shell.glob"
        )
    scene.check_readable(word)


def _check_run(rest: list[Word], scene: Scene) -> None:
    """What follows ``-exec``: a program of which no option does harm, and names alone as ``{}``."""
    words: list[Word] = []
    while rest and not (rest[-1].is_plain and rest[-1].value == ";"):
        words.append(rest.pop())
        if not words[-1].is_plain:
            raise Unproved("find: what -exec runs is in doubt.", "shell.glob")
        if [word.value for word in words[-2:]] == ["{}", "+"]:
            words.pop()
            break
    else:
        if not rest:
            raise Unproved("find: -exec has no end.", "shell.option")
        rest.pop()
    name = words[0].raw if words else ""
    shape = READING.get(name)
    if shape is None or not shape.inert:
        raise Unproved(f"find: -exec {name[:60]} is not known to be harmless.", "shell.option")
    if any("{}" in word.value and word.raw != "{}" for word in words):
        raise Unproved("find: a name is only a part of a word.", "shell.option")
    check(name, shape, [_HERE if word.raw == "{}" else word for word in words[1:]], scene)
    check_program(name)


def _predicate(rest: list[Word], scene: Scene) -> None:
    word = rest.pop()
    if word.is_plain and word.value in _ALONE:
        return
    if word.raw == "-exec":
        _check_run(rest, scene)
        return
    kind = _VALUED.get(word.value) if word.is_plain else None
    if kind is None or not rest:
        raise Unproved(f"find: {word.raw[:60]} is not known to be harmless.", "shell.option")
    value = rest.pop()
    if value.is_glob:
        raise Unproved(f"find: {value.raw} is a glob that the shell expands.", "shell.glob")
    check_value(kind, value, scene, "find")
