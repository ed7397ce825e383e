"""What a decision can come to: five outcomes, and the nine fixed codes of contacts not accepted."""

from __future__ import annotations

from typing import Literal, get_args

Outcome = Literal["accept_stage1", "straight_to_stage2", "ineligible", "safeguarding_referral", "needs_human_decision"]
ReasonCode = Literal[
    "COURT_RELATED",
    "INSUFFICIENT_INTEREST",
    "ALTERNATIVE_PROCESS",
    "GENERAL_ENQUIRY",
    "OUT_OF_TIME_JURISDICTION",
    "CONSENT_NOT_GAINED",
    "S47_CHILD_PROTECTION",
    "SAFEGUARDING_REFERRAL",
    "OTHER",
]
REASON_CODES: tuple[ReasonCode, ...] = get_args(ReasonCode)
"""The nine fixed codes, in the order of the annual table of contacts not accepted."""
