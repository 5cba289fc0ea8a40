"""One model of a server's list: where each server writes what it knows.

Forms as documented by the vendors in November 2026: Anthropic, Google, OpenRouter, Together, Groq,
Mistral, Fireworks, Moonshot, GitHub Copilot, ChatGPT, vLLM, LM Studio, llama.cpp. A field that is
missing or of another type says nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ion_core.providers.base import ModelInfo
from ion_core.usage import Price

WINDOWS = (
    "loaded_context_length",  # LM Studio: what is loaded, not what could be
    "context_length",  # OpenRouter, Together, Fireworks, Moonshot
    "context_window",  # Groq, ChatGPT
    "max_model_len",  # vLLM
    "max_context_length",  # Mistral, LM Studio
    "inputTokenLimit",  # Google
    "max_input_tokens",  # Anthropic
    "capabilities.limits.max_context_window_tokens",  # Copilot
    "meta.n_ctx",  # llama.cpp
    "meta.n_ctx_train",
)
OUTPUTS = (
    "top_provider.max_completion_tokens",  # OpenRouter
    "max_completion_tokens",  # Groq
    "outputTokenLimit",  # Google
    "max_tokens",  # Anthropic
    "capabilities.limits.max_output_tokens",  # Copilot
)
SIGHT = (
    "capabilities.vision",  # Mistral
    "capabilities.image_input.supported",  # Anthropic
    "capabilities.supports.vision",  # Copilot
    "supports_image_input",  # Fireworks
    "supports_image_in",  # Moonshot
)
THOUGHT = (
    "capabilities.reasoning",  # Mistral
    "capabilities.thinking.supported",  # Anthropic
    "thinking",  # Google
    "supports_reasoning",  # Moonshot
)
TOOLS = (
    "capabilities.function_calling",  # Mistral
    "capabilities.supports.tool_calls",  # Copilot
    "supports_tools",  # Fireworks
)
CHAT = (
    "capabilities.completion_chat",  # Mistral
    "supports_chat",  # Fireworks
    "active",  # Groq
)
CHAT_TYPES = frozenset({"chat", "language", "code", "llm", "vlm", "model"})
"""Together's and LM Studio's; ``model`` is Anthropic's for all."""

PER_MILLION = 1_000_000


class Row:
    """One object of the list."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    @property
    def id(self) -> str:
        """The id that requests use; Google writes ``models/`` before it."""
        written = self._row.get("id") or self._row.get("slug") or self._row.get("name")
        return written.removeprefix("models/") if isinstance(written, str) else ""

    @property
    def converses(self) -> bool:
        """Whether the server says nothing against talking to it, nor against showing it (ChatGPT's
        ``visibility``)."""
        if self._row.get("visibility", "list") != "list":
            return False
        methods = self._row.get("supportedGenerationMethods")
        if isinstance(methods, list) and "generateContent" not in methods:
            return False
        kinds = [self._row.get("type"), self._at("capabilities.type")]
        known = all(kind in CHAT_TYPES for kind in kinds if isinstance(kind, str))
        return known and self._told(CHAT) is not False

    def info(self, provider: str) -> ModelInfo:
        """What the server says of the model."""
        successor = self._row.get("deprecation_replacement_model")
        return ModelInfo(
            provider=provider,
            id=self.id,
            name=self._name(),
            window=self._count(WINDOWS),
            max_output=self._count(OUTPUTS),
            vision=self._sees(),
            reasoning=self._thinks(),
            efforts=self._efforts(),
            tool_mode="native" if self._calls_tools() else "text",
            price=self._price(),
            released=self._released(),
            deprecated=bool(self._row.get("deprecation")),
            successor=successor if isinstance(successor, str) else "",
        )

    def _name(self) -> str:
        names = (self._row.get(field) for field in ("display_name", "displayName", "name"))
        name = next((each for each in names if isinstance(each, str)), "")
        return "" if name.removeprefix("models/") == self.id else name

    def _sees(self) -> bool:
        listed = self._list("architecture.input_modalities")  # OpenRouter
        listed = listed or self._list("input_modalities")  # ChatGPT
        return "image" in listed or self._row.get("type") == "vlm" or self._told(SIGHT) is True

    def _thinks(self) -> bool:
        listed = "reasoning" in self._list("supported_parameters")
        return listed or self._told(THOUGHT) is True or bool(self._efforts())

    def _efforts(self) -> tuple[str, ...]:
        levels = self._list("supported_reasoning_levels")  # ChatGPT
        named = (each.get("effort") for each in levels if isinstance(each, dict))
        return tuple(effort for effort in named if isinstance(effort, str))

    def _calls_tools(self) -> bool:
        known = self._list("supported_parameters")  # OpenRouter
        return ("tools" in known) if known else self._told(TOOLS) is not False

    def _price(self) -> Price | None:
        """OpenRouter: dollars per token, as texts. Together: dollars per million, as numbers. Below
        0 it depends on where the request goes; 0 is believed only where a model is called free."""
        rates = [_number(self._at(f"pricing.{name}")) for name in ("prompt", "completion")]
        scale = PER_MILLION
        if None in rates:
            rates = [_number(self._at(f"pricing.{name}")) for name in ("input", "output")]
            scale = 1
        due_in, due_out = rates
        if due_in is None or due_out is None or min(due_in, due_out) < 0:
            return None
        if not due_in and not due_out and not self.id.endswith(":free"):
            return None
        read, write = (_number(self._at(f"pricing.input_cache_{way}")) for way in ("read", "write"))
        return Price(
            input=_scaled(due_in, scale),
            output=_scaled(due_out, scale),
            cache_read=None if read is None else _scaled(read, scale),
            cache_write=None if write is None else _scaled(write, scale),
        )

    def _released(self) -> str:
        """Anthropic's day, and OpenRouter's; what a server on this machine calls ``created`` is
        when it was started."""
        day, created = self._row.get("created_at"), self._row.get("created")
        if isinstance(day, str):
            return day[:10]
        if isinstance(created, int) and "architecture" in self._row:
            return datetime.fromtimestamp(created, UTC).date().isoformat()
        return ""

    def _count(self, places: tuple[str, ...]) -> int:
        found = (self._at(place) for place in places)
        return next((n for n in found if type(n) is int and n > 0), 0)

    def _told(self, places: tuple[str, ...]) -> bool | None:
        found = (self._at(place) for place in places)
        return next((each for each in found if isinstance(each, bool)), None)

    def _list(self, place: str) -> list[Any]:
        found = self._at(place)
        return found if isinstance(found, list) else []

    def _at(self, place: str) -> Any:
        value: Any = self._row
        for name in place.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, (str, int, float)) else None
    except ValueError:
        return None


def _scaled(rate: float, scale: int) -> float:
    """Without the dust of binary fractions: 0.0000003 a token is 0.3 a million."""
    return round(rate * scale, 9)
