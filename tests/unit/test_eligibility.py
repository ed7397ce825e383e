"""The decision table, judged by the worked examples and by what must hold for any facts."""

import json
from datetime import date, timedelta
from types import NoneType
from typing import Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.eligibility import REASON_CODES, Facts, allowed_values, askable, decide, load_rules, read_facts
from bot.eligibility.facts import KEPT_BY_SERVICE, STAFF_DECIDE, Proceedings
from bot.eligibility.measures import Day, Seen

TODAY = date(2026, 11, 23)
RULES = load_rules()


def decided(**facts):
    return decide(read_facts(facts), RULES, TODAY)


EXAMPLES = {
    "E1": (
        {
            "complainant_role": "looked_after_child",
            "complainant_age": 12,
            "acting_for": "child",
            "representative_kind": "advocate",
            "consent": "given",
            "subject": "part3_service",
            "nature": "complaint",
        },
        ("accept_stage1", None, "T11"),
    ),
    "E2": (
        {"complainant_role": "care_leaver", "complainant_age": 18, "subject": "leaving_care_support"},
        ("accept_stage1", None, "T11"),
    ),
    "E3": (
        {"complainant_role": "parent", "child_status": "in_need", "subject": "part3_service"},
        ("accept_stage1", None, "T11"),
    ),
    "E4": (
        {"complainant_role": "parent", "child_status": "not_open", "subject": "assessment_s17"},
        ("accept_stage1", None, "T11"),
    ),
    "E5": (
        {"complainant_role": "special_guardian", "subject": "special_guardianship_support"},
        ("accept_stage1", None, "T11"),
    ),
    "E6": (
        {"complainant_role": "adoptive_parent", "acting_for": "child", "subject": "adoption_support"},
        ("accept_stage1", None, "T11"),
    ),
    "E7": (
        {"complainant_role": "foster_carer", "subject": "fostering_support"},
        ("accept_stage1", None, "T11"),
    ),
    "E8": (
        {
            "complainant_role": "relative",
            "relationship": "grandmother",
            "acting_for": "self",
            "subject": "contact_in_care",
            "sufficient_interest": "undetermined",
        },
        ("needs_human_decision", "INSUFFICIENT_INTEREST", "T6d"),
    ),
    "E9": (
        {"complainant_role": "friend", "acting_for": "self", "sufficient_interest": "none_apparent"},
        ("ineligible", "INSUFFICIENT_INTEREST", "T6c"),
    ),
    "E10": (
        {"complainant_role": "parent", "subject": "court_decision", "nature": "complaint"},
        ("ineligible", "COURT_RELATED", "T5c"),
    ),
    "E11": (
        {
            "complainant_role": "parent",
            "subject": "part3_service",
            "proceedings": {"type": "family_court", "live": True, "overlap": "none"},
        },
        ("accept_stage1", None, "T11"),
    ),
    "E12": (
        {
            "complainant_role": "parent",
            "subject": "part3_service",
            "proceedings": {
                "type": "family_court",
                "live": True,
                "overlap": "full",
                "prejudice_decision": "undecided",
            },
        },
        ("needs_human_decision", "COURT_RELATED", "T8b"),
    ),
    "E13": (
        {"complainant_role": "parent", "subject": "s47_enquiry"},
        ("ineligible", "S47_CHILD_PROTECTION", "T5a"),
    ),
    "E14": (
        {"complainant_role": "parent", "subject": "cp_conference", "child_status": "cp_plan"},
        ("ineligible", "S47_CHILD_PROTECTION", "T5a"),
    ),
    "E15": (
        {"complainant_role": "parent", "subject": "part3_service", "child_status": "in_need"},
        ("accept_stage1", None, "T11"),
    ),
    "E16": (
        {"complainant_role": "parent", "subject": "data_protection", "nature": "complaint"},
        ("ineligible", "ALTERNATIVE_PROCESS", "T5d"),
    ),
    "E17 plan": (
        {"complainant_role": "parent", "child_status": "in_need", "subject": "send"},
        ("ineligible", "ALTERNATIVE_PROCESS", "T5e"),
    ),
    "E17 short breaks": (
        {"complainant_role": "parent", "child_status": "in_need", "subject": "part3_service"},
        ("accept_stage1", None, "T11"),
    ),
    "E18": (
        {"complainant_role": "foster_carer", "subject": "approval_of_carer"},
        ("ineligible", "ALTERNATIVE_PROCESS", "T5e"),
    ),
    "E19": (
        {"identity": "anonymous", "subject": "staff_conduct", "nature": "complaint"},
        ("ineligible", "GENERAL_ENQUIRY", "T2"),
    ),
    "E20": (
        {"complainant_role": "member_of_public", "nature": "enquiry"},
        ("ineligible", "GENERAL_ENQUIRY", "T1"),
    ),
    "E21": (
        {"complainant_role": "parent", "responsible_body": "other_local_authority"},
        ("ineligible", "OUT_OF_TIME_JURISDICTION", "T3"),
    ),
    "E22": (
        {"complainant_role": "adult_formerly_looked_after", "complainant_age": 29, "months_since_grounds": 167},
        ("needs_human_decision", "OUT_OF_TIME_JURISDICTION", "T7"),
    ),
    "E23": (
        {"complainant_role": "friend", "acting_for": "child", "child_age": 15, "consent": "withdrawn"},
        ("ineligible", "CONSENT_NOT_GAINED", "T6a"),
    ),
    "E24": (
        {"complainant_role": "looked_after_child", "complainant_age": 11, "current_risk": "immediate"},
        ("safeguarding_referral", "SAFEGUARDING_REFERRAL", "T0"),
    ),
    "E25": (
        {
            "complainant_role": "parent",
            "prior": "stage1_open",
            "received_on": "2026-10-23",
            "wants_stage2": True,
        },
        ("straight_to_stage2", None, "T4c"),
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_decide_worked_example(name):
    """Each of the twenty-five worked examples gets the outcome, code and rule that the law and guidance give it."""
    facts, (outcome, code, rule) = EXAMPLES[name]
    decision = decided(**facts)
    assert (decision.outcome, decision.reason_code, decision.rule) == (outcome, code, rule)


@pytest.mark.parametrize(
    ("facts", "outcome", "rule"),
    [
        ({"nature": "compliment"}, "ineligible", "T1"),
        ({"nature": "enquiry", "subject": "data_protection"}, "ineligible", "T1"),
        ({"identity": "anonymous", "current_risk": "concern"}, "needs_human_decision", "T2"),
        ({"responsible_body": "nhs_trust"}, "ineligible", "T3"),
        ({"responsible_body": "court"}, "ineligible", "T5c"),
        ({"subject": "school"}, "ineligible", "T3"),
        ({"prior": "exhausted", "new_information": False}, "ineligible", "T4a"),
        ({"prior": "lgsco_decided", "new_information": True}, "needs_human_decision", "T4b"),
        ({"prior": "exhausted"}, "needs_human_decision", "T4b"),
        ({"prior": "stage1_open", "wants_stage2": True, "received_on": "2026-10-26"}, "accept_stage1", "T11"),
        (
            {"prior": "stage1_answered", "wants_stage2": True, "stage1_response_on": "2026-10-26"},
            "straight_to_stage2",
            "T4d",
        ),
        (
            {"prior": "stage1_answered", "wants_stage2": True, "stage1_response_on": "2026-10-23"},
            "needs_human_decision",
            "T4e",
        ),
        (
            {"prior": "stage2_answered", "wants_stage3": True, "stage2_response_on": "2026-08-03"},
            "needs_human_decision",
            "T4e",
        ),
        (
            {"prior": "stage2_answered", "wants_stage3": True, "stage2_response_on": "2026-11-16"},
            "needs_human_decision",
            "T4f",
        ),
        ({"subject": "assessment_s17_and_s47"}, "needs_human_decision", "T5b"),
        ({"subject": "court_report"}, "ineligible", "T5c"),
        ({"subject": "claim"}, "ineligible", "T5e"),
        ({"subject": "school_admissions"}, "ineligible", "T5e"),
        ({"subject": "professional_disagreement"}, "ineligible", "T5e"),
        ({"subject": "non_social_care_service"}, "ineligible", "T5f"),
        ({"complainant_role": "representative", "consent": "pending"}, "needs_human_decision", "T6b"),
        ({"complainant_role": "relative", "sufficient_interest": "decided_yes"}, "accept_stage1", "T11"),
        ({"complainant_role": "relative", "has_pr": True}, "accept_stage1", "T11"),
        ({"complainant_role": "relative", "acting_for": "child", "consent": "given"}, "accept_stage1", "T11"),
        ({"complainant_role": "parent", "acting_for": "adult"}, "needs_human_decision", "T6b"),
        ({"months_since_grounds": 20, "late_discretion": "refused"}, "ineligible", "T7"),
        ({"months_since_grounds": 20, "late_discretion": "accepted"}, "accept_stage1", "T11"),
        ({"months_since_grounds": 20, "continuing": True}, "accept_stage1", "T11"),
        ({"months_since_grounds": 12}, "accept_stage1", "T11"),
        ({"engagement": "not_engaging", "contact_attempts": 2, "adjustments_offered": True}, "accept_stage1", "T11"),
        ({"engagement": "not_engaging", "contact_attempts": 3, "adjustments_offered": True}, "ineligible", "T9a"),
        ({"repeat_with_minor_changes": True}, "needs_human_decision", "T9b"),
        ({"skip_stage1_agreed": True}, "straight_to_stage2", "T10"),
    ],
)
def test_decide_each_row(facts, outcome, rule):
    """Rows that no worked example reaches answer as the decision table says."""
    decision = decided(**facts)
    assert (decision.outcome, decision.rule) == (outcome, rule)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("family_court", "COURT_RELATED"),
        ("criminal", "OUT_OF_TIME_JURISDICTION"),
        ("tribunal", "ALTERNATIVE_PROCESS"),
        ("disciplinary", "ALTERNATIVE_PROCESS"),
    ],
)
@pytest.mark.parametrize(
    ("prejudice", "outcome", "rule"), [("yes", "ineligible", "T8a"), ("undecided", "needs_human_decision", "T8b")]
)
def test_decide_proceedings_by_type(kind, code, prejudice, outcome, rule):
    """Proceedings that overlap are coded by their type; only a decided prejudice is proposed for refusal."""
    decision = decided(proceedings={"type": kind, "live": True, "overlap": "partial", "prejudice_decision": prejudice})
    assert (decision.outcome, decision.reason_code, decision.rule) == (outcome, code, rule)


