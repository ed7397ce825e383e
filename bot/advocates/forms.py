"""What an advocate fills in at their door. Each form checks shape; what can be done is for `bot.cases`."""

from typing import Any
from uuid import uuid4

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp, ValidationError

from bot.telephones import e164

LONGEST = 10_000
MESSAGE_ID = Regexp(r"^[A-Za-z0-9-]{8,64}$", message="This form is out of date. Open it again.")
STATUSES = [
    SelectChoice("looked_after", "In care"),
    SelectChoice("care_leaver", "Left care"),
    SelectChoice("in_need", "At home, with help from social care"),
    SelectChoice("unknown", "Not known"),
]
AGREED = [
    SelectChoice("progress", "How it is going: status and dates"),
    SelectChoice("replies", "The replies and letters they get"),
]


class DoorForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The base of all: it carries a name of its own, so that a form sent twice is done once."""

    message_id = HiddenField(default=lambda: str(uuid4()), validators=[MESSAGE_ID])


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The code that belongs to a link."""

    code = StringField("Your code", [DataRequired("Enter your code."), Length(max=40)])


class AnswerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Whether the provider takes a young person on, and who; an advocate stands apart from what is complained of."""

    answer = RadioField(
        "Can you help this young person?",
        choices=[
            SelectChoice("accepted", "Yes, I will be their advocate"),
            SelectChoice("declined", "No, we cannot take this on"),
            SelectChoice("not_reached", "We tried and could not reach them"),
        ],
        validators=[DataRequired("Choose an answer.")],
    )
    name = StringField("Your name", [Length(max=120, message="Use at most 120 characters.")])
    apart = BooleanField(
        "I am not who the complaint is about, I do not manage that person or service or hold its budget, and I will"
        " take no part in deciding the complaint"
    )

    def validate_name(self, field: Field) -> None:
        """The young person is told who their advocate is."""
        if self.answer.data == "accepted" and not (field.data or "").strip():
            raise ValidationError("Enter your name: the young person is told it.")

    def validate_apart(self, field: Field) -> None:
        """Nobody may be an advocate against themselves or their own service (R27)."""
        if self.answer.data == "accepted" and not field.data:
            raise ValidationError("Confirm this, or choose that you cannot take this on.")


class AddForm(DoorForm):
    """Something to add to the complaint."""

    text = TextAreaField(
        "What do you want to add?",
        [DataRequired("Write something first."), Length(max=LONGEST, message="Use at most 10,000 characters.")],
    )


class LodgeForm(DoorForm):
    """A complaint for a young person."""

    child_name = StringField(
        "The young person's name", [DataRequired("Enter a name, a first name is enough."), Length(max=120)]
    )
    child_age = IntegerField("Their age", [Optional(), NumberRange(0, 25, "Enter an age between 0 and 25.")])
    child_status = RadioField("Are they in care?", choices=STATUSES, validators=[DataRequired("Choose one.")])
    child_phone = StringField("Their own mobile number", [Optional(), Length(max=40)])
    what_happened = TextAreaField(
        "What happened, in their words",
        [DataRequired("Write what happened."), Length(max=LONGEST, message="Use at most 10,000 characters.")],
    )
    desired_outcome = TextAreaField("What they want to happen", [Length(max=LONGEST)])
    consent = RadioField(
        "Do they know of this complaint and want you to make it?",
        choices=[SelectChoice("given", "Yes"), SelectChoice("pending", "Not yet")],
        validators=[DataRequired("Choose one.")],
    )
    scope = SelectMultipleField("What did they agree that you may see?", choices=AGREED)

    def validate_child_phone(self, field: Field) -> None:
        """Refuse what is no number, and keep a number in the one form in which it is found again."""
        field.data = e164(field.data or "")
        if field.data is None:
            raise ValidationError("Enter a telephone number, such as 07700 900123, or leave it empty.")

    def told(self) -> dict[str, Any]:
        """What was told, as `bot.advocates.lodging` takes it.

        What they wrote themselves an advocate may see; the rest only where the young person agreed.
        """
        agreed = self.scope.data or [] if self.consent.data == "given" else []
        return {
            "child_name": (self.child_name.data or "").strip(),
            "child_age": self.child_age.data,
            "child_status": self.child_status.data,
            "child_phone": self.child_phone.data or None,
            "what_happened": (self.what_happened.data or "").strip(),
            "desired_outcome": (self.desired_outcome.data or "").strip(),
            "consent": self.consent.data,
            "scope": ["name", "about", "words", *agreed],
        }
