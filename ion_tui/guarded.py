"""The app as people start it: in a folder, across its threshold, with the terminal mended first.

When it breaks, its last words hold no secret and no variable: Textual shows the local variables of
every frame, among which a key may be, in whatever text came from outside.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.config.paths import ion_home
from ion_tui import terminal
from ion_tui.app import IonApp
from ion_tui.threshold import Threshold

if TYPE_CHECKING:
    import argparse

    from ion_core.runtime import Runtime


class GuardedApp(IonApp):
    """An :class:`IonApp` that says where it broke, and nothing of what it held."""

    @classmethod
    def open(cls, cwd: Path, options: argparse.Namespace) -> int:
        """Run the app in a folder with the options of the command line; the exit code."""
        flags = {name: value for name in ("model", "mode") if (value := getattr(options, name))}
        if options.sandbox:
            flags["sandbox.enabled"] = options.sandbox

        threshold = Threshold(cwd, ion_home(), once=options.trust_once)

        async def factory() -> Runtime:
            trusted = threshold.trusted
            return await asyncio.to_thread(
                lambda: _runtime_class()(cwd, flags=flags, interactive=True, trusted=trusted)
            )

        terminal.mend_input()
        terminal.trust_terminal()
        app = cls(
            factory,
            folder=cwd,
            session=options.resume or "",
            latest=options.latest,
            choose=options.resume == "",
            threshold=threshold,
        )
        app.run()
        return app.return_code or 0

    def _fatal_error(self) -> None:
        import traceback  # start-up: needed once, at the end

        from rich.text import Text

        from ion_core.known_secrets import known_secrets
        from ion_core.providers.redaction import redacted
        from ion_tui.render.sanitize import sanitize

        said = redacted(traceback.format_exc(), known_secrets(ion_home(), Path.cwd()))
        report = "ion: this is a fault of ion's own. Please report the lines above."
        self._exit_renderables.append(Text(f"{sanitize(said).rstrip()}\n{report}"))
        self._close_messages_no_wait()


def _runtime_class() -> type[Runtime]:
    """Start-up: the agent's modules are imported after the first paint, in a thread."""
    from ion_core.runtime import Runtime

    return Runtime