@pytest.mark.parametrize(
    ("grounds", "rule"),
    [
        ("2025-11-23", "T11"),
        ("2025-11-22", "T7"),
        ({"earliest": "2020-01-01", "latest": "2025-12-31"}, "T11"),
        ({"earliest": "2008-01-01", "latest": "2012-12-31"}, "T7"),
    ],
)
def test_decide_one_year_boundary(grounds, rule):
    """Exactly one year is in time, a day more is late, and a rough date is read in the person's favour."""
    assert decided(grounds_on=grounds, received_on="2026-11-23").rule == rule


def test_decide_late_request_counts_to_its_receipt():
    """A Stage 2 request received in time stays in time however long the council takes to look at it."""
    facts = read_facts(
        {
            "prior": "stage1_answered",
            "wants_stage2": True,
            "stage1_response_on": "2026-10-26",
            "received_on": "2026-11-02",
        }
    )
    assert decide(facts, RULES, TODAY + timedelta(days=90)).rule == "T4d"


def test_decide_extra_holiday_gives_one_more_day():
    """A bank holiday proclaimed by the council profile moves the end of the Stage 2 window."""
    facts = read_facts({"prior": "stage1_answered", "wants_stage2": True, "stage1_response_on": "2026-10-23"})
    assert decide(facts, RULES, TODAY).rule == "T4e"
    assert decide(facts, RULES, TODAY, frozenset({date(2026, 11, 4)})).rule == "T4d"


