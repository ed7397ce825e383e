"""Which questions a complaint still needs, in the order in which they are asked: only those that matter for it."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.eligibility import CHILDREN
from bot.understanding.stories import other_body, speaks_of

ADULTS_WITH_A_CHILD = (
    "parent", "foster_carer", "special_guardian", "adoptive_parent", "other_carer", "relative", "friend",
    "professional", "unknown",
)  # fmt: skip
NEEDS_A_TIE = ("relative", "friend", "professional", "other_carer", "member_of_public", "unknown")
ROUTE_DETAIL = {"email": "email", "phone": "phone", "sms": "phone", "letter": "address"}
# Asked only while the decision can turn on them; each fact of the rules, and the question that brings it.
FOR_THE_DECISION = {
    "responsible_body": "responsible_body", "proceedings": "proceedings", "prior": "prior", "consent": "consent",
    "wants_stage2": "wants_stage2", "stage1_response_on": "stage1_response_on", "happened_when": "grounds_on",
}  # fmt: skip
# What somebody else at home may see or hear; an e-mail is behind its reader's own password.
OVERSEEN = ("sms", "phone", "letter")
# May be left unsaid; the rest is needed, or has a value for "I would rather not".
SKIPPABLE = frozenset({
    "representative_organisation", "child_name", "relationship", "desired_outcome", "happened_when", "prior", "name",
    "preferred_contact", "email", "phone", "address", "safe_to_contact", "stage1_response_on",
})  # fmt: skip
# What a question left open for good counts as.
LEFT_OPEN = {
    "complainant_role": "unknown", "consent": "unknown", "child_status": "unknown", "responsible_body": "unknown",
    "proceedings": "unknown", "advocacy": "later", "advocacy_share": "ask_first", "more_to_say": "no",
    "wants_stage2": "unknown",
}  # fmt: skip


def questions(facts: Mapping[str, Any], channel: str) -> list[str]:
    """The names of every question this complaint asks, answered or not, in order.

    Args:
        facts: what is known, by the names of the vocabulary, and `skipped`, the questions left unanswered on purpose.
        channel: "sms" or "web".
    """
    if facts.get("confirm_statement") == "no":
        return ["change_what"]
    return [*_who(facts), *_story(facts), *_around(facts), *_reply_to(facts, channel), "confirm_statement"]


def missing(facts: Mapping[str, Any], channel: str, needed: Collection[str] | None = None) -> list[str]:
    """The questions still to be asked, the next one first.

    Args:
        needed: the facts the decision may still turn on (`Decision.to_ask`); a question that only serves a decision
            already clear is not asked. None: nobody has asked the rules.
    """
    skipped = facts.get("skipped") or ()
    return [
        name
        for name in questions(facts, channel)
        if _unanswered(name, facts, channel) and name not in skipped and _is_needed(name, needed)
    ]


def _is_needed(question: str, needed: Collection[str] | None) -> bool:
    return needed is None or question not in FOR_THE_DECISION or FOR_THE_DECISION[question] in needed


def _story(facts: Mapping[str, Any]) -> list[str]:
    agreed = ["points_agreed"] if facts.get("points") else []
    return ["what_happened", "more_to_say", *agreed, "desired_outcome", "happened_when"]


def _unanswered(name: str, facts: Mapping[str, Any], channel: str) -> bool:
    if name == "safe_to_contact":
        # Who said of one way that it is not safe has said nothing yet of the way that is to be used.
        return route_in_question(facts, channel) not in (facts.get(name) or {})
    return facts.get(name) is None


def route_in_question(facts: Mapping[str, Any], channel: str) -> str:
    """The way by which the writer would be reached, as far as is known."""
    return str(facts.get("preferred_contact") or ("sms" if channel == "sms" else "email"))


def _who(facts: Mapping[str, Any]) -> list[str]:
    role = facts.get("complainant_role")
    if role in CHILDREN:
        return ["complainant_role", "advocacy", *_sharing(facts)]
    if role == "representative":
        return ["complainant_role", "representative_organisation", "child_name", "child_status", "consent"]
    names = ["complainant_role"]
    if role in NEEDS_A_TIE:
        names.append("relationship")
    return [*names, "child_name"] if role in ADULTS_WITH_A_CHILD else names


def _sharing(facts: Mapping[str, Any]) -> list[str]:
    """Nothing is told to a provider before the young person has said what may be."""
    return ["advocacy_share"] if (facts.get("advocacy") or {}).get("answer") == "accepted" else []


def _around(facts: Mapping[str, Any]) -> list[str]:
    story = facts.get("what_happened") or ""
    child = facts.get("complainant_role") in CHILDREN
    names = []
    if not child and other_body(story):
        names.append("responsible_body")
    if not child or speaks_of("proceedings_words", story):
        names.append("proceedings")
    if not child or speaks_of("prior_words", story):
        names.append("prior")
    if facts.get("prior") == "stage1_answered":
        # Whether Stage 2 is wanted, and asked for in time, decides what happens to it (R33).
        names += ["wants_stage2", "stage1_response_on"]
    return names


def _reply_to(facts: Mapping[str, Any], channel: str) -> list[str]:
    safety = facts.get("safe_to_contact") or {}
    if channel == "sms" and safety.get("sms") != "not_safe":
        return ["name", "safe_to_contact"]
    detail = ROUTE_DETAIL.get(facts.get("preferred_contact") or "")
    names = ["name", "preferred_contact"]
    if detail:
        names.append(detail)
    return [*names, "safe_to_contact"] if facts.get("preferred_contact") in OVERSEEN else names
