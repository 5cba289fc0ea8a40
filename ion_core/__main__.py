"""``python -m ion_core``: the headless half, with Textual uninstalled."""

from __future__ import annotations

import sys

from ion_core.cli.main import main

sys.exit(main())
