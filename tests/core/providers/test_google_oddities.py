"""Bodies of Gemini's that say less than they should."""

from __future__ import annotations

import json
from typing import Any

from ion_core.providers.endpoint import Endpoint
from ion_core.providers.recorded import Understood, understood
from ion_core.providers.registry import wire


async def said(body: dict[str, Any]) -> Understood:
    endpoint = Endpoint(name="google", base_url="", protocol="google-generate")
    return await understood(json.dumps(body).encode(), wire(endpoint))


async def test_a_whole_answer_needs_no_finish_reason() -> None:
    answer = await said({"candidates": [{"content": {"parts": [{"text": "Hello."}]}}]})
    assert (answer.text, answer.complete, answer.stop) == ("Hello.", True, "end_turn")


async def test_a_whole_answer_that_says_nothing_is_none() -> None:
    answer = await said({"candidates": [{"content": {}}]})
    assert (answer.complete, answer.stop) == (False, "incomplete")


async def test_a_blocked_prompt_needs_neither_candidates_nor_counts() -> None:
    blocked = {"blockReason": "MODEL_ARMOR", "blockReasonMessage": "No."}
    answer = await said({"promptFeedback": blocked, "usageMetadata": {"trafficType": "ON_DEMAND"}})
    assert (answer.complete, answer.stop, answer.usage) == (True, "content_filter", None)
