"""A command line as pipelines of simple commands, or nothing (rule C2).

tree-sitter-bash says what the parts are, and every byte must be accounted for: a part of a kind
that is not named here, a byte between parts that is no blank, or a word that ``words`` reads
otherwise ends the attempt. The parser is imported at the first command only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from ion_core.policy.base import Unproved
from ion_core.policy.shell.gate import check_text
from ion_core.policy.shell.words import Loops, Word, split

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MOST_COMMANDS: Final = 50

_WORDS: Final = frozenset(
    {"word", "number", "string", "raw_string", "concatenation", "simple_expansion"}
)
_INSIDE: Final = frozenset({"string_content", "variable_name", "special_variable_name"})
_JOINTS: Final = frozenset({"&&", "||", ";", "\n"})
_NESTED: Final = frozenset(
    {"if_statement", "elif_clause", "else_clause", "compound_statement", "negated_command"}
)
_KEYWORDS: Final = frozenset({"if", "then", "elif", "else", "fi", "{", "}", "!", "do", "done"})
_LOOP_NAME: Final = re.compile(r"(?!auto_resume|histchars|\w*proxy)[a-z][a-z0-9_]*")
_OUT: Final = frozenset({">", ">>", "&>", "&>>"})


class Command(NamedTuple):
    """A simple command: assignments before it, its words, and files it reads as its input."""

    words: tuple[Word, ...]
    assignments: tuple[Word, ...] = ()
    inputs: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """The command as one line, unquoted: what patterns of rules are matched with."""
        return " ".join(word.value if word.is_plain else word.raw for word in self.words)

    @property
    def written(self) -> str:
        """The same with its quotes."""
        return " ".join(word.raw for word in self.words)


class Pipeline(NamedTuple):
    """Commands whose output is the next one's input."""

    commands: tuple[Command, ...]


_NOTHING: Final = Pipeline((Command((Word("true", "true"),)),))


def parse(text: str) -> list[Pipeline]:
    """The pipelines of a command line, in order. Raises ``Unproved`` for anything unusual."""
    check_text(text)
    source = text.encode()
    root = _parser().parse(source).root_node
    if root.has_error:
        raise Unproved("This is not understood as a shell command.", "shell.syntax")
    pipelines = list(islice(_Reading(source).program(root), MOST_COMMANDS + 1))
    count = sum(len(pipeline.commands) for pipeline in pipelines)
    if not count:
        raise Unproved("There is no command.", "shell.empty")
    if count > MOST_COMMANDS:
        raise Unproved(f"There are more than {MOST_COMMANDS} commands.", "shell.length")
    return pipelines


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash  # start-up: 2 ms and 4 MB that only a shell command needs
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


