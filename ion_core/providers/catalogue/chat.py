"""Which ids name a model that one can talk to by text.

Lists of models also have what embeds, draws, transcribes, speaks, ranks or moderates, and do not
always say so; the names do.
"""

from __future__ import annotations

import re

_WORDS = (
    "embed|embedding|embeddings|rerank|reranker|whisper|transcribe|transcribes|tts|stt|speech|voice"
    "|audio|voxtral|orpheus|asr|translate|livetranslate|mt|image|imagine|video|dall|sora|veo|lyria"
    "|banana|flux|ocr|realtime|live|omni|sonic|moderation|guard|safeguard|robotics|rosalind|cyber"
    "|batch|extended|ft|ada|babbage|curie|davinci|computer-use|deep-research|search-(api|preview)"
)
_OTHER = rf"(^|[^a-z])({_WORDS})($|[^a-z])"
"""Compiled when the first list is read, not by every start."""


def is_chat(model: str) -> bool:
    """Whether a model of this id is for conversations and work."""
    return not re.search(_OTHER, model.lower())