def test_decide_parent_own_right_needs_no_consent():
    """A parent complaining about their own child keeps the right to, even when the child says no."""
    decision = decided(complainant_role="parent", acting_for="child", consent="refused", nature="complaint")
    assert decision.outcome == "accept_stage1"


def test_decide_secondary_codes_of_later_rows():
    """Later rows that hold as well give their codes, each once, without the first."""
    decision = decided(
        complainant_role="friend",
        acting_for="self",
        sufficient_interest="none_apparent",
        subject="court_decision",
        months_since_grounds=30,
        proceedings={"type": "family_court", "live": True, "overlap": "full"},
    )
    assert decision.reason_code == "COURT_RELATED"
    assert decision.secondary == ("INSUFFICIENT_INTEREST", "OUT_OF_TIME_JURISDICTION")


def test_decide_missing_names_what_would_decide():
    """Unknown facts are named in the order of the table, only where an earlier row has not decided."""
    known = {
        "complainant_role": "parent",
        "nature": "complaint",
        "identity": "named",
        "current_risk": "none",
        "responsible_body": "this_council",
        "subject": "part3_service",
        "prior": "none",
        "acting_for": "self",
        "months_since_grounds": 2,
        "engagement": "engaging",
        "repeat_with_minor_changes": False,
        "skip_stage1_agreed": False,
    }
    assert decided(**known).missing == ("proceedings",)
    assert decided(**known).outcome == "accept_stage1"
    assert decided(**known, proceedings={"type": "none"}).missing == ()
    assert decided(**(known | {"current_risk": "immediate"})).missing == ()


