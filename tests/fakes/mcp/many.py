"""A server by hand with 30 tools of ordinary size: ``python many.py NUMBER``."""

from __future__ import annotations

import json
import sys
from typing import Any

NUMBER = sys.argv[1]
VERBS = ("list", "create", "update", "delete", "archive")
THINGS = ("invoice", "customer", "shipment", "refund", "product", "discount")


def tool(verb: str, thing: str) -> dict[str, Any]:
    properties = {
        "id": {"type": "string", "description": f"The id of the {thing}, as `list` gives it."},
        "fields": {"type": "object", "description": f"What to {verb}, by the name of the field."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 200, "description": "How many."},
        "dry_run": {"type": "boolean", "description": "Only say what would be done."},
    }
    about = f"Use it to {verb} one {thing} or several in shop {NUMBER}. Needs the right to do so."
    schema = {"type": "object", "properties": properties, "required": ["id"]}
    return {"name": f"{verb}_{thing}", "description": about, "inputSchema": schema}


def answer(method: str) -> dict[str, Any]:
    if method == "initialize":
        info = {"name": f"shop-{NUMBER}", "version": "1"}
        capabilities = {"tools": {}}
        return {"protocolVersion": "2025-06-18", "serverInfo": info, "capabilities": capabilities}
    if method == "tools/list":
        return {"tools": [tool(verb, thing) for verb in VERBS for thing in THINGS]}
    return {"content": [{"type": "text", "text": f"done in shop {NUMBER}"}]}


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        said = {"jsonrpc": "2.0", "id": message["id"], "result": answer(message["method"])}
        print(json.dumps(said), flush=True)
