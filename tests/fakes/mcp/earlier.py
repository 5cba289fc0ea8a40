"""A server of an earlier protocol (2025-06-18), by hand: it asks for the roots whenever it hears
that they changed, and its one tool says which it knows."""

from __future__ import annotations

import json
import sys
from typing import Any

ASK = "roots"
roots: list[str] = []
waiting: list[int] = []


def say(**fields: Any) -> None:
    print(json.dumps({"jsonrpc": "2.0", **fields}), flush=True)


def answer(number: int, method: str) -> None:
    if method == "initialize":
        info = {"name": "earlier", "version": "1"}
        capabilities = {"tools": {}}
        result = {"protocolVersion": "2025-06-18", "serverInfo": info, "capabilities": capabilities}
        say(id=number, result=result)
    elif method == "tools/list":
        tool = {"name": "folders", "inputSchema": {"type": "object", "properties": {}}}
        say(id=number, result={"tools": [tool]})
    elif method == "tools/call":
        waiting.append(number)
        say(id=ASK, method="roots/list")
    else:
        say(id=number, error={"code": -32601, "message": f"no {method}"})


for line in sys.stdin:
    message = json.loads(line)
    if message.get("id") == ASK:
        roots = [root["uri"] for root in message["result"]["roots"]]
        if waiting:
            text = " ".join(roots)
            say(id=waiting.pop(), result={"content": [{"type": "text", "text": text}]})
    elif message.get("method") == "notifications/roots/list_changed":
        print("the roots changed", file=sys.stderr, flush=True)
    elif "id" in message:
        answer(message["id"], message["method"])
