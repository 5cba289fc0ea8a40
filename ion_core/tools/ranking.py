"""Which tools a few plain words mean: names, descriptions and parameters, weighed by how rare a
word is among all of them.

The weights are BM25's (Robertson and Zaragoza, 2009) over short texts, without its length norm for
names. It takes about 10 ms for 300 tools.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from ion_core.tools.base import Tool
from ion_core.tools.guests import said_schema

_LITTLE: Final = (
    "an and any as at be but by do for from get has have how in is it let me my no not of on or "
    "our out so some than that the their them then there these this to up use was we what when "
    "which who with you your after they where all are can need want into using via tool"
)
_SMALL: Final = frozenset(_LITTLE.split())

_ALIKE_ROWS: Final = (
    ("internet online google documentation docs lookup search", "web search find"),
    ("news latest recent current version", "web search"),
    ("read content text", "web fetch snapshot"),
    ("browse website site link curl http https page", "web fetch url page browser navigate"),
    ("download wget open visit content", "fetch url navigate"),
    ("go goto visit load surf", "navigate url"),
    ("user human clarify confirm prompt choose", "ask person"),
    ("prefer preference decide choice approval", "ask person"),
    ("kill terminate proces server daemon", "job stop"),
    ("task log logs stdin stdout poll shell", "job output console messages"),
    ("present implement leave finish ready", "exit plan"),
    ("picture photo image screen capture snap", "screenshot image snapshot"),
    ("button tap push link", "click press"),
    ("keyboard shortcut enter hit", "press key"),
    ("write enter input field box form", "type fill form text"),
    ("pick choose dropdown combobox menu", "select option"),
    ("attach send upload", "upload file"),
    ("popup alert confirm prompt modal", "dialog"),
    ("javascript js script code eval execute", "evaluate code run"),
    ("error errors warning warnings log logs", "console messages"),
    ("api ajax xhr traffic request fetch http", "network request"),
    ("size viewport dimension bigger smaller mobile", "resize window width height"),
    ("previous return history undo backward", "back"),
    ("wait pause until sleep delay", "wait time"),
    ("pause mouse cursor pointer over tooltip", "hover"),
    ("move drop", "drag drop"),
    ("window windows switch", "tab tabs"),
    ("accessibility tree structure dom html layout", "snapshot"),
    ("add addition plus total calculate arithmetic number", "sum numbers"),
    ("repeat back say same", "echo message"),
    ("env environment variable setting", "env environment variables"),
    ("compress zip archive pack", "gzip compress"),
    ("slow long background progress", "long running operation progress"),
    ("json schema weather structured", "structured content"),
    ("delete remove erase unlink", "delete remove"),
    ("make new", "create"),
    ("change modify update rename", "edit update move"),
    ("folder directory dir ls", "list directory"),
    ("commit branch diff history blame", "git"),
    ("hour date clock today now timezone", "time convert"),
    ("dark light theme print", "media color scheme"),
    ("research investigate", "research query"),
    ("locate grep text match", "find search"),
)
"""What people and models say, and what tools are called."""

_ABBREVIATED: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME, _TITLE, _ABOUT, _FIELD, _SERVER = 3.0, 2.0, 1.0, 0.6, 0.8
_ALIKE: Final = 0.45
_WORTH: Final = 0.1
"""What is found must be worth more than this share of the best."""


def ranked(tools: Sequence[Tool], query: str) -> list[Tool]:
    """Those with a word of the query or one that means the same, the best first."""
    papers = [_paper(tool) for tool in tools]
    rarity = _rarity(papers)
    asked = _words(query)
    likes = _likes()
    alike = [word for one in asked for word in likes.get(one, ())]
    weights = {word: _ALIKE for word in alike} | dict.fromkeys(asked, 1.0)
    scores = [_score(paper, weights, rarity) for paper in papers]
    best = sorted(zip(scores, tools, strict=True), key=lambda pair: -pair[0])
    worth = _WORTH * best[0][0] if best else 0.0
    return [tool for score, tool in best if score > worth]


def _score(
    paper: Mapping[str, float], weights: Mapping[str, float], rarity: Mapping[str, float]
) -> float:
    return sum(
        weight * rarity[word] * paper[word] for word, weight in weights.items() if word in paper
    )


@cache
def _likes() -> Mapping[str, Sequence[str]]:
    """The rows by each of the words that people say."""
    likes: dict[str, list[str]] = {}
    for said, called in _ALIKE_ROWS:
        for word in _stemmed(said):
            likes.setdefault(word, []).extend(_stemmed(called))
    return likes


def _rarity(papers: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How much a word tells: the fewer tools have it, the more."""
    having = Counter(word for paper in papers for word in paper)
    return {
        word: math.log(1 + (len(papers) - count + 0.5) / (count + 0.5))
        for word, count in having.items()
    }


def _paper(tool: Tool) -> dict[str, float]:
    """The words of a tool with the weight of the place where they stand: a word of several places
    counts in each, but repeated within one no more than once."""
    paper: dict[str, float] = {}
    for text, weight in _places(tool):
        for word in set(_words(text)):
            if len(word) > 1 or weight in (_NAME, _SERVER):  # digits tell only of names
                paper[word] = paper.get(word, 0.0) + weight
    return paper


def _places(tool: Tool) -> Iterable[tuple[str, float]]:
    schema = said_schema(tool)
    server = getattr(tool, "server", "")
    own = tool.name.removeprefix(f"mcp__{server}__") if server else tool.name
    yield own, _NAME
    yield getattr(tool, "title", ""), _TITLE
    yield server, _SERVER
    yield tool.description, _ABOUT
    for name, field in (schema.get("properties") or {}).items():
        yield name, _FIELD
        if isinstance(field, Mapping):
            yield str(field.get("description", "")), _FIELD / 2


def _words(text: str) -> list[str]:
    """The words of a text without their endings, as far as these matter here."""
    return _stemmed(_ABBREVIATED.sub(" ", text))


def _stemmed(text: str) -> list[str]:
    found = re.findall(r"[a-z0-9]{2,}|\d", text.lower())
    return [_stem(word) for word in found if word not in _SMALL]


def _stem(word: str) -> str:
    return re.sub(r"(?:n?ing|es|s|ed)$", "", word) if len(word) > 4 else word
