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
from bot.cases import casework, elements, learning, procedures
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
        many = len(case.elements) > 1  # numbered as on the case page, so that the refused ones keep their numbers
        questions = {
            f"finding_{element.number}": RadioField(
                f"What was found on point {element.number}?" if many else "What was found?",
                [DataRequired(f"Choose a finding for point {element.number}." if many else "Choose a finding.")],
                choices=labels.choices("finding"),
            )
            for element in elements.standing(case)
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


def still_to_come(form: Form, field: Field) -> None:  # noqa: ARG001 -- WTForms' signature
    """Refuse a day to look again that is over."""
    if field.data and field.data <= clocks.local_day(datetime.now(UTC)):
        raise ValidationError("Choose a day to come.")


def reasons_field(label: str = "Reasons") -> TextAreaField:
    """Reasons that cannot be left out."""
    return TextAreaField(label, [DataRequired("Write the reasons."), Length(max=LONGEST)])


class FreezeForm(StaffForm):
    """Proceedings that the complaint would prejudice (R18)."""

    proceedings = RadioField(
        "Which proceedings?", [DataRequired("Choose which proceedings.")], choices=labels.choices("proceedings")
    )
    overlap = RadioField(
        "How much of the complaint do they touch?",
        [DataRequired("Choose how much they touch.")],
        choices=labels.choices("overlap"),
    )
    review_on = DayField("When do we look again?", [DayRequired("Enter when to look again."), still_to_come])
    reasons = reasons_field("Reasons for the person")


class HoldForm(StaffForm):
    """What the contact waits for."""

    kind = RadioField(
        "What does it wait for?", [DataRequired("Choose what it waits for.")], choices=labels.choices("hold_for")
    )
    review_on = DayField("When do we look again? (optional)", [still_to_come])
    reasons = reasons_field()


class EndHoldForm(StaffForm):
    """Which hold ends, and what came of it; `of` offers what the case waits for."""

    answer = RadioField(
        "What came of it? (for consent and a legal view)", choices=labels.choices("hold_answer"), validate_choice=False
    )
    reasons = reasons_field("Why does it end?")

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form with the holds that are on."""
        kinds = [SelectChoice(each.kind, labels.label(each.kind, "hold")) for each in casework.waiting(case)]
        field = RadioField("Which hold ends?", [DataRequired("Choose which hold ends.")], choices=kinds)
        return cast("type[Self]", type("EndHoldOfCaseForm", (cls,), {"kind": field}))


class ReasonsForm(StaffForm):
    """Reasons and the button."""

    reasons = reasons_field()


class LatenessForm(StaffForm):
    """Accept it though it is late, or not (R17)."""

    decision = RadioField(
        "Do we consider it though it is late?", [DataRequired("Choose yes or no.")], choices=labels.choices("yes_no")
    )
    reasons = reasons_field("Reasons for the person")


class InterestForm(StaffForm):
    """Enough interest in the child's welfare, or not (R6)."""

    decision = RadioField(
        "Is their interest in the child's welfare enough?",
        [DataRequired("Choose yes or no.")],
        choices=labels.choices("yes_no"),
    )
    reasons = reasons_field()


class _ThereForm(StaffForm):
    """About one of the procedures a case goes on under; `of` offers those it does."""

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form with the procedures of the case."""
        there = [SelectChoice(each.procedure, labels.label(each.procedure, "procedure")) for each in case.procedures]
        field = RadioField("Under which procedure?", [DataRequired("Choose the procedure.")], choices=there)
        return cast("type[Self]", type(f"{cls.__name__}OfCase", (cls,), {"procedure": field}))


class AcknowledgedThereForm(_ThereForm):
    """The day it was acknowledged there."""

    day = DayField("When was it acknowledged?", [DayRequired("Enter the day it was acknowledged."), not_in_future])


class AnsweredThereForm(_ThereForm):
    """The answer given there."""

    day = DayField("When was it answered?", [DayRequired("Enter the day it was answered."), not_in_future])
    finding = RadioField("What was found?", [DataRequired("Choose a finding.")], choices=labels.choices("finding"))


class OnwardForm(StaffForm):
    """To which body it was given, and who agreed (R19)."""

    to = StringField("Passed to", [DataRequired("Enter to whom it was passed."), Length(max=120)])
    consent_by = RadioField(
        "Who agreed?",
        [DataRequired("Choose who agreed; without consent nothing is passed on.")],
        choices=[SelectChoice(code, labels.label(code, "part")) for code in procedures.CONSENT_OF],
    )
    consented_on = DayField("When did they agree?", [DayRequired("Enter the day they agreed."), not_in_future])
    passed_on = DayField("When was it passed on?", [DayRequired("Enter the day it was passed on."), not_in_future])


class LetterForm(StaffForm):
    """The words of a letter that has not been sent."""

    text = TextAreaField("The letter", [DataRequired("A letter cannot be empty."), Length(max=LONGEST)])


class SentForm(StaffForm):
    """When and how a letter went out."""

    sent_on = DayField("When was it sent?", [DayRequired("Enter the day it was sent."), not_in_future])
    route = RadioField("How was it sent?", [DataRequired("Choose how it was sent.")], choices=labels.choices("route"))


class ActionForm(StaffForm):
    """What will be done because of a complaint, by whom, until when, and how the person is told (R58)."""

    kind = RadioField("What is it?", [DataRequired("Choose what it is.")], choices=labels.choices("action_kind"))
    what = TextAreaField("What will be done?", [DataRequired("Write what will be done."), Length(max=LONGEST)])
    owner = StringField("Who sees to it?", [DataRequired("Enter who sees to it."), Length(max=120)])
    due_on = DayField("By when?", [DayRequired("Enter by when it will be done.")])
    words = TextAreaField("Words for the person (optional)", [Length(max=LONGEST_MESSAGE)])


class ActionDoneForm(StaffForm):
    """Which action is done, since when, and how that is known; `of` offers those under way."""

    done_on = DayField("When was it done?", [DayRequired("Enter the day it was done."), not_in_future])
    evidence = TextAreaField("How do you know?", [DataRequired("Write how you know."), Length(max=LONGEST)])
    words = TextAreaField("Words for the person (optional)", [Length(max=LONGEST_MESSAGE)])

    @classmethod
    def of(cls, case: Case) -> type[Self]:
        """The form with the actions of a case that are not done."""
        under_way = [SelectChoice(each.id, each.what) for each in learning.under_way(case)]
        field = RadioField("Which action is done?", [DataRequired("Choose which action is done.")], choices=under_way)
        return cast("type[Self]", type("ActionDoneOfCaseForm", (cls,), {"action": field}))


class BringBackForm(StaffForm):
    """The day they asked for it to go on."""

    asked_on = DayField("When did they ask?", [DayRequired("Enter the day they asked."), not_in_future])


class ComplimentForm(StaffForm):
    """By which team and which giver a compliment is counted."""

    team = SelectField("Team it is for")
    from_role = SelectField("Who gave it", choices=labels.choices("role"))

    def offer(self, council: Council) -> None:
        """The teams of the council."""
        nobody = SelectChoice("", "Not known")
        self.team.choices = [nobody, *(SelectChoice(each.key, each.name) for each in council.teams)]


class ComplimentPassedForm(StaffForm):
    """Who has a compliment now."""

    to = StringField("Passed on to", [DataRequired("Enter who has it now."), Length(max=120)])


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
