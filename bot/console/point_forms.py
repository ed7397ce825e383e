"""Forms that ask about each point of a case: what it is, whether it is taken, and where it goes on (R15)."""

from collections.abc import Iterator
from typing import Any, Self, cast

from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import DataRequired, Length, ValidationError

from bot.cases import casework, elements
from bot.cases.tables import Case
from bot.console import labels
from bot.console.forms import LONGEST, StaffForm
from bot.council import Council

TAKE = "take"
NEW = "new"
UNKNOWN = SelectChoice("", "Not known")


class NeededUnlessTaken:
    """Reasons that a refused point must have, and a point that is taken need not."""

    def __init__(self, verdict: str) -> None:
        self.verdict = verdict

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse an empty box beside a refusal."""
        if form[self.verdict].data not in (None, "", TAKE) and not (field.data or "").strip():
            raise ValidationError("Write the reasons: nobody is refused without being told why.")


class _VerdictForm(StaffForm):
    """The base of both decisions: for a case with several points, a verdict and reasons for each of them."""

    REPLACED: tuple[str, ...] = ()
    ASKED: tuple[SelectChoice, ...] = ()

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form of the case: with one point it stays as it is."""
        if len(case.elements) == 1:
            return cls
        fields: dict[str, Any] = dict.fromkeys(cls.REPLACED)
        for element in case.elements:
            verdict = f"point_{element.number}"
            fields[verdict] = SelectField(
                f"Point {element.number}",
                [DataRequired(f"Choose what happens to point {element.number}.")],
                choices=[*cls.ASKED, *labels.choices("reason_code")],
            )
            fields[f"reasons_{element.number}"] = TextAreaField(
                f"Reasons for the person, if point {element.number} is not accepted",
                [NeededUnlessTaken(verdict), Length(max=LONGEST)],
            )
        return cast("type[Self]", type(f"{cls.__name__}OfPoints", (cls,), fields))

    def fill(self, case: Case) -> None:
        """Start from what the rules propose for each point."""
        for number, proposal in elements.proposals(case).items():
            if f"point_{number}" in self:
                taken = proposal.outcome != "ineligible" and bool(self.ASKED)
                self[f"point_{number}"].data = TAKE if taken else proposal.reason_code

    def refused(self) -> dict[int, casework.Refusal]:
        """The points that are not taken, with code and reasons, by their number."""
        chosen = ((int(each.name.removeprefix("point_")), each.data) for each in self if each.name.startswith("point_"))
        return {
            number: casework.Refusal(code, self[f"reasons_{number}"].data or "")
            for number, code in chosen
            if code != TAKE
        }


class AcceptForm(_VerdictForm):
    """Take the complaint into the procedure; of several points some may belong elsewhere."""

    ASKED = (SelectChoice(TAKE, "Accept it"),)

    stage = RadioField(
        "Where does it start?",
        [DataRequired("Choose where it starts.")],
        choices=labels.choices("start"),
    )
    reasons = TextAreaField("Reasons (optional)", [Length(max=LONGEST)])

    def fill(self, case: Case) -> None:
        """Start from the proposal."""
        super().fill(case)
        proposal = casework.proposal(case)
        self.stage.data = "2" if proposal and proposal.outcome == "straight_to_stage2" else "1"


class RefuseForm(_VerdictForm):
    """Confirm that it cannot be taken; the code and the reasons are both needed (R4)."""

    REPLACED = ("reason_code", "reasons")

    reason_code = RadioField(
        "Why can it not be accepted?",
        [DataRequired("Choose why it cannot be accepted.")],
        choices=labels.choices("reason_code"),
    )
    reasons = TextAreaField(
        "Reasons for the person",
        [DataRequired("Write the reasons: nobody is refused without being told why."), Length(max=LONGEST)],
    )

    def fill(self, case: Case) -> None:
        """Start from the proposed code."""
        super().fill(case)
        proposal = casework.proposal(case)
        if "reason_code" in self and proposal:
            self.reason_code.data = proposal.reason_code

    def whole(self) -> casework.Refusal:
        """Under which code the contact is counted: the one chosen, or that of its first point."""
        if "reason_code" in self:
            return casework.Refusal(self.reason_code.data or "", self.reasons.data or "")
        return self.refused()[1]


