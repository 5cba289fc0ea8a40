"""The floor under "start to first request": import httpx, send one request, read its answer."""

from __future__ import annotations

import sys

import httpx

with httpx.Client() as client:
    client.post(sys.argv[1] + "/chat/completions", json={"messages": []}).raise_for_status()
