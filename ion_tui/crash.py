"""The app as people start it: when it breaks, its last words hold no secret and no variable.

Textual shows the local variables of every frame, among which a key may be, in whatever text came
from outside.
"""

from __future__ import annotations

from ion_tui.app import IonApp


class GuardedApp(IonApp):
    """An :class:`IonApp` that says where it broke, and nothing of what it held."""

    def _fatal_error(self) -> None:
        import traceback  # start-up: needed once, at the end
        from pathlib import Path

        from rich.text import Text

        from ion_core.config.paths import ion_home
        from ion_core.known_secrets import known_secrets
        from ion_core.providers.redaction import redacted
        from ion_tui.render.sanitize import sanitize

        said = redacted(traceback.format_exc(), known_secrets(ion_home(), Path.cwd()))
        report = "ion: this is a fault of ion's own. Please report the lines above."
        self._exit_renderables.append(Text(f"{sanitize(said).rstrip()}\n{report}"))
        self._close_messages_no_wait()