def test_decide_missing_date_of_reply():
    """A Stage 2 request whose window cannot be worked out goes on, and the date of the reply is asked for."""
    decision = decided(prior="stage1_answered", wants_stage2="true")
    assert decision.outcome == "straight_to_stage2"
    assert decision.missing[-1] == "stage1_response_on"


def test_decide_rows_in_force_on_the_day():
    """A row that is not in force yet is passed over, so an old decision can be replayed."""
    assert decide(read_facts({"subject": "send"}), RULES, date(2006, 8, 31)).rule == "T11"
    assert decide(read_facts({"current_risk": "immediate"}), RULES, date(2006, 8, 31)).rule == "T0"


def test_decision_as_json_holds_plain_types():
    """A decision as JSON has the agreed keys, lists for tuples, and the rules' version with their digest."""
    written = decided(subject="court_decision").as_json()
    assert set(written) == {
        "outcome",
        "reason_code",
        "sub_reason",
        "rule",
        "source",
        "say",
        "officer",
        "signposts",
        "missing",
        "secondary",
        "rules_version",
    }
    assert json.loads(json.dumps(written)) == written
    assert written["signposts"] == ["solicitor", "family_rights_group", "citizens_advice"]
    assert written["rules_version"] == f"{RULES.version}+{RULES.digest[:12]}"


def test_decision_tells_what_to_ask_from_what_staff_decide():
    """What only staff decide, and what the service keeps, is missing but never asked of a person."""
    decision = decided(complainant_role="relative", proceedings={"type": "criminal", "live": True, "overlap": "full"})
    assert {"sufficient_interest", "current_risk"} <= set(decision.missing)
    assert not {"sufficient_interest", "current_risk"} & set(decision.to_ask)
    assert "acting_for" in decision.to_ask
    child = decided(complainant_role="looked_after_child", nature="complaint")
    asked_of_staff = {"engagement", "repeat_with_minor_changes", "skip_stage1_agreed"}
    assert asked_of_staff <= set(child.missing)
    assert not asked_of_staff & set(child.to_ask)


def test_askable_names_facts_there_are():
    """Every fact that is kept from the asking is a fact, so that none is kept back under a misspelt name."""
    for name in STAFF_DECIDE | KEPT_BY_SERVICE:
        allowed_values(name)
    assert askable(["engagement", "proceedings.live", "proceedings.prejudice_decision"]) == ("proceedings.live",)


# --- for any facts at all ---------------------------------------------------------------------------------------


KINDS = {
    bool: st.booleans(),
    int: st.integers(min_value=0, max_value=60),
    float: st.integers(min_value=0, max_value=60),
    date: st.dates(min_value=date(2020, 1, 1), max_value=date(2027, 12, 31)),
    NoneType: st.none(),
}


def _values(annotation):
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation is Proceedings:
        fields = Proceedings.model_fields.items()
        return st.builds(Proceedings, **{name: _values(field.annotation) for name, field in fields})
    if annotation in KINDS:
        return KINDS[annotation]
    return st.one_of(*map(_values, get_args(annotation)))


WORDS = {"relationship", "child_name", "what_happened", "desired_outcome", "late_reason", "team", "category"}
CONTACT = {"phone", "email", "address", "safe_to_contact", "advocacy", "communication_needs", "language"}
ANY_FACTS = st.builds(
    Facts,
    **{
        name: _values(field.annotation) if name not in ("complainant_age", "child_age") else st.integers(0, 99)
        for name, field in Facts.model_fields.items()
        if name not in WORDS | CONTACT | {"contact_attempts", "preferred_contact"}
    },
    contact_attempts=st.one_of(st.none(), st.integers(0, 9)),
)
CHILD = ("looked_after_child", "care_leaver", "child_in_need", "disabled_child")


@given(facts=ANY_FACTS)
def test_decide_any_facts_have_one_answer(facts):
    """Every set of facts has an outcome and a code from the fixed lists, and the same facts always have the same."""
    decision = decide(facts, RULES, TODAY)
    assert decision.say
    assert decision.reason_code in (None, *REASON_CODES)
    assert (decision.reason_code is None) == (decision.outcome in ("accept_stage1", "straight_to_stage2"))
    assert decide(facts, RULES, TODAY) == decision
    assert decision.reason_code not in decision.secondary
    assert set(decision.missing) <= set(Facts.model_fields)


