"""The page before the first word: name and version, model, folder, and one tip."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ion_tui.phrases import one_line


class Welcome(Widget):
    """Three rows and a tip, right above the prompt. ``tip`` names keys as they are bound now."""

    version: reactive[str] = reactive("")
    model: reactive[str] = reactive("")
    folder: reactive[str] = reactive("")
    branch: reactive[str] = reactive("")
    tip: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__(id="welcome")

    def render(self) -> Content:
        """The rows."""
        place = Content.assemble(
            (f"  {self.folder}", "$ion-muted"),
            (f"  {self.branch}" if self.branch else "", "$ion-faint"),
        )
        return Content("\n").join(
            [
                Content.assemble(("  ion", "bold $ion-accent"), (f" {self.version}", "$ion-faint")),
                Content.styled(
                    f"  {one_line(self.model)}" if self.model else "", "$ion-foreground"
                ),
                place,
                Content(""),
                Content.styled(f"  {self.tip}", "$ion-faint"),
            ]
        )
