"""Which ids name a model that one can talk to by text.

The sources also list what embeds, draws, transcribes, speaks, ranks or moderates, and do not always
say so; the names do.
"""

from __future__ import annotations

import re

_OTHER = re.compile(
    r"embed|rerank|whisper|transcri|tts|speech|voice|audio|voxtral|orpheus|asr\b|translate|-mt-"
    r"|image|imagine|video|dall-e|sora|veo|lyria|banana|flux|seedream|-ocr|ocr-"
    r"|realtime|-live|live-|omni|sonic|moderation|guard|safeguard|robotics|computer-use"
    r"|deep-research|search-(api|preview)|^ft:|\.ft-|^(ada|babbage|curie|davinci|text-davinci)"
    r"|rosalind|-cyber|:batch|:extended|instruct-search"
)


def is_chat(model: str) -> bool:
    """Whether a model of this id is for conversations and work."""
    return not _OTHER.search(model.lower())
