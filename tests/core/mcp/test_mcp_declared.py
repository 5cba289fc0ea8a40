"""Where servers are written down, and what is wrong with some of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ion_core.config.extension_schema import McpServerSettings
from ion_core.config.schema import Settings
from ion_core.mcp.declared import Declared, declared
from ion_core.mcp.names import file_name, tool_name

ENV = {"HOME": "/home/ada", "REGION": "eu", "OPENAI_API_KEY": "sk", "GITHUB_TOKEN": "gh"}


def found(folder: Path, text: str, trusted: bool = True, **config: str) -> dict[str, Declared]:
    (folder / ".mcp.json").write_text(text)
    servers = {name: McpServerSettings(command=command) for name, command in config.items()}
    all_ = declared(Settings(mcp_servers=servers), folder, trusted=trusted, env=ENV)
    return {f"{one.name}{'*' if one.shadowed else ''}": one for one in all_}


def said(**servers: object) -> str:
    return json.dumps({"mcpServers": servers})


def test_a_file_of_other_agents_is_read_as_it_is(tmp_path: Path) -> None:
    text = said(
        files={"command": "npx", "args": ["-y", "x", "${HOME}"], "env": {"T": "${REGION}"}},
        docs={"type": "http", "url": "https://x/${PART:-mcp}", "headers": {"A": "b"}},
        old={"type": "sse", "url": "https://x/sse"},
        off={"command": "x", "disabled": True},
    )
    servers = found(tmp_path, text)
    assert servers["files"].settings.args == ("-y", "x", "/home/ada")
    assert servers["files"].settings.env == {"T": "eu"}
    assert servers["docs"].settings.url == "https://x/mcp"
    assert servers["old"].settings.type == "sse"
    assert [name for name, one in servers.items() if one.usable] == ["docs", "files", "old"]


def test_nothing_of_an_untrusted_folder_is_read(tmp_path: Path) -> None:
    assert found(tmp_path, said(files={"command": "npx"}), trusted=False) == {}


def test_the_configuration_wins_over_a_project_s_file(tmp_path: Path) -> None:
    servers = found(tmp_path, said(files={"command": "theirs"}), files="ours")
    assert servers["files"].settings.command == "ours"
    assert servers["files*"].settings.command == "theirs"
    assert not servers["files*"].usable


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "GITHUB_TOKEN"])
def test_a_project_is_given_no_secrets_of_the_person_s(tmp_path: Path, name: str) -> None:
    text = said(x={"url": "https://x", "headers": {"K": f"${{{name}}}"}})
    one = found(tmp_path, text)["x"]
    assert ENV[name] not in str(one)
    assert f"needs the variable {name}, which no project's file is given" in one.problem
    named = declared(Settings(), tmp_path, trusted=False, env=ENV, more=[tmp_path / ".mcp.json"])
    assert named[0].settings.headers == {"K": ENV[name]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is no JSON"),
        ("[]", 'has no "mcpServers"'),
        ('{"mcpServers": {"x": 1}}', "is no table"),
        ('{"mcpServers": {"x": {}}}', "needs either command or url"),
        ('{"mcpServers": {"x": {"command": 1}}}', "Expected `str`"),
        ('{"mcpServers": {"x": {"command": "a", "type": "carrier pigeon"}}}', "carrier pigeon"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_used(
    tmp_path: Path, text: str, problem: str
) -> None:
    servers = found(tmp_path, text, good="x")
    broken = next(one for one in servers.values() if one.problem)
    assert problem in broken.problem
    assert servers["good"].usable


def test_names_are_short_enough_and_never_the_same() -> None:
    assert tool_name("my server", "read.file") == "mcp__my_server__read_file"
    long = tool_name("s", "t" * 100)
    assert len(long) == 64
    assert long != tool_name("s", "t" * 101)
    assert tool_name("s", "t", {"mcp__s__t"}) == "mcp__s__t_2"


def test_no_two_servers_share_a_file() -> None:
    names = ("a_b", "a b", "a.b", "a/b", "a__b")
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert files[0] == "a_b"
    assert not any("/" in file or ".." in file for file in files)
