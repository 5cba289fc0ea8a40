"""What the chat provider would post to a vendor, nobody being asked.

Use it as ``posted("mistral", "any-model", user("x"), effort="high").body``.
"""

from __future__ import annotations

from typing import Any

from ion_core.config.builtin import BUILTIN
from ion_core.messages import Message, user
from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat import ChatWire
from ion_core.providers.wire import Post

TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})
ELSEWHERE = {
    "azure": "https://mine.openai.azure.com/openai/v1",
    "bedrock": "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
    "unknown": "https://models.example.com/v1",
}


def endpoint(vendor: str, **more: Any) -> Endpoint:
    url = ELSEWHERE.get(vendor) or BUILTIN[vendor].base_url
    return Endpoint(name=vendor, base_url=url, **more)


def posted(vendor: str, model: str, *messages: Message, routing: Any = None, **wishes: Any) -> Post:
    at = endpoint(vendor, routing=routing or {})
    wire, asked = ChatWire(at), messages or (user("x"),)
    request = Request(model=model, system="Be brief.", messages=asked, **wishes)
    return wire.post(request, wire.quirks(model), stream=True)
