"""Pins are of a server as it is reached, not of a name alone."""

from __future__ import annotations

from pathlib import Path

from mcp_types import Tool

from ion_core.config.extension_schema import McpServerSettings
from ion_core.mcp.declared import Declared
from ion_core.mcp.pins import Pins, key_of


def _server(*args: str) -> Declared:
    return Declared(name="db", settings=McpServerSettings(command="db", args=args), source="x")


def _tool(description: str) -> Tool:
    return Tool(name="query", description=description, input_schema={"type": "object"})


def test_two_projects_may_call_different_servers_the_same(tmp_path: Path) -> None:
    pins, here, there = Pins(tmp_path), key_of(_server("one")), key_of(_server("two"))
    assert pins.changed(here, [_tool("reads")]) == {}
    assert pins.changed(there, [_tool("writes")]) == {}
    assert list(pins.changed(here, [_tool("writes")])) == ["query"]
    pins.forget("db")
    assert pins.changed(here, [_tool("anything")]) == {}
