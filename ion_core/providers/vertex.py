"""Where Google Cloud serves models (Vertex AI): one form of address for every publisher.

Source: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations and the express mode
reference, November 2026. Pure: it knows neither projects nor keys of anybody.
"""

from __future__ import annotations

from urllib.parse import urlsplit

EXPRESS = "https://aiplatform.googleapis.com/v1/publishers/google"
"""The base URL of express mode: a key, and neither project nor location."""

MULTI_REGIONS = ("us", "eu")


def vertex_host(location: str) -> str:
    """The host that serves a location: a region, a multi-region, or "global"."""
    if location in ("", "global"):
        return "aiplatform.googleapis.com"
    if location in MULTI_REGIONS:
        return f"aiplatform.{location}.rep.googleapis.com"
    return f"{location}-aiplatform.googleapis.com"


def vertex_url(project: str, location: str, publisher: str = "google") -> str:
    """The base URL of a publisher's models; ``/models/NAME:verb`` follows it."""
    place = location or "global"
    scope = f"projects/{project}/locations/{place}"
    return f"https://{vertex_host(place)}/v1/{scope}/publishers/{publisher}"


def is_vertex(base_url: str) -> bool:
    """Whether an address is one of Vertex AI, or of a gateway that keeps its paths."""
    split = urlsplit(base_url)
    host = split.hostname or ""
    ours = host.endswith(".rep.googleapis.com") or "aiplatform.googleapis.com" in host
    return ours or "/publishers/" in split.path or "/projects/" in split.path
