"""The gap between tool turns: from the last byte of an answer that calls ``bash`` to the first byte
of the request that brings the result. In between: two durable commits and a child process.
"""

from __future__ import annotations

import json
import subprocess
import time

from tests.bench.endpoint import Endpoint
from tests.bench.row import Floor, Row
from tests.bench.scratch import ION, Scratch

CALLS = 50
RUN = (ION, "run", "--output-format", "json", "Call the tool again and again.")


def measure(runs: int) -> list[Row]:
    """The row of the gap: every gap of a third of the runs."""
    with Scratch() as scratch, Endpoint(scratch.folder) as endpoint:
        scratch.configure(endpoint.url(f"tools/{CALLS}"))
        gaps = [gap for _ in range(max(1, runs // 3)) for gap in _gaps(scratch, endpoint)]
    floor = Floor(name="bash -c true from Python", samples=tuple(_child() for _ in range(CALLS)))
    return [
        Row(
            name=f"gap between tool turns, {CALLS} bash calls",
            unit="s",
            samples=tuple(gaps),
            floors=(floor,),
            must=0.020,
            aims=0.007,
        )
    ]


def _gaps(scratch: Scratch, endpoint: Endpoint) -> list[float]:
    run = scratch.launch(RUN)
    result = json.loads(run.output)
    if result["tool_calls"] != CALLS:
        raise RuntimeError(f"{result['tool_calls']} of {CALLS} calls were made: {result}")
    sent = [float(line["at"]) for line in endpoint.wait("sent", run.began, CALLS + 1)]
    asked = [float(line["at"]) for line in endpoint.events("request", run.began)]
    return [after - before for before, after in zip(sent, asked[1:], strict=False)]


def _child() -> float:
    began = time.monotonic()
    subprocess.run(["bash", "-c", "true"], check=True)
    return time.monotonic() - began
