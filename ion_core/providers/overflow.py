"""Whether an error says that the prompt does not fit the model's window.

Vendors say it by a code, by a status, or only in words; the words are guarded, since rate limits
speak of tokens and limits too.
"""

from __future__ import annotations

import re

from ion_core.providers.error_body import Told

_OVERFLOW_CODES = {
    "context_length_exceeded",
    "model_max_prompt_tokens_exceeded",
    "exceed_context_size_error",
    "model_context_window_exceeded",
    "string_above_max_length",
    # z.ai.
    "1261",
}
_OVERFLOW = (
    r"(?is)prompt (?:is )?too (?:long|large)|input is too long for requested model"
    r"|exceeds (?:the |this )?(?:model(?:'?s)? )?(?:maximum )?context (?:window|length)"
    r"|exceeds (?:the )?maximum allowed input length"
    r"|input token count.*exceeds the maximum|maximum prompt length is \d+"
    r"|reduce the length of the messages|maximum context length is \d+"
    r"|exceeds the available context size|greater than the context length"
    r"|context window exceeds limit|exceeded model token limit"
    r"|too large for model with \d+ maximum context length|context[_ ]length[_ ]exceeded"
    r"|request entity too large|context length is only \d+ tokens"
    r"|input length.*exceeds.*context length|model_context_window_exceeded"
    r"|input length and `?max_tokens`? exceed context limit"
    r"|input token count is \d+ but|request payload size exceeds"
    # OpenAI, z.ai, Alibaba · Together and Hugging Face · vLLM, SGLang · LM Studio · LiteLLM.
    r"|input tokens exceed the configured limit|prompt exceeds max length"
    r"|range of input length should be"
    r"|inputs`? tokens \+ `?max_new_tokens`? must be|must have less than \d+ tokens"
    r"|longer than the (?:maximum model|model's context) length"
    r"|context length of only \d+ tokens|contextwindowexceeded"
    r"|(?=.*token).*exceeds the limit of \d+"
)
_BURST = r"(?i)(?:context|prompt)\b.{0,20} is too (?:long|large)|input token count"
"""Google also breaks (500, 504) over what is too large for it, and then says so."""
_WEAK_OVERFLOW = r"(?i)too many tokens|token limit exceeded"
_RATE_CODE = "rate_limit_exceeded"
"""Groq answers 413 to what is more than a minute allows."""


def is_overflow(status: int | None, words: Told) -> bool:
    """Never for a 429: texts about tokens per minute look the same."""
    if status in (500, 504):
        return re.search(_BURST, words.message) is not None
    if status not in (None, 400, 413, 422) or _RATE_CODE in words.codes:
        return False
    if status == 413 or words.codes & _OVERFLOW_CODES or re.search(_OVERFLOW, words.message):
        return True
    # Cerebras and Mistral answer a full context with an empty 400.
    return status == 400 and (words.empty or bool(re.search(_WEAK_OVERFLOW, words.message)))
