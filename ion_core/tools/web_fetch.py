"""The ``web_fetch`` tool: one public page of the web as text.

Where a URL leads is decided by whoever made the ``Web``. A page is remembered for a quarter of an
hour; what is longer than was asked for is in a file that ``read`` and ``grep`` can page.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core import private
from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed
from ion_core.tools.web import WITHIN_S, LeadsElsewhere, UrlRefused, Web, WebFailed

REMEMBERED_S = 15 * 60.0
_MOST_PAGES, _MOST_CHARS, _USUAL_CHARS, _ERROR_CHARS = 16, 29_000, 20_000, 1_000


class WebFetchArgs(Struct, frozen=True):
    """What to fetch."""

    example: ClassVar[dict[str, Any]] = {"url": "https://docs.python.org/3/library/asyncio.html"}

    url: str
    max_chars: Annotated[int, Meta(ge=100, description="at most 29,000")] = _USUAL_CHARS


class Fetched(Struct, frozen=True):
    """A page's text, where it was, its status, and when it came (on the monotonic clock)."""

    text: str
    url: str
    status: int
    at: float


class WebFetch:
    """Fetches pages and remembers the last ones."""

    name = "web_fetch"
    description = (
        "Fetch a public http or https URL: a web page as Markdown, text and JSON as they are. "
        "Addresses of private networks are refused. Do not put secrets into URLs."
    )
    args: type[Struct] = WebFetchArgs
    effect: Effect = "network"

    def __init__(self, web: Web) -> None:
        self._web = web
        self._pages: dict[str, Fetched] = {}

    def target(self, args: WebFetchArgs) -> str:
        return args.url

    def timeout_s(self, args: WebFetchArgs) -> float:
        return WITHIN_S

    async def run(self, args: WebFetchArgs, ctx: ToolContext) -> Outcome:
        try:
            async with asyncio.timeout(WITHIN_S):
                page = self._remembered(args.url) or await self._fetched(args.url)
            return await asyncio.to_thread(_outcome, page, args, ctx.spill)
        except TimeoutError:
            return failed(f"{args.url[:200]} took more than {WITHIN_S:g} s.", args.url)
        except LeadsElsewhere as error:
            return failed(f"{error} Fetch that URL if you want it.", args.url)
        except UrlRefused as error:
            return failed(f"Refused: {error}", args.url)
        except (WebFailed, OSError) as error:
            return failed(str(error), args.url)

    def _remembered(self, url: str) -> Fetched | None:
        page = self._pages.get(url)
        return page if page and time.monotonic() - page.at < REMEMBERED_S else None

    async def _fetched(self, url: str) -> Fetched:
        from ion_core.tools.web_client import get  # start-up: few sessions fetch anything
        from ion_core.tools.web_text import text_of

        came = await get(self._web, url)
        text = await asyncio.to_thread(text_of, came)
        page = Fetched(text, came.url, came.status, time.monotonic())
        if came.status < 400:
            self._pages.pop(url, None)
            self._pages[url] = page
            for oldest in list(self._pages)[:-_MOST_PAGES]:
                del self._pages[oldest]
        return page


def _outcome(page: Fetched, args: WebFetchArgs, spill: Path) -> Outcome:
    from ion_core.tools.web_text import as_data  # start-up: as above

    if page.status >= 400:
        said = as_data(page.text[:_ERROR_CHARS], page.url)
        return failed(f"The server answered {page.status}.\n{said}", args.url)
    limit = min(args.max_chars, _MOST_CHARS)
    text = page.text or "(an empty page)"
    content = as_data(text[:limit], page.url)
    if len(text) > limit:
        _spill(spill, text)
        content += f"\n[the first {limit:,} of {len(text):,} characters; all are in {spill}]"
    display = Display(target=args.url, summary=f"{len(page.text):,} characters")
    return Outcome(content=content, display=display)


def _spill(path: Path, text: str) -> None:
    with private.file(path) as file:
        file.write(text.encode("utf-8", "replace"))
