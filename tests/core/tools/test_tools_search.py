"""The glob, grep and list tools over ripgrep."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from tools_bench import Bench, Call, gone, until

from ion_core.tools.pattern import BadPattern, compiled


@pytest.fixture
def tree(bench: Bench) -> Bench:
    for path, text in {
        "README.md": "find me\n",
        "src/app.py": "import os\n\n\ndef main():\n    find()\n",
        "src/deep/util.py": "x = 'find'\n",
        "src/page.tsx": "find\n",
        "src/node_modules/dep.py": "find\n",
        "debug.log": "find\n",
        ".hidden.py": "find\n",
        ".github/ci.yml": "find\n",
        ".git/config": "find\n",
        ".gitignore": "node_modules\n*.log\n",
    }.items():
        bench.put(path, text)
    return bench


async def test_glob_finds_names_at_any_depth(tree: Bench) -> None:
    outcome = await tree.call("glob", pattern="*.py")
    assert outcome.content == "src/app.py\nsrc/deep/util.py"
    assert outcome.display.summary == "2 files"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("src/*.py", "src/app.py"),
        ("src/**/*.{py,tsx}", "src/app.py\nsrc/deep/util.py\nsrc/page.tsx"),
        ("**/util.py", "src/deep/util.py"),
        ("[A-Z]*.md", "README.md"),
        ("*.log", "No file fits *.log."),
        (".github/**", ".github/ci.yml"),
        ("**/.hidden.*", ".hidden.py"),
    ],
)
async def test_glob_patterns_mean_what_they_say(tree: Bench, pattern: str, found: str) -> None:
    assert (await tree.call("glob", pattern=pattern)).content == found


async def test_glob_looks_in_the_folder_that_was_asked_for(tree: Bench) -> None:
    assert (await tree.call("glob", pattern="*", path="src/deep")).content == "src/deep/util.py"


async def test_a_pattern_may_begin_with_the_folder(tree: Bench) -> None:
    outcome = await tree.call("glob", pattern=f"{tree.root}/src/*.py")
    assert outcome.content == "src/app.py"


async def test_glob_stops_at_its_limit_and_says_so(call: Call, bench: Bench) -> None:
    for number in range(1_050):
        bench.put(f"f{number:04}", "")
    outcome = await call("glob", pattern="*")
    assert outcome.content.startswith("f0000\nf0001\n")
    assert "there are more" in outcome.content
    assert outcome.display.summary == "1,000+ files"


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("a?c", "x/abc", "a/c"),
        ("a*c", "abbc", "ab/c"),
        ("a/**", "a/b/c", "b/a/c"),
        ("**/a/*", "x/y/a/b", "a/b/c"),
        ("[!ab]x", "cx", "ax"),
        ("{a,b}.{c,d}", "b.c", "b.e"),
        ("a\\*", "a*", "ab"),
        ("a[b", "a[b", "ab"),
        ("x+(y).z", "x+(y).z", "xx(y).z"),
        ("./a", "a", "b"),
        ("a,b}", "a,b}", "a"),
    ],
)
def test_a_pattern_fits_and_fails(pattern: str, fits: str, fails: str) -> None:
    assert compiled(pattern).fullmatch(fits)
    assert not compiled(pattern).fullmatch(fails)


@pytest.mark.parametrize(
    "pattern", ["*a" * 60 + "b", "?*[ab]" * 40 + "*x", "**/" * 50 + "b", "a*{a,b}" * 4 + "x"]
)
def test_no_name_makes_a_pattern_hang(pattern: str) -> None:
    assert compiled(pattern).fullmatch("a/" * 30 + "a" * 60) is None


@pytest.mark.parametrize("pattern", ["**/a/" * 9, "{a*,b*,c*}" * 3, "a**" * 6])
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="than can be tried"):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("*a*b*c", "xaxbbxcxc"), ("a*?*b", "axyzb"), ("*.test.*", "a.test.test.py"), ("**/**/x", "x")],
)
def test_several_stars_fit_what_they_should(pattern: str, fits: str) -> None:
    assert compiled(pattern).fullmatch(fits)


def test_a_broken_pattern_is_a_sentence() -> None:
    with pytest.raises(BadPattern, match="is not a pattern"):
        compiled("{a")


async def test_grep_groups_lines_by_file(tree: Bench) -> None:
    outcome = await tree.call("grep", pattern="find")
    assert outcome.content == (
        "README.md\n1:find me\n\nsrc/app.py\n5:    find()\n\n"
        "src/deep/util.py\n1:x = 'find'\n\nsrc/page.tsx\n1:find"
    )
    assert outcome.display.summary == "4 matches in 4 files"


async def test_grep_shows_lines_around_a_match(tree: Bench) -> None:
    outcome = await tree.call("grep", pattern="def main", context=1)
    assert outcome.content == "src/app.py\n3-\n4:def main():\n5-    find()"


@pytest.mark.parametrize("glob", ["*.py", "**/*.py", "src/**/*.py"])
async def test_grep_can_be_narrowed_to_files(tree: Bench, glob: str) -> None:
    outcome = await tree.call("grep", pattern="find", glob=glob, output_mode="files")
    assert outcome.content == "src/app.py\nsrc/deep/util.py"


async def test_grep_counts(tree: Bench) -> None:
    outcome = await tree.call("grep", pattern="i", output_mode="count", path="src")
    assert outcome.content == "src/app.py: 3\nsrc/deep/util.py: 1\nsrc/page.tsx: 1"
    assert outcome.display.summary == "5 matches in 3 files"


async def test_grep_searches_one_file(tree: Bench) -> None:
    outcome = await tree.call("grep", pattern="find", path="debug.log")
    assert outcome.content == "debug.log\n1:find"


async def test_grep_finds_hidden_files_that_are_named(tree: Bench) -> None:
    outcome = await tree.call("grep", pattern="find", glob=".hidden.py", output_mode="files")
    assert outcome.content == ".hidden.py"
    outcome = await tree.call("grep", pattern="find", path=".github")
    assert outcome.content == ".github/ci.yml\n1:find"


@pytest.mark.parametrize("path", [".", ".ion", "ion", ".ssh"])
async def test_grep_never_shows_keys(call: Call, bench: Bench, path: str) -> None:
    for name in (".ion/auth.json", "ion/auth.json", ".ssh/id_rsa", ".ssh/.x"):
        bench.put(name, "sesame\n")
    for glob in ("", ".*/**", "**/.*", ".ssh/*", "auth.json"):
        outcome = await call("grep", pattern="ses[a]me", path=path, glob=glob)
        assert "sesame" not in outcome.content


async def test_grep_does_not_wait_for_a_pipe(call: Call, bench: Bench) -> None:
    os.mkfifo(bench.root / "pipe")
    bench.put("a", "x\n")
    async with asyncio.timeout(10):
        assert (await call("grep", pattern="x")).content == "a\n1:x"


async def test_a_cancelled_search_ends_its_process(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "rg"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    running = asyncio.ensure_future(bench.call("grep", pattern="x"))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await gone(int((tmp_path / "pid").read_text()))


async def test_grep_stops_at_its_limit_and_says_so(call: Call, bench: Bench) -> None:
    bench.put("a", "x\n" * 100_000)
    outcome = await call("grep", pattern="x", limit=3)
    assert outcome.content == "a\n1:x\n2:x\n3:x\n[more matches than the limit of 3]"


async def test_grep_cuts_long_lines(call: Call, bench: Bench) -> None:
    bench.put("a", "x" * 1_000_000 + "\n")
    assert len((await call("grep", pattern="x")).content) < 1_000


async def test_grep_says_that_a_binary_file_matches_without_showing_it(
    call: Call, bench: Bench
) -> None:
    bench.put("a.bin", b"find\0\1\2" * 100)
    outcome = await call("grep", pattern="find")
    assert outcome.status == "ok"
    assert "\0" not in outcome.content


async def test_a_pattern_may_begin_with_a_dash(call: Call, bench: Bench) -> None:
    bench.put("-a", "--flag\n")
    assert (await call("grep", pattern="--flag", path="-a")).content == "-a\n1:--flag"


async def test_nothing_found_is_no_error(tree: Bench) -> None:
    outcome = await tree.call("grep", pattern="nowhere_at_all")
    assert (outcome.status, outcome.content) == ("ok", "Nothing matches nowhere_at_all.")


@pytest.mark.parametrize("mode", ["content", "files", "count"])
async def test_a_wrong_expression_is_explained(tree: Bench, mode: str) -> None:
    outcome = await tree.call("grep", pattern="a(", output_mode=mode)
    assert outcome.status == "error"
    assert "unclosed group" in outcome.content


async def test_list_shows_one_level_with_counts(tree: Bench) -> None:
    (tree.root / "empty").mkdir()
    (tree.root / "link").symlink_to("src")
    outcome = await tree.call("list")
    assert outcome.content == "src/ (3 files)\nREADME.md\nempty/ (empty)\nlink -> src"


async def test_list_shows_a_tree(tree: Bench) -> None:
    outcome = await tree.call("list", path="src", depth=2)
    assert outcome.content == "deep/\n  util.py\napp.py\npage.tsx"


async def test_list_shows_hidden_files_but_not_git(tree: Bench) -> None:
    names = (await tree.call("list", hidden=True)).content.splitlines()
    assert names == [".github/ (1 file)", "src/ (3 files)", ".gitignore", ".hidden.py", "README.md"]


async def test_an_empty_folder_is_no_error(call: Call, bench: Bench) -> None:
    (bench.root / "void").mkdir()
    assert (await call("list", path="void")).status == "ok"


@pytest.mark.parametrize("name", ["glob", "grep", "list"])
async def test_without_ripgrep_a_sentence_says_what_to_do(
    bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    arguments = {} if name == "list" else {"pattern": "x"}
    outcome = await bench.call(name, **arguments)
    assert outcome.status == "error"
    assert "ripgrep (rg) was not found" in outcome.content


async def test_a_configuration_of_ripgrep_is_not_obeyed(
    tree: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.put("rc", "--hidden\n")
    monkeypatch.setenv("RIPGREP_CONFIG_PATH", str(tree.root / "rc"))
    assert ".hidden.py" not in (await tree.call("grep", pattern="find")).content
