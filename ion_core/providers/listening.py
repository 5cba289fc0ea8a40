"""Listening to one answer: its chunks, and the error that it is if it is one.

The half of a provider that is needed once a server has begun to answer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from ion_core.errors import ProviderError
from ion_core.providers.base import Chunk
from ion_core.providers.faults import stream_fault
from ion_core.providers.http import Answer
from ion_core.providers.reading import ended, read
from ion_core.providers.redaction import Secret
from ion_core.providers.unstreamed import Unstreamed, calls, once_more, with_its_call
from ion_core.providers.wire import Reader


async def listen(
    answer: Answer, reader: Reader, secret: Secret, model: str, unstreamed: Unstreamed | None
) -> AsyncGenerator[Chunk, None]:
    """The chunks of ``answer``. ``unstreamed`` learns of a stream with tools that broke over them,
    which is begun again; None where none was asked for. Raises ``ProviderError``."""
    calling = whole = False
    try:
        async with (
            aclosing(answer.pieces()) as body,
            aclosing(read(body, reader, secret)) as chunks,
        ):
            async for chunk in chunks:
                calling = calling or calls(chunk)
                yield chunk
        whole = reader.error is None
        last = _last(reader, secret)
        last = with_its_call(last) if unstreamed is not None else last
    except ProviderError as error:
        if unstreamed is not None and unstreamed.broke(model, error, calling=calling, ended=whole):
            raise once_more(error) from error
        raise
    for chunk in last:
        yield chunk


def _last(reader: Reader, secret: Secret) -> Sequence[Chunk]:
    """The last chunks of an answer. Raises the error that its end is, if it is one."""
    if reader.error is not None:
        raise stream_fault(reader.error, secret=secret)
    return ended(reader)
