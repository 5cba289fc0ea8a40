"""Pins of several servers that connect at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

from ion_core.mcp.pins import Pins


def tool(about: str) -> SimpleNamespace:
    return SimpleNamespace(
        name="do", title=None, description=about, input_schema={}, annotations=None
    )


def test_servers_that_connect_at_once_are_all_remembered(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(24)]
    with ThreadPoolExecutor(12) as threads:
        first = list(threads.map(lambda name: Pins(tmp_path).changed(name, [tool("a")]), names))
        again = list(threads.map(lambda name: Pins(tmp_path).changed(name, [tool("b")]), names))
    assert first == [{}] * len(names)
    assert all("-" in each["do"] and '"b"' in each["do"] for each in again)
    assert [file.name for file in tmp_path.iterdir()] == ["mcp-pins.json"]
