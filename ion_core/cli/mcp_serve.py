"""``ion mcp serve``: ion for other programs, over standard input and output."""

from __future__ import annotations

import argparse
from pathlib import Path

from ion_core.as_server import serve
from ion_core.headless import check_trust
from ion_core.runtime import Runtime


async def obey(options: argparse.Namespace) -> int:
    """Serve until the other side is gone; the exit code. Raises ``NotTrusted``."""
    cwd = Path.cwd()
    if not options.trust_once:
        check_trust(cwd)
    flags = {"mode": options.mode, "model": options.model, "sandbox.enabled": options.sandbox}
    chosen = {name: value for name, value in flags.items() if value}
    async with Runtime(cwd, flags=chosen, trusted=True) as runtime:
        runtime.wake()
        await serve(runtime, runtime.settings.mode)
    return 0
