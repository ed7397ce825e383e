"""What staff fill in. Each form checks shape; whether the step can be taken is for `bot.cases`."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Self, cast

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    Form,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import DataRequired, Length, Regexp, StopValidation, ValidationError

from bot import clocks
from bot.cases.tables import Case
from bot.console import labels
from bot.council import Council

LONGEST = 20_000
LONGEST_MESSAGE = 1_000
CHOOSE = SelectChoice("", "Choose one")


class DayField(Field):
    """A day in three boxes, as GOV.UK asks for dates; what was typed stays even when it is no day."""

    PARTS = ("day", "month", "year")
    typed: dict[str, str]

    def process(self, formdata: Any, data: Any = None, extra_filters: Sequence[Any] | None = None) -> None:
        """Read the three boxes, or fill them from a date."""
        super().process(None, data, extra_filters)
        known: date | None = self.data
        self.typed = {part: str(getattr(known, part, "")) for part in self.PARTS}
        if formdata:
            self.typed = {part: formdata.get(f"{self.name}-{part}", "").strip() for part in self.PARTS}
            self.data = self._read()

    def _read(self) -> date | None:
        if not any(self.typed.values()):
            return None
        try:
            return date(*(int(self.typed[part]) for part in reversed(self.PARTS)))
        except ValueError:
            self.process_errors = ["Enter a real day, such as 7 12 2026."]
            return None


class DayRequired:
    """Ask for a day where none was typed; a day that is none has been refused by its field already."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Form, field: DayField) -> None:  # noqa: ARG002 -- WTForms' signature
        """Refuse three empty boxes."""
        if not any(field.typed.values()):
            raise StopValidation(self.message)


def not_in_future(form: Form, field: Field) -> None:  # noqa: ARG001 -- WTForms' signature
    """Refuse a day that has not come."""
    if field.data and field.data > clocks.local_day(datetime.now(UTC)):
        raise ValidationError("The day cannot be in the future.")


class StaffForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The base of all: a form for a case may differ by the case, offers choices, and starts from what is known."""

    @classmethod
    def of(cls, case: Case) -> type[Self]:  # noqa: ARG003 -- for the forms that do differ
        """The form for a case."""
        return cls

    def offer(self, council: Council) -> None:
        """Fill in the choices that are the council's own."""

    def fill(self, case: Case) -> None:
        """Start from what is known of the case."""


class SignInForm(StaffForm):
    """E-mail address and password; `next` is where they were going."""

    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [DataRequired("Enter your password.")])
    next = HiddenField()


class PasswordForm(StaffForm):
    """A password of one's own."""

    old = PasswordField("Present password", [DataRequired("Enter your present password.")])
    new = PasswordField("New password", [DataRequired("Enter a new password."), Length(max=200)])
    again = PasswordField("New password again", [DataRequired("Enter the new password again.")])

    def validate_again(self, field: Field) -> None:
        """Both must be the same."""
        if field.data != self.new.data:
            raise ValidationError("The two new passwords differ.")


class ConfirmForm(StaffForm):
    """Nothing but the button."""


class AcceptForm(StaffForm):
    """Take the complaint into the procedure."""

    stage = RadioField(
        "Where does it start?",
        [DataRequired("Choose where it starts.")],
        choices=labels.choices("start"),
    )
    reasons = TextAreaField("Reasons (optional)", [Length(max=LONGEST)])

    def fill(self, case: Case) -> None:
        """Start from the proposal."""
        self.stage.data = "2" if case.decisions[0].outcome == "straight_to_stage2" else "1"


class RefuseForm(StaffForm):
    """Confirm that it cannot be taken; the code and the reasons are both needed (R4)."""

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
        self.reason_code.data = case.decisions[0].reason_code


class AssignForm(StaffForm):
    """The team that must answer, and the category."""

    team = SelectField("Team", [DataRequired("Choose the team that must answer.")])
    category = SelectField("Category", [DataRequired("Choose a category.")])

    def offer(self, council: Council) -> None:
        """The teams and categories of the council."""
        self.team.choices = [CHOOSE, *(SelectChoice(each.key, each.name) for each in council.teams)]
        self.category.choices = [CHOOSE, *(SelectChoice(each.key, each.name) for each in council.categories)]

    def fill(self, case: Case) -> None:
        """Start from what was proposed or is set."""
        self.team.data, self.category.data = case.team or "", case.category or ""


class OutcomeForm(StaffForm):
    """The day the reply was sent; `of` makes the form of a case, with a finding for each of its points."""

    answered_on = DayField(
        "When was the reply sent?", [DayRequired("Enter the day the reply was sent."), not_in_future]
    )

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form with a question for each point of the complaint."""
        many = len(case.elements) > 1
        questions = {
            f"finding_{element.number}": RadioField(
                f"What was found on point {element.number}?" if many else "What was found?",
                [DataRequired(f"Choose a finding for point {element.number}." if many else "Choose a finding.")],
                choices=labels.choices("finding"),
            )
            for element in case.elements
        }
        return cast("type[Self]", type("OutcomeOfCaseForm", (cls,), questions))

    def findings(self) -> dict[int, str]:
        """The finding chosen for each point, by its number."""
        marked = (each for each in self if each.name.startswith("finding_"))
        return {int(each.name.removeprefix("finding_")): each.data for each in marked}


class NextStageForm(StaffForm):
    """The day they asked for the next stage: its clock counts from there."""

    asked_on = DayField(
        "When did they ask for it?", [DayRequired("Enter the day they asked for the next stage."), not_in_future]
    )


class NoteForm(StaffForm):
    """A note for colleagues."""

    text = TextAreaField("Note", [DataRequired("Write something before saving the note."), Length(max=LONGEST)])


class WithdrawForm(StaffForm):
    """Why the person takes the complaint back (R47)."""

    reason = RadioField(
        "Why was it withdrawn?", [DataRequired("Choose why it was withdrawn.")], choices=labels.choices("withdrawal")
    )


class PassOnForm(StaffForm):
    """To whom the worry was given."""

    to = StringField("Passed to", [DataRequired("Enter to whom you passed it."), Length(max=120)])

    def offer(self, council: Council) -> None:
        """Start from the council's front door."""
        self.to.data = council.front_door.name


class ReferralOutcomeForm(StaffForm):
    """What the front door answered."""

    outcome = RadioField(
        "What did they answer?",
        [DataRequired("Choose what they answered.")],
        choices=labels.choices("referral_outcome"),
    )


class WriteForm(StaffForm):
    """A message from a member of staff to the person."""

    text = TextAreaField(
        "Your message",
        [
            DataRequired("Write a message before sending it."),
            Length(
                max=LONGEST_MESSAGE,
                message=f"Use at most {LONGEST_MESSAGE} characters; send the rest as another message.",
            ),
        ],
    )


class FindForm(StaffForm):
    """A case by its reference; a search changes nothing, so it carries no token."""

    class Meta:
        """Sent by GET."""

        csrf = False

    reference = StringField("Reference", [DataRequired("Enter a reference, such as SU-ACDE-3467.")])


class NewStaffForm(StaffForm):
    """Somebody who may sign in."""

    name = StringField("Name", [DataRequired("Enter their name."), Length(max=120)])
    email = EmailField(
        "E-mail address",
        [
            DataRequired("Enter their e-mail address."),
            Length(max=200),
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="Enter an e-mail address, such as name@example.org."),
        ],
    )
    role = RadioField("Role", [DataRequired("Choose a role.")], choices=labels.choices("staff_role"))
