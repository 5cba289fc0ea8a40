"""Programs of ``awk`` and ``jq`` that only print (rule C6).

They are searched for words, not parsed: a word that could do harm refuses the program even where
it stands in a string, since awks disagree on where strings and patterns end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.shell.options import Shape, check, check_value, read
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.tables import READING
from ion_core.policy.shell.words import Word

AWK: Final = Shape("-F=word -v=word --version", posix=True)
_AWK_HARM: Final = re.compile(
    r"system|getline|ENVIRON|ARGV|ARGC|PROCINFO|SYMTAB|FUNCTAB|extension\s*\("
    r"|@|\\\n|/inet"
)
_PRINTS: Final = re.compile(r"print")
_STRING: Final = re.compile(r'"([^"\\\n]|\\.)*"')
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=[^/]*")
_JQ_HARM: Final = re.compile(r"\benv\b|\$ENV|input_filename|\bimport\b|\binclude\b|modulemeta|\$__")


def check_awk(words: Sequence[Word], scene: Scene) -> None:
    """Raises ``Unproved`` unless the program only prints to its output."""
    given = read("awk", AWK, words, scene)
    if given.has("--version"):
        return
    if not given.operands:
        raise Unproved("awk: there is no program.", "shell.awk")
    program, *files = given.operands
    check_value("script", program, scene, "awk")
    _check_program(program.value)
    for word in files:
        if not _ASSIGNMENT.fullmatch(word.value) or word.is_glob:
            scene.check_readable(word)
        if word.is_glob and not word.has_safe_start:
            raise Unproved(f"awk: {word.raw} may become an option.", "shell.glob")


def _check_program(text: str) -> None:
    harm = _AWK_HARM.search(text)
    if harm or not all(c.isprintable() or c in "\n\t" for c in text):
        word = harm.group() if harm else "an invisible character"
        raise Unproved(f"awk: {word!r} in the program may do more than print.", "shell.awk")
    if "/" not in text and "#" not in text:  # no pattern or comment can hide a quote
        text = _STRING.sub("", text)
    printing = _PRINTS.search(text)
    after = text[printing.start() :].replace("||", "") if printing else ""
    if ">" in after or "|" in after:
        raise Unproved("awk: the output of print may go to a file or a program.", "shell.awk")


def check_jq(words: Sequence[Word], scene: Scene) -> None:
    """Raises ``Unproved`` unless the filter only reckons with its input."""
    given = check("jq", READING["jq"], words, scene)
    for word in given.operands[:1]:
        harm = _JQ_HARM.search(word.value)
        if harm:
            raise Unproved(f"jq: {harm.group()!r} reads more than the input.", "shell.jq")
