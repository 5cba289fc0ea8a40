"""Ids for calls that came without one: written as text, or as a constrained answer."""

from __future__ import annotations

import os

from ion_core.ids import CallId


def new_call_id() -> CallId:
    """A fresh id; no two are the same."""
    return CallId(f"call_{os.urandom(8).hex()}")
