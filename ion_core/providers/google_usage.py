"""Token counts of Gemini, in ion's one form.

Every chunk of a stream tells them anew and may leave fields out, so they are merged field by field.
Source: the reference of ``UsageMetadata``, November 2026.
"""

from __future__ import annotations

from ion_core.usage import Usage


class GoogleUsage:
    """The counts that were told so far."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def take(self, metadata: object) -> None:
        """Take the ``usageMetadata`` of a chunk: what it tells replaces what was told before."""
        if not isinstance(metadata, dict):
            return
        for name, value in metadata.items():
            if isinstance(value, int) and not isinstance(value, bool):
                self._told[name] = max(0, value)

    def usage(self) -> Usage | None:
        """What was used, None when nothing was told."""
        told = self._told
        if not told.keys() & {"promptTokenCount", "candidatesTokenCount", "totalTokenCount"}:
            return None
        prompt = told.get("promptTokenCount", 0) + told.get("toolUsePromptTokenCount", 0)
        cached = told.get("cachedContentTokenCount", 0)
        return Usage(
            input=prompt - cached if cached <= prompt else prompt,
            output=self._output(prompt),
            cache_read=cached,
            reasoning=told.get("thoughtsTokenCount"),
        )

    def _output(self, prompt: int) -> int:
        said, thought = (self._told.get(n, 0) for n in ("candidatesTokenCount", _THOUGHTS))
        # Vertex has been seen to count thoughts among the candidates; the total tells.
        counted = thought and self._told.get("totalTokenCount") == prompt + said
        return said if counted else said + thought


_THOUGHTS = "thoughtsTokenCount"
