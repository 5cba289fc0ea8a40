"""An ``ION_HOME`` whose only model is a script: the real product, played by a scripted model."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ion_core.config.trust import trust

ION = (sys.executable, "-m", "ion_core")


def scripted_home(home: Path, steps: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Write the script and a configuration that uses it; the environment to run ion in. What lies
    beside ``home`` is trusted."""
    home.mkdir(parents=True, exist_ok=True)
    trust(home.parent, home, below=True)
    script = home / "script.json"
    script.write_text(json.dumps(list(steps)))
    (home / "config.toml").write_text(
        'model = "play/script"\n\n[providers.play]\nprotocol = "scripted"\n'
        f"base_url = {json.dumps(str(script))}\n"
        "[providers.play.models.script]\nprice = { input = 1.0, output = 2.0 }\n"
    )
    return {**os.environ, "ION_HOME": str(home), "PYTHONPATH": os.getcwd()}
