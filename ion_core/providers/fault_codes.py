"""The codes and the words by which servers say what went wrong.

Codes are in lower case; patterns are plain text, compiled by the first error and not by every
start. Sources: the vendors' error references and recorded errors, November 2026.
"""

from __future__ import annotations

QUOTA_CODES = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "usage_limit_reached",
    "usage_not_included",
    "insufficient_balance",
    "insufficient_credits",
    "exceeded_current_quota_error",
    "quota_exhausted",
    "quota_exceeded",
    "budget_exceeded",
    "allocationquota.freetieronly",
    # z.ai: no money, calls of a day, limits and models of a plan.
    *("1113", "1304", "1308", "1309", "1310", "1311"),
    "billing_disabled",
}
QUOTA = (
    r"(?i)credit balance is too low|insufficient (?:account )?(?:balance|credits?|funds|quota)"
    r"|out of credits|payment required|limit: 0\b|PerDay|quotaId\W+\w*Daily"
    # Plans of z.ai and MiniMax; accounts of Alibaba.
    r"|usage limit (?:has been )?reached|arrearage|overdue payment"
    # Google: prepaid credit, spending caps, and countries and services without a free tier.
    r"|credits are depleted|spending cap|enable billing|billing (?:to be enabled|is disabled)"
    # xAI · Fireworks · OpenRouter · Anthropic.
    r"|all available credits|any credits or licenses|spending limit|key limit exceeded"
    r"|reached your specified .{0,20}usage limits"
)
AUTH_CODES = {
    "authentication_error",
    "invalid_api_key",
    "invalid_authentication_error",
    "permission_error",
    "permission_denied",
    "api_key_invalid",
    "unauthenticated",
    # z.ai: accounts that are inactive, unknown or locked.
    *("1110", "1111", "1112", "1121"),
}
AUTH = (
    r"(?i)credential is only authorized|invalid api[ _-]?key|incorrect api key"
    r"|api key (?:not valid|not found|expired)|organization has been disabled"
)
REFUSED_CODES = {
    "content_filter",
    "content_policy_violation",
    "image_content_policy_violation",
    "moderation_blocked",
    "cyber_policy",
    "bio_policy",
    "data_inspection_failed",
    "datainspectionfailed",
    "1301",
}
REFUSED = r"(?i)flagged|moderation|content (?:management )?policy"
BLOCKED = (
    r"(?i)flagged as potentially violating|blocked by content filter"
    r"|unsafe or sensitive content|contain inappropriate content"
)
"""A 400 of OpenAI, Anthropic, z.ai and Alibaba."""
BUSY_CODES = {
    "overloaded_error",
    "overloaded",
    "server_is_overloaded",
    "service_unavailable_error",
    "slow_down",
    "server_error",
    "internal_server_error",
    "internal_error",
    "api_error",
    "timeout_error",
    "unavailable",
    "internal",
    "vector_store_timeout",
}
RATE_CODES = {
    "rate_limit_exceeded",
    "rate_limit_error",
    "rate_limit_reached_error",
    "too_many_requests",
    "resource_exhausted",
}
WRONG_CODES = {
    "invalid_request_error",
    "not_found_error",
    "bad_request_error",
    "badrequesterror",
    "invalid_prompt",
    "invalid_encrypted_content",
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "image_file_too_large",
    "unsupported_image_media_type",
    "empty_image_file",
    "model_not_found",
    "invalid_model",
    "invalid_parameter_error",
    "invalidparameter",
}
