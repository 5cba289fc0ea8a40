"""Commands that go somewhere on the screen: regions, tabs of the dock, places in the conversation.

They ask nothing of the session and change nothing but what is seen.
"""

from __future__ import annotations

from ion_tui.command import Command

MOVES: tuple[Command, ...] = (
    Command(
        id="view.details",
        title="Show or hide the details of tool calls",
        run=lambda screen, _: screen.transcript.toggle_details(),
    ),
    Command(
        id="sidebar.toggle",
        title="Show or hide the sessions",
        run=lambda screen, _: screen.regions.toggle("sidebar"),
    ),
    Command(
        id="tools.toggle",
        title="Show or hide the dock: tool calls, todo list and jobs",
        run=lambda screen, _: screen.regions.toggle("dock"),
    ),
    Command(
        id="dock.tools",
        title="Go to the tool log",
        run=lambda screen, _: screen.regions.open_tab("tools"),
    ),
    Command(
        id="dock.todo",
        title="Show or hide the todo list",
        slash=("todo",),
        run=lambda screen, _: screen.regions.toggle_tab("todo"),
    ),
    Command(
        id="dock.jobs",
        title="Go to the jobs: commands in the background",
        slash=("jobs",),
        run=lambda screen, _: screen.regions.open_tab("jobs"),
    ),
    Command(
        id="dock.next",
        title="Next tab of the dock",
        hidden=True,
        run=lambda screen, _: screen.dock.show_next(1),
    ),
    Command(
        id="dock.previous",
        title="Previous tab of the dock",
        hidden=True,
        run=lambda screen, _: screen.dock.show_next(-1),
    ),
    Command(
        id="transcript.page_up",
        title="Scroll up",
        hidden=True,
        run=lambda screen, _: screen.transcript.page_up(),
    ),
    Command(
        id="transcript.page_down",
        title="Scroll down",
        hidden=True,
        run=lambda screen, _: screen.transcript.page_down(),
    ),
    Command(
        id="transcript.top",
        title="Go to the beginning",
        run=lambda screen, _: screen.transcript.home(),
    ),
    Command(
        id="transcript.follow",
        title="Go to the end and follow",
        run=lambda screen, _: screen.transcript.end(),
    ),
    Command(
        id="transcript.line_up",
        title="Scroll up one line",
        hidden=True,
        run=lambda screen, _: screen.scroll_lines(-1),
    ),
    Command(
        id="transcript.line_down",
        title="Scroll down one line",
        hidden=True,
        run=lambda screen, _: screen.scroll_lines(1),
    ),
    Command(
        id="focus.next",
        title="Go to the next region",
        hidden=True,
        run=lambda screen, _: screen.regions.step(1),
    ),
    Command(
        id="focus.previous",
        title="Go to the region before",
        hidden=True,
        run=lambda screen, _: screen.regions.step(-1),
    ),
    Command(
        id="focus.prompt",
        title="Go to the prompt",
        hidden=True,
        run=lambda screen, _: screen.regions.to_prompt(),
    ),
    Command(
        id="ui.escape",
        title="One step back",
        hidden=True,
        run=lambda screen, _: screen.regions.to_prompt(),
    ),
)