class MoveForm(StaffForm):
    """The procedure it goes on under; of several refused points, which of them."""

    procedure = RadioField(
        "Where does it go on?", [DataRequired("Choose where it goes on.")], choices=labels.choices("procedure")
    )

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form with the points that were not accepted, if there are several points."""
        if len(case.elements) == 1:
            return cls
        refused = [each for each in case.elements if each.outcome == "ineligible"]
        points = SelectMultipleField(
            "Which points go on there?",
            [DataRequired("Choose at least one point.")],
            coerce=int,
            choices=[SelectChoice(each.number, f"Point {each.number}: {each.words}") for each in refused],
        )
        return cast("type[Self]", type("MoveFormOfPoints", (cls,), {"points": points}))

    def numbers(self) -> list[int] | None:
        """The points chosen; None for the whole."""
        return list(self["points"].data) if "points" in self else None


class PointsForm(StaffForm):
    """The list of points, put right: words, kind, body, team and category of each, and room for one more."""

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form with a group of boxes for each point and an empty group."""
        groups = [str(element.number) for element in case.elements]
        fields = {name: field for key in [*groups, NEW] for name, field in _boxes(key)}
        return cast("type[Self]", type("PointsOfCaseForm", (cls,), fields))

    def groups(self) -> list[str]:
        """The keys of the groups of boxes: the numbers of the points, and `new`."""
        return [each.name.removeprefix("words_") for each in self if each.name.startswith("words_")]

    def offer(self, council: Council) -> None:
        """The teams and categories of the council."""
        for key in self.groups():
            self[f"team_{key}"].choices = [UNKNOWN, *(SelectChoice(each.key, each.name) for each in council.teams)]
            known = (SelectChoice(each.key, each.name) for each in council.categories)
            self[f"category_{key}"].choices = [UNKNOWN, *known]

    def fill(self, case: Case) -> None:
        """Start from what is known of each point."""
        for element in case.elements:
            known = elements.facts_of(case, element)
            values = {
                "words": element.words, "subject": known.get("subject"), "body": known.get("responsible_body"),
                "team": element.team, "category": element.category,
            }  # fmt: skip
            for name, value in values.items():
                self[f"{name}_{element.number}"].data = value or ""

    def wanted(self, case: Case) -> list[elements.Wanted]:
        """The points as they shall be."""
        kept = [element for element in case.elements if not self[f"leave_out_{element.number}"].data]
        wanted = [self._wanted(str(each.number), each.number, each.facts or {}) for each in kept]
        return [*wanted, self._wanted(NEW, None, {})] if (self[f"words_{NEW}"].data or "").strip() else wanted

    def _wanted(self, key: str, number: int | None, facts: dict[str, Any]) -> elements.Wanted:
        chosen = {"subject": self[f"subject_{key}"].data or None, "responsible_body": self[f"body_{key}"].data or None}
        return elements.Wanted(
            words=self[f"words_{key}"].data or "",
            facts={**facts, **chosen},
            team=self[f"team_{key}"].data or None,
            category=self[f"category_{key}"].data or None,
            number=number,
        )


def _boxes(key: str) -> Iterator[tuple[str, Any]]:
    yield f"words_{key}", TextAreaField("What it is about, in their words", [Length(max=LONGEST)])
    yield f"subject_{key}", SelectField("Kind of matter", choices=[UNKNOWN, *labels.choices("subject")])
    yield f"body_{key}", SelectField("Who has to answer", choices=[UNKNOWN, *labels.choices("body")])
    yield f"team_{key}", SelectField("Team")
    yield f"category_{key}", SelectField("Category")
    if key != NEW:
        yield f"leave_out_{key}", BooleanField("Leave this point out")
