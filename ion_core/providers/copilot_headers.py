"""What GitHub Copilot wants to know of each request, in whatever protocol it is made.

``X-Initiator`` decides what a request is charged as, so it tells the truth: a person began it, or
the agent goes on by itself. Source: GitHub's own clients, November 2026.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ion_core.messages import Image, ToolResult
from ion_core.providers.base import Request


def copilot_headers(base_url: str, request: Request) -> dict[str, str]:
    """The headers of a request to Copilot; none for any other server."""
    if not is_copilot(base_url):
        return {}
    headers = {"x-initiator": _initiator(request), "openai-intent": "conversation-edits"}
    return headers | ({"copilot-vision-request": "true"} if _shows_images(request) else {})


def is_copilot(base_url: str) -> bool:
    """Whether a server is Copilot's, the public one or an enterprise's."""
    host = urlsplit(base_url).hostname or ""
    return host.endswith("githubcopilot.com") or host.startswith("copilot-api.")


def _initiator(request: Request) -> str:
    last = request.messages[-1] if request.messages else None
    return "user" if last is not None and last.role == "user" else "agent"


def _shows_images(request: Request) -> bool:
    parts = [part for message in request.messages for part in message.parts]
    return any(isinstance(p, Image) or (isinstance(p, ToolResult) and p.images) for p in parts)
