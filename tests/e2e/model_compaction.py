"""``make test-model`` ends with this: one compaction by a real model, after which work goes on.

The conversation is played by a script; then the embedded model (or the one named by ``-m``) sums it
up and answers a question whose answer is only in the checkpoint.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from ion_core.compaction.summary import HEADINGS
from ion_core.entries import Compaction
from ion_core.messages import Message
from ion_core.runtime import Runtime

TOLD = (
    "The parser lives in src/parse.py and reads tokens one by one.",
    "We decided to keep the cache in memory, because the disk was slow.",
    "The approach with regular expressions failed: it could not nest.",
    "The service listens on port 48613.",
    "Next comes the printer, in src/print.py.",
)


async def main(model: str) -> int:
    """Play it; 0 when the summary is the model's own, whole, and work went on."""
    with tempfile.TemporaryDirectory(prefix="ion-compaction-") as name:
        folder = Path(name)
        script = folder / "script.json"
        padding = " ".join(f"Item {n} was looked at and needs nothing." for n in range(40))
        script.write_text(json.dumps([{"text": f"{told} {padding}"} for told in TOLD]))
        provider = {"protocol": "scripted", "base_url": str(script)}
        flags = {"model": "play/script", "providers": {"play": provider}}
        async with Runtime(folder, flags=flags, keep=False, trusted=True) as runtime:
            session = await runtime.open()
            for number in range(len(TOLD)):
                await session.submit(f"What of part {number}? Never write to prod.cfg.")
                await session.idle()
            await session.set_model(model)
            began = time.monotonic()
            await session.compact()
            seconds = time.monotonic() - began
            made = [e.body for e in session.view.entries if isinstance(e.body, Compaction)]
            await session.submit("On which port does the service listen?")
            await session.idle()
            last = session.view.entries[-1].body
            answer = last.text if isinstance(last, Message) else ""
    whole = bool(made) and all(heading in made[0].summary for heading in HEADINGS)
    mode = made[0].mode if made else "none"
    print(f"compaction by {model}: {mode}, headings {whole}, {seconds:.0f} s")
    print(f"  {made[0].tokens_before:,} → {made[0].tokens_after:,} tokens" if made else "")
    print(f"  answered: {answer[:200]}")
    if made and not whole:
        print(made[0].summary[:2000])
    return 0 if whole and mode != "mechanical" and answer.strip() else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[-1])))
