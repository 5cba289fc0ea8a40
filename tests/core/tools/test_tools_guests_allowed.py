"""Of the tools of servers, somebody may be told of some alone."""

from __future__ import annotations

from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.toolbox import Toolbox, standard_tools
from tests.fakes.guests import SaidGuest, SomeGuests


async def test_those_that_may_not_be_used_are_not_found_offered_or_called() -> None:
    guests = SomeGuests(
        [SaidGuest("find", server="docs"), SaidGuest("send", server="mail")],
        at_once=("find", "send"),
        starting=("docs",),
    )
    launcher = ThreadLauncher()
    box = Toolbox(standard_tools(launcher), (), guests)
    narrowed = box.narrowed(lambda name: not name.startswith("mcp__mail__"), guests=True)
    assert narrowed.guests is not None
    assert list(narrowed.guests.known()) == ["mcp__docs__find"]
    assert [guest.title for guest in narrowed.guests.eager(0)] == ["find"]
    assert narrowed.guests.configured
    assert await narrowed.guests.settled(1.0) == ("docs",)
    assert "is gone" in narrowed.guests.absent("mcp__gone__x")
    assert box.narrowed(lambda name: True, guests=False).guests is None
    launcher.close()
