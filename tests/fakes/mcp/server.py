"""A real MCP server over stdio, made with the SDK: ``python server.py [misbehaviour]``."""

from __future__ import annotations

import os
import sys
import time

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver import Image as Picture

HOW = sys.argv[1] if len(sys.argv) > 1 else ""
server = MCPServer("fake", version="1.2")
DOT = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15"
    b"\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00"
    b"\x00\x00IEND\xaeB`\x82"
)


@server.tool(description="Says a word so often.")
def shout(word: str, times: int = 1) -> str:
    return " ".join([word.upper()] * times)


@server.tool()
def fails() -> str:
    raise ValueError("this never works")


@server.tool()
def dies() -> str:
    os._exit(3)


@server.tool()
def sleeps() -> str:
    time.sleep(60)
    return "awake"


@server.tool()
async def hangs() -> str:
    time.sleep(60)  # noqa: ASYNC251 - that is what it is for
    return "awake"


@server.tool()
def long() -> str:
    return "x" * (10 * 1024 * 1024)


@server.tool()
def environment() -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(os.environ.items()))


@server.tool()
def writes(path: str) -> str:
    with open(path, "w") as file:
        file.write("written")
    return "written"


@server.tool()
def picture() -> Picture:
    return Picture(data=DOT, format="png")


@server.tool()
async def counts(ctx: Context) -> str:
    for done in range(3):
        await ctx.report_progress(done + 1, 3, f"step {done + 1}")
    return "counted"


@server.resource("note://first")
def note() -> str:
    """A note."""
    return "the first note"


@server.prompt()
def greet(name: str) -> str:
    """Greets somebody."""
    return f"Say hello to {name}."


if __name__ == "__main__":
    if HOW == "dies":
        sys.exit("no, thank you")
    if HOW == "hangs":
        time.sleep(600)
    if HOW == "noisy":
        print("Welcome to the fake server!", flush=True)
        print('{"half": ', flush=True)
        print("on standard error", file=sys.stderr, flush=True)
    server.run()