class _Reading:
    """Walks the tree of one source."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._loops: Loops = {}

    def program(self, root: Node) -> Iterator[Pipeline]:
        self._blank(0, root.start_byte, b" \t\n")
        self._blank(root.end_byte, len(self._source), b" \t\n")
        yield from self._sequence(root)

    def _sequence(self, node: Node) -> Iterator[Pipeline]:
        """Statements one after another: a program, a list, or all branches of a condition, of
        which those that run are some. In these no ``cd`` counts, since other commands precede."""
        for child in self._children(node, b" \t\n"):
            match child.type:
                case kind if kind in _JOINTS or kind in _KEYWORDS:
                    continue
                case kind if kind in _NESTED:
                    yield _NOTHING
                    yield from self._sequence(child)
                case "for_statement":
                    yield from self._loop(child)
                case "comment":
                    self._comment(child)
                case "list":
                    yield from self._sequence(child)
                case "redirected_statement":
                    yield from self._redirected(child)
                case "pipeline":
                    yield from self._pipelines(child)
                case _:
                    yield Pipeline((self._command(child),))

    def _loop(self, node: Node) -> Iterator[Pipeline]:
        """What ``for`` does: the body for each word, and with a glob for whatever it matches."""
        _, name, within, *values = self._children(node, b" \t\n")
        body, named = values.pop(), self._text(name)
        while values and values[-1].type in (";", "\n"):
            values.pop()
        if within.type != "in" or body.type != "do_group" or not _LOOP_NAME.fullmatch(named):
            raise _unknown("for statement")
        if named in self._loops:  # bash keeps what the inner one leaves
            raise Unproved("Two loops, one in the other, have the same variable.", "shell.syntax")
        words = [self._value(value) for value in values]
        yield _NOTHING
        if words:
            yield Pipeline((Command((Word("echo", "echo"), *words)),))
        outer = self._loops
        for word in words:
            self._loops = {**outer, named: word}
            yield from self._sequence(body)
        self._loops = outer

    def _value(self, node: Node) -> Word:
        self._check_word(node)
        word, *more = split(self._text(node), self._loops)
        if more or word.variable:
            raise _unknown("for statement")
        return word

    def _redirected(self, node: Node) -> Iterator[Pipeline]:
        body, redirects = self._parts(node)
        inputs = self._inputs(redirects)
        if body.type not in ("list", "pipeline"):
            command = self._command(body)
            yield Pipeline((command._replace(inputs=command.inputs + inputs),))
            return
        if inputs:
            raise Unproved("A redirection belongs to several commands.", "shell.redirect")
        yield from self._sequence(body) if body.type == "list" else self._pipelines(body)

    def _pipelines(self, node: Node) -> Iterator[Pipeline]:
        """A pipeline. Of ``a && b 2>&1 | c`` the grammar has it that ``a`` is piped too; bash
        takes ``b`` alone, and so it is here."""
        first, *rest = [child for child in self._children(node, b" \t\n") if child.type != "|"]
        *before, last = self._sequence_of(first)
        yield from before
        yield Pipeline(last.commands + tuple(self._command(child) for child in rest))

    def _sequence_of(self, node: Node) -> list[Pipeline]:
        if node.type == "redirected_statement":
            return list(self._redirected(node))
        return [Pipeline((self._command(node),))]

    def _command(self, node: Node) -> Command:
        match node.type:
            case "redirected_statement":
                body, redirects = self._parts(node)
                command = self._command(body)
                return command._replace(inputs=command.inputs + self._inputs(redirects))
            case "test_command":
                return Command(tuple(_test_words(self._text(node), self._loops)))
            case "command":
                return self._simple(node)
            case kind:
                raise _unknown(kind)

    def _simple(self, node: Node) -> Command:
        parts = list(self._children(node, b" \t"))
        words = split(self._text(node), self._loops)
        if [word.raw for word in words] != [self._text(part) for part in parts]:
            raise Unproved("The words of a command are in doubt.", "shell.syntax")
        kinds = [part.type for part in parts]
        named = kinds.index("command_name") if "command_name" in kinds else 0
        if any(kind != "variable_assignment" for kind in kinds[:named]):
            raise _unknown(kinds[0])
        for part in parts[named:]:
            self._check_word(part.children[0] if part.type == "command_name" else part)
        return Command(tuple(words[named:]), tuple(words[:named]))

    def _check_word(self, node: Node) -> None:
        if node.type not in _WORDS:
            raise _unknown(node.type)
        for child in node.named_children:
            if child.type not in _INSIDE:
                self._check_word(child)

    def _parts(self, node: Node) -> tuple[Node, list[Node]]:
        body, *redirects = self._children(node, b" \t")
        return body, redirects

    def _inputs(self, redirects: list[Node]) -> tuple[Word, ...]:
        """The files that redirections read. Raises where one writes anything but nowhere."""
        inputs = []
        for node in redirects:
            pieces = [] if node.type != "file_redirect" else list(self._children(node, b" \t"))
            descriptor = self._text(pieces.pop(0)) if _has_descriptor(pieces) else ""
            if len(pieces) != 2 or descriptor not in ("", "0", "1", "2"):
                raise Unproved("A redirection is not understood.", "shell.redirect")
            operator, target = pieces[0].type, self._text(pieces[1])
            if operator == "<" and descriptor in ("", "0"):
                inputs.append(split(target, self._loops)[0])
            elif not _goes_nowhere(operator, target):
                raise Unproved(f"Output is redirected to {target[:60]}.", "shell.redirect")
        return tuple(inputs)

    def _comment(self, node: Node) -> None:
        before = self._source[node.start_byte - 1 : node.start_byte] if node.start_byte else b" "
        if before not in b" \t\n;":
            raise _unknown("comment")

    def _children(self, node: Node, blanks: bytes) -> Iterator[Node]:
        """The children of a node, between which there are blanks and nothing else."""
        at = node.start_byte
        for child in node.children:
            self._blank(at, child.start_byte, blanks)
            yield child
            at = child.end_byte
        self._blank(at, node.end_byte, blanks)

    def _blank(self, start: int, end: int, blanks: bytes) -> None:
        if self._source[start:end].strip(blanks):
            raise Unproved("A part of the command is in doubt.", "shell.syntax")

    def _text(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode()


def _test_words(text: str, loops: Loops) -> list[Word]:
    """``[ … ]``; not ``[[ … ]]``, whose words may be run."""
    words = split(text, loops)
    if words[0].raw != "[" or words[-1].raw != "]":
        raise _unknown("test_command")
    return words


def _has_descriptor(pieces: list[Node]) -> bool:
    return bool(pieces) and pieces[0].type == "file_descriptor"


def _goes_nowhere(operator: str, target: str) -> bool:
    if operator == ">&":
        return target in ("0", "1", "2")
    return operator in _OUT and target == "/dev/null"


def _unknown(kind: str) -> Unproved:
    return Unproved(f"The command uses {kind.replace('_', ' ')}.", "shell.syntax")
