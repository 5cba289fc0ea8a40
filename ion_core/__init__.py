"""The agent core of ion: values, an event bus, and the rooms that do the work.

It runs with Textual uninstalled. A front door (the app, ``ion run``) opens a ``Runtime``, asks it
for a ``Session``, subscribes, and speaks to nothing else.
"""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
