"""Ledgers: what a checkpoint says without any model, exactly, from the entries of a path.

Every compaction makes them anew from the whole path, also from what earlier ones replaced, so that
nothing fades from one to the next.
"""

from ion_core.context.ledgers.gather import Changed, ledgers
from ion_core.context.ledgers.ledger import Ledgers
from ion_core.context.ledgers.render import render

__all__ = ["Changed", "Ledgers", "ledgers", "render"]
