"""Tokens and money.

``Usage`` counts tokens as the provider reported them, normalised so that the five numbers mean the
same everywhere; ``cost`` turns them into whole nano-dollars. What nobody knows is ``None``, never
0.
"""

from __future__ import annotations

from msgspec import Struct


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens of one request or of many.

    ``input`` were neither read from nor written to a cache; ``output`` includes ``reasoning``, and
    ``reasoning`` is None where the provider does not say.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int | None = None

    @property
    def prompt(self) -> int:
        """The whole prompt: what filled the context window when the request was sent."""
        return self.input + self.cache_read + self.cache_write

    @property
    def total(self) -> int:
        """Prompt and answer: what fills the window when the answer is in it."""
        return self.prompt + self.output

    def __add__(self, other: Usage) -> Usage:
        known = [n for n in (self.reasoning, other.reasoning) if n is not None]
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            reasoning=sum(known) if known else None,
        )


class Tier(Struct, frozen=True, kw_only=True):
    """The price of a request whose prompt has more than ``above`` tokens; fields as in
    :class:`Price`."""

    above: int
    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None


class Price(Struct, frozen=True, kw_only=True):
    """US dollars per million tokens. A missing cache price means the input price. ``tiers`` are
    the dearer prices of long prompts, in any order."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    tiers: tuple[Tier, ...] = ()

    def of(self, prompt: int) -> Price | Tier:
        """What a request with a prompt of so many tokens is charged by."""
        reached = [tier for tier in self.tiers if prompt > tier.above]
        return max(reached, key=lambda tier: tier.above, default=self)


def cost(usage: Usage, price: Price | None) -> int | None:
    """Nano-dollars (1e-9 USD) that one request of ``usage`` costs, or None when the price is
    unknown.

    A dollar per million tokens is 1,000 nano-dollars a token.
    """
    if price is None:
        return None
    due = price.of(usage.prompt)
    read = due.input if due.cache_read is None else due.cache_read
    write = due.input if due.cache_write is None else due.cache_write
    dollars_per_million = (
        usage.input * due.input
        + usage.output * due.output
        + usage.cache_read * read
        + usage.cache_write * write
    )
    return round(dollars_per_million * 1000)