@given(facts=ANY_FACTS)
def test_decide_immediate_risk_always_wins(facts):
    """Present risk outranks everything else that is known."""
    decision = decide(facts.model_copy(update={"current_risk": "immediate"}), RULES, TODAY)
    assert (decision.outcome, decision.rule) == ("safeguarding_referral", "T0")


def without_decisions(facts):
    """The facts as they are before any person has decided anything."""
    update = {"late_discretion": None, "sufficient_interest": "undetermined", "proceedings": facts.proceedings}
    if facts.proceedings is not None:
        update["proceedings"] = facts.proceedings.model_copy(update={"prejudice_decision": "undecided"})
    return facts.model_copy(update=update)


@given(facts=ANY_FACTS)
@settings(max_examples=300)
def test_decide_undecided_questions_never_refuse(facts):
    """Lateness, overlap with a court and interest refuse only once a person has decided them."""
    decision = decide(without_decisions(facts), RULES, TODAY)
    assert decision.sub_reason not in ("late_refused", "frozen", "no_sufficient_interest")
    if decision.rule[:2] in ("T7", "T8") or decision.rule in ("T6c", "T6d", "T4e"):
        assert decision.outcome == "needs_human_decision"


@given(facts=ANY_FACTS, name=st.sampled_from(sorted(Facts.model_fields)))
@settings(max_examples=300)
def test_decide_unknown_fact_never_turns_acceptance_into_refusal(facts, name):
    """Not knowing a fact never refuses by itself: where it takes away an exception, the fact is named as missing."""
    before = decide(facts, RULES, TODAY)
    after = decide(facts.model_copy(update={name: None}), RULES, TODAY)
    if before.outcome == "accept_stage1" and after.outcome == "ineligible":
        needed = {name, *({"child_age"} if name == "child_status" else ())}
        assert needed & set(after.missing)
        assert after.sub_reason in (
            "late_refused",
            "no_sufficient_interest",
            "consent_refused",
            "other_body",
            "frozen",
            "anonymous",
        )


@given(
    facts=ANY_FACTS, name=st.sampled_from(["complainant_role", "consent", "has_pr", "continuing", "new_information"])
)
def test_decide_unknown_is_the_same_as_absent(facts, name):
    """A fact said to be unknown decides as a fact that nobody has mentioned."""
    unknown = decide(facts.model_copy(update={name: "unknown"}), RULES, TODAY)
    assert unknown == decide(facts.model_copy(update={name: None}), RULES, TODAY)


@given(facts=ANY_FACTS)
def test_decide_keeps_every_secondary_code(facts):
    """The codes of all later rows that hold are kept, each once, in the order of the table."""
    decision = decide(facts, RULES, TODAY)
    seen = Seen(facts, Day(TODAY, frozenset()))
    held = [row for row, check in RULES.in_force(TODAY) if check(seen).holds]
    assert held[0].id == decision.row
    codes = dict.fromkeys(row.reason_code for row in held[1:] if row.reason_code not in (None, decision.reason_code))
    assert decision.secondary == tuple(codes)


@given(facts=ANY_FACTS, role=st.sampled_from(CHILD))
def test_decide_child_complaint_is_never_an_enquiry(facts, role):
    """A named child's own complaint is never turned into a general enquiry."""
    own = {"complainant_role": role, "acting_for": "self", "nature": "complaint", "identity": "named"}
    assert decide(facts.model_copy(update=own), RULES, TODAY).reason_code != "GENERAL_ENQUIRY"


@given(facts=ANY_FACTS)
def test_decide_child_speaking_for_self_needs_no_consent_or_interest(facts):
    """A child's own complaint is never held for somebody's consent or for interest in the child."""
    own = {"complainant_role": "looked_after_child", "acting_for": "self"}
    code = decide(facts.model_copy(update=own), RULES, TODAY).reason_code
    assert code not in ("CONSENT_NOT_GAINED", "INSUFFICIENT_INTEREST")


def test_decide_nothing_known_is_accepted():
    """With nothing known a complaint is accepted, and what would have to be known is named."""
    decision = decide(Facts(), RULES, TODAY)
    assert decision.outcome == "accept_stage1"
    assert {"proceedings", "subject", "acting_for"} <= set(decision.missing)
