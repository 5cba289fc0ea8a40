"""Rare tools are described to a model once it wanted them, and stay in that order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools_bench import Bench

from ion_core.tools.ask import Ask
from ion_core.tools.exit_plan import ExitPlan
from ion_core.tools.job import JobTool
from ion_core.tools.tool_search import ToolSearch, ToolSearchArgs
from ion_core.tools.toolbox import Toolbox
from ion_core.tools.wanted import wanted
from ion_core.tools.web import Destination, UrlRefused, Web
from ion_core.tools.web_fetch import WebFetch
from ion_core.tools.web_search import Engine, WebSearch
from tests.fakes.scene import call, scene


def _nowhere(url: str) -> Destination:
    raise UrlRefused(f"{url} is not for tests.")


def _no_tls() -> None:
    raise AssertionError("no test speaks https here")


_WEB = Web(_nowhere, _no_tls)  # type: ignore[arg-type]  # never called
RARE = (WebFetch(_WEB), WebSearch(_WEB, Engine))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("web_fetch", "web_fetch, web_search"),
        ("search the web", "web_search, web_fetch"),
        ("fetch a URL", "web_fetch"),
        ("markdown", "web_fetch"),
    ],
)
async def test_a_query_finds_by_name_and_description(bench: Bench, query: str, names: str) -> None:
    outcome = await ToolSearch(RARE).run(ToolSearchArgs(query=query), bench.context)
    assert outcome.content.splitlines()[0] == f"You can call now: {names}"


_ALL = (*RARE, Ask(), ExitPlan(), JobTool())
_PLAIN = {
    "web_search": (
        "look up something on the internet|google this|find documentation online|latest news"
        "|current version of a package|internet"
    ),
    "web_fetch": (
        "open a url|download a page|http request|read a website|curl a page|look at a link"
        "|get web page content|fetch https://example.com"
    ),
    "ask": (
        "ask the user a question|clarify with the person|let the user choose|confirm with user"
        "|get input from human|question with options|user preference"
    ),
    "exit_plan": (
        "present my plan|leave plan mode|finish planning|approve the plan"
        "|start implementing after planning|switch to write mode"
    ),
    "job": (
        "background process|stop a running server|kill process|list running jobs"
        "|read output of a background command|send input to a running process"
        "|wait for a background task|see logs of server|check on dev server"
    ),
}


@pytest.mark.parametrize("name", _PLAIN)
async def test_plain_words_find_the_tool_first(bench: Bench, name: str) -> None:
    for query in _PLAIN[name].split("|"):
        outcome = await ToolSearch(_ALL).run(ToolSearchArgs(query=query), bench.context)
        found = outcome.content.partition("\n")[0].removeprefix("You can call now: ")
        assert found.split(", ")[0] == name, query


async def test_what_nothing_does_names_everything(bench: Bench) -> None:
    outcome = await ToolSearch(RARE).run(ToolSearchArgs(query="brew coffee"), bench.context)
    assert outcome.content == "No tool does that. There are: web_fetch, web_search."


async def test_rare_tools_follow_once_they_are_wanted_and_the_rest_stays(tmp_path: Path) -> None:
    steps = [
        [call("tool_search", query="search the web", limit=1)],
        [call("web_fetch", "c2", url="http://10.0.0.1/")],
        "done",
    ]
    async with scene(tmp_path / "ws", steps, rare=RARE) as on:
        await on.play("look it up")
        tools = [[tool.name for tool in request.tools] for request in on.model.requests]
    assert "tool_search" in tools[0]
    assert not {"web_fetch", "web_search"} & set(tools[0])
    assert tools[1] == [*tools[0], "web_search"]
    assert tools[2] == [*tools[1], "web_fetch"]
    assert wanted(on.session.view.entries) == ("tool_search", "web_search", "web_fetch")


def test_the_first_request_stays_short(bench: Bench) -> None:
    told = [
        {"name": spec.name, "description": spec.description, "parameters": spec.schema}
        for spec in Toolbox([], RARE).specs()
    ]
    assert len(json.dumps(told)) / 3.5 < 110
