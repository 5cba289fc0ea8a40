"""A bench whose commands can run in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace
from tools_bench import Bench

from ion_core.events import JobEnded, JobStarted, Notice
from ion_core.ids import CallId
from ion_core.tools.base import Outcome
from ion_core.tools.bash import Bash
from ion_core.tools.job import JobTool
from ion_core.tools.jobs import Job, Jobs
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.schema import validate


@dataclass
class Floor:
    """A bench with jobs: what was told of them, and which the model had to be told of."""

    bench: Bench
    jobs: Jobs
    bash: Bash
    told: list[JobStarted | JobEnded | Notice]
    reported: list[str] = field(default_factory=list)
    calls: int = 0

    async def ended(self, job: Job) -> None:
        self.reported.append(job.id)

    async def run(self, tool: Bash | JobTool, **arguments: Any) -> Outcome:
        self.calls += 1
        call = CallId(f"call-{self.calls}")
        spill = self.bench.spill.with_name(f"{call}.txt")
        ctx = replace(self.bench.context, call=call, spill=spill, jobs=self.jobs)
        return await tool.run(validate(tool.name, tool.args, arguments), ctx)

    async def begin(self, command: str) -> Outcome:
        return await self.run(self.bash, command=command, background=True)

    async def job(self, action: str, id: int = 0, text: str = "") -> Outcome:
        return await self.run(JobTool(), action=action, id=id, text=text)

    async def said(self, id: int, text: str) -> str:
        """All output of a job until it said that text."""
        seen = ""
        async with asyncio.timeout(20):
            while text not in seen:
                seen += (await self.job("output", id)).content
        return seen

    def pid(self, name: str = "pid") -> int:
        return int((self.bench.root / name).read_text())


@asynccontextmanager
async def a_floor(bench: Bench, launcher: ThreadLauncher, **options: Any) -> AsyncIterator[Floor]:
    told: list[JobStarted | JobEnded | Notice] = []

    async def tell(event: JobStarted | JobEnded | Notice) -> None:
        told.append(event)

    limits = {"output_limit_bytes": options.pop("output_limit_bytes", 256 << 20)}
    async with asyncio.TaskGroup() as group:
        jobs = Jobs(group.create_task, tell, **options)
        floor = Floor(bench, jobs, Bash(launcher, **limits), told)
        jobs.reports = floor
        try:
            yield floor
        finally:
            await jobs.aclose()
