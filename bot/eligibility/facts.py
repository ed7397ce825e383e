"""The facts a complaint is decided on: one vocabulary for slots, JSON, the store and the rules.

Every fact may be absent. `None` and the value ``unknown`` mean the same to the rules: nobody has shown it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

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
                    raise ValueError(_unknown_name(str(name), tuple(cls.model_fields)))
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
    """What is known of one element of a complaint. Read with `read_facts` or `Facts.model_validate`."""

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


class FactsError(ValueError):
    """Facts that cannot be read; the text has one line for each fault and repeats no person's words."""


def read_facts(data: Mapping[str, Any]) -> Facts:
    """Facts from a plain mapping, such as a line of JSON.

    Args:
        data: fact names and values; dates as ``YYYY-MM-DD``, nested groups as mappings.

    Raises:
        FactsError: naming every fact at fault, with its allowed values or the nearest known name.
    """
    try:
        return Facts.model_validate(data)
    except ValidationError as error:
        faults = (_fault(fault) for fault in error.errors(include_input=False))
        raise FactsError("\n".join(dict.fromkeys(faults))) from None


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
        raise KeyError(_unknown_name(name, tuple(model.model_fields)))
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


def _unknown_name(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    proposal = f"; did you mean `{near[0]}`?" if near else f"; known names: {', '.join(known)}"
    return f"there is no fact `{name}`{proposal}"


def _fault(fault: Any) -> str:
    # A union adds its branch ("bool", "literal['unknown']") to the place; only names of facts are wanted.
    name = ".".join(str(part) for part in fault["loc"] if part in _NAMES)
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    values = sorted(str(value).lower() for value in allowed_values(name))
    return f"{name}: must be one of {', '.join(values)}" if values else f"{name}: {message}"


_NAMES = frozenset().union(*(group.model_fields for group in (Facts, Interval, Proceedings, Advocacy)))
