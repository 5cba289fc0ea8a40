"""The answers to a request for leave, each with its key: one a row, or one after another where the
screen is low."""

from __future__ import annotations

from msgspec import Struct
from textual.content import Content

from ion_core.events import ApprovalRequested
from ion_tui.keymap import Keymap
from ion_tui.render.plainly import plainly

GAP = "  "


class Way(Struct, frozen=True):
    """One answer: its command, what it says, the same in a word, and the rule that it makes."""

    command: str
    says: str
    short: str
    rule: str = ""


def ways(request: ApprovalRequested) -> list[Way]:
    """The answers that make sense for this request, the smallest yes first and no last."""
    found = [Way("card.once", "yes, once", "once")]
    if request.proposal is not None:
        rule = plainly(request.proposal.pattern).text
        found.append(Way("card.session", "yes, and in this session", "session", rule))
        found.append(Way("card.always", "yes, and always", "always", rule))
    if request.editable:
        found.append(Way("card.edit", "edit the command first", "edit"))
    return [*found, Way("card.deny", "no", "no"), Way("card.why", "no, and say why", "no, why")]


def listed(request: ApprovalRequested, keymap: Keymap) -> Content:
    """One a row; keys and sentences in columns of their own."""
    found = ways(request)
    keys = [keymap.hint(way.command, "card") for way in found]
    broad = max(map(len, keys))
    wide = max((len(way.says) for way in found if way.rule), default=0)
    rows = (
        Content.assemble(
            (f"{key:<{broad}}{GAP}", "bold $ion-accent"),
            (f"{way.says:<{wide}}{GAP}" if way.rule else way.says, "$ion-foreground"),
            (way.rule, "$ion-code"),
        )
        for key, way in zip(keys, found, strict=True)
    )
    return Content("\n").join(rows)


def in_a_row(request: ApprovalRequested, keymap: Keymap, width: int) -> Content:
    """One after another, in as many rows of ``width`` cells as that takes; the rule is written
    once, behind them."""
    found = ways(request)
    parts = [
        Content.assemble(
            (keymap.hint(way.command, "card"), "bold $ion-accent"),
            (f" {way.short}", "$ion-foreground"),
        )
        for way in found
    ]
    rule = next((way.rule for way in found if way.rule), "")
    rows = [Content()]
    for part in [*parts, Content.styled(rule, "$ion-code")]:
        if rows[-1] and rows[-1].cell_length + len(GAP) + part.cell_length > width:
            rows.append(part)
        else:
            rows[-1] = Content(GAP).join([rows[-1], part]) if rows[-1] else part
    return Content("\n").join(rows)
