"""The facts a complaint is decided on: one vocabulary for slots, JSON, the store and the rules.

Every fact may be absent. `None` and the value ``unknown`` mean the same to the rules: nobody has shown it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator

YesNoUnknown = bool | Literal["unknown"]
Age = Annotated[int, Field(ge=0, le=120)]
Count = Annotated[int, Field(ge=0)]
Words = Annotated[str, Field(min_length=1)]

ComplainantRole = Literal[
    "looked_after_child",
    "care_leaver",
    "child_in_need",
    "disabled_child",
    "adult_formerly_looked_after",
    "parent",
    "special_guardian",
    "foster_carer",
    "prospective_adopter",
    "adoptive_parent",
    "adopted_person",
    "relative",
    "friend",
    "other_carer",
    "professional",
    "representative",
    "member_of_public",
    "unknown",
]
CHILDREN: tuple[ComplainantRole, ...] = ("looked_after_child", "care_leaver", "child_in_need", "disabled_child")
"""Children and young people in their own right: whom the council must offer an advocate (Children Act 1989 s26A)."""

RepresentativeKind = Literal[
    "advocate",
    "childrens_rights_officer",
    "legal_representative",
    "councillor",
    "mp",
    "health",
    "school",
    "other",
]
ChildStatus = Literal[
    "looked_after",
    "in_need",
    "care_leaver",
    "cp_plan",
    "sgo",
    "adopted",
    "referred",
    "not_open",
    "adult",
    "none",
    "unknown",
]
ResponsibleBody = Literal[
    "this_council", "other_local_authority", "nhs_trust", "police", "school", "court", "other", "unknown"
]
Subject = Literal[
    "part3_service",
    "contact_in_care",
    "leaving_care_support",
    "adoption_support",
    "special_guardianship_support",
    "fostering_support",
    "staff_conduct",
    "assessment_s17",
    "assessment_s17_and_s47",
    "s47_enquiry",
    "cp_conference",
    "court_report",
    "court_decision",
    "data_protection",
    "send",
    "school",
    "school_admissions",
    "approval_of_adopter",
    "approval_of_carer",
    "claim",
    "non_social_care_service",
    "professional_disagreement",
    "other_organisation",
    "none",
]
ContactRoute = Literal["sms", "email", "phone", "letter", "through_advocate"]
ContactSafety = Literal["safe", "not_safe", "certain_times", "neutral_wording"]


class _Group(BaseModel):
    """Shared strictness: no unknown names, no change after reading, no person's words in an error text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _names_are_known(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for name in data:
                if name not in cls.model_fields:
                    raise ValueError(no_such_fact(str(name), cls.model_fields))
        return data


class Interval(_Group):
    """A date known only roughly: some day from `earliest` to `latest`, both included."""

    earliest: date
    latest: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earliest > self.latest:
            raise ValueError("`earliest` is after `latest`; swap them")
        return self


class Proceedings(_Group):
    """Court, criminal, tribunal or disciplinary proceedings beside the complaint (regulation 8, R18)."""

    type: Literal["family_court", "criminal", "tribunal", "disciplinary", "none"] | None = None
    live: YesNoUnknown | None = None
    overlap: Literal["none", "partial", "full", "unknown"] | None = None
    prejudice_decision: Literal["undecided", "yes", "no"] | None = None


class Advocacy(_Group):
    """The offer of an advocate and what the person said to it (Children Act 1989 s26A, R27)."""

    offered_at: datetime | None = None
    answer: Literal["accepted", "declined", "has_one", "later"] | None = None
    provider: Words | None = None


class Facts(_Group):
    """What is known of one element of a complaint. Read from outside with `bot.eligibility.read_facts`."""

    complainant_role: ComplainantRole | None = None
    representative_kind: RepresentativeKind | None = None
    acting_for: Literal["self", "child", "adult"] | None = None
    relationship: Words | None = None
    has_pr: YesNoUnknown | None = None
    complainant_age: Age | None = None
    consent: Literal["given", "pending", "refused", "withdrawn", "unknown", "not_required"] | None = None
    child_status: ChildStatus | None = None
    child_name: Words | None = None
    child_age: Age | None = None
    child_view: Literal["content", "does_not_want_complaint", "not_asked", "too_young"] | None = None
    responsible_body: ResponsibleBody | None = None
    subject: Subject | None = None
    nature: Literal["complaint", "enquiry", "compliment", "suggestion"] | None = None
    what_happened: Words | None = None
    desired_outcome: Words | None = None
    received_on: date | None = None
    grounds_on: date | Interval | None = None
    months_since_grounds: Annotated[float, Field(ge=0)] | None = None
    continuing: YesNoUnknown | None = None
    late_reason: Words | None = None
    late_discretion: Literal["undecided", "accepted", "refused"] | None = None
    proceedings: Proceedings | None = None
    prior: Literal["none", "stage1_open", "stage1_answered", "stage2_answered", "exhausted", "lgsco_decided"] | None = (
        None
    )
    stage1_response_on: date | None = None
    wants_stage2: YesNoUnknown | None = None
    stage2_response_on: date | None = None
    wants_stage3: YesNoUnknown | None = None
    new_information: YesNoUnknown | None = None
    skip_stage1_agreed: YesNoUnknown | None = None
    sufficient_interest: Literal["none_apparent", "undetermined", "decided_yes", "decided_no"] | None = None
    identity: Literal["named", "anonymous"] | None = None
    engagement: Literal["engaging", "not_engaging"] | None = None
    contact_attempts: Count | None = None
    adjustments_offered: YesNoUnknown | None = None
    repeat_with_minor_changes: YesNoUnknown | None = None
    behaviour: Literal["ordinary", "abusive"] | None = None
    current_risk: Literal["none", "concern", "immediate"] | None = None
    team: Words | None = None
    category: Words | None = None
    preferred_contact: ContactRoute | None = None
    phone: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None = None
    email: Words | None = None
    address: Words | None = None
    safe_to_contact: Mapping[ContactRoute, ContactSafety] | None = None
    advocacy: Advocacy | None = None
    communication_needs: Words | None = None
    language: Words | None = None


STAFF_DECIDE = frozenset(
    {
        "late_discretion",
        "sufficient_interest",
        "proceedings.prejudice_decision",
        "skip_stage1_agreed",
        "engagement",
        "contact_attempts",
        "adjustments_offered",
        "repeat_with_minor_changes",
        "behaviour",
    }
)
"""Facts that come about by a decision or a record of staff (R4, R52). Nobody is asked them in a conversation."""
KEPT_BY_SERVICE = frozenset({"current_risk", "received_on"})
"""Facts the service itself finds: risk is screened in every message (R1), receipt is stamped."""


def askable(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the facts that the person can be asked.

    Args:
        names: facts, a fact of a group as ``proceedings.live``.
    """
    return tuple(name for name in names if name not in STAFF_DECIDE | KEPT_BY_SERVICE)


def allowed_values(name: str) -> frozenset[Any]:
    """The values a fact may take, empty when it is free (words, dates, numbers).

    Args:
        name: a fact, or a fact of a group as ``proceedings.type``.

    Raises:
        KeyError: there is no such fact; the text proposes the nearest.
    """
    model: type[BaseModel] = Facts
    *groups, last = name.split(".")
    for group in groups:
        model = _group_model(model, group)
    return _literals(_field(model, last))


def _field(model: type[BaseModel], name: str) -> Any:
    if name not in model.model_fields:
        raise KeyError(no_such_fact(name, model.model_fields))
    return model.model_fields[name].annotation


def _group_model(model: type[BaseModel], name: str) -> type[BaseModel]:
    for part in get_args(_field(model, name)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    raise KeyError(f"`{name}` is not a group of facts")


def _literals(annotation: Any) -> frozenset[Any]:
    if annotation is bool:
        return frozenset({True, False})
    if get_origin(annotation) is Literal:
        return frozenset(get_args(annotation))
    if get_origin(annotation) in (Union, UnionType):
        return frozenset().union(*(_literals(part) for part in get_args(annotation)))
    return frozenset()


def no_such_fact(name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not a fact: the nearest known name, or all of them."""
    known = tuple(known)
    near = difflib.get_close_matches(name, known, n=1)
    proposal = f"; did you mean `{near[0]}`?" if near else f"; known names: {', '.join(known)}"
    return f"there is no fact `{name}`{proposal}"
