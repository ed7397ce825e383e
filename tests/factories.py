"""Records made as the service makes them: through the one writer, of invented people."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.cases import advocacy, alerts, casework, compliments, conversations, intake, letters, safeguarding, staff
from bot.cases.tables import Alert

TOLD = {
    "complainant_role": "looked_after_child",
    "nature": "complaint",
    "subject": "part3_service",
    "responsible_body": "this_council",
    "current_risk": "none",
    "what_happened": "My social worker cancelled three visits and nobody told me why.",
    "desired_outcome": "I want her to come when she says she will.",
    "name": "Jess Hartley",
    "complainant_age": 14,
    "phone": "+447700900123",
    "preferred_contact": "sms",
    "team": "looked_after",
    "category": "broken_promise",
}
REFUSABLE = {
    "subject": "court_decision",
    "responsible_body": "court",
    "what_happened": "The judge decided that I may only see my son twice a year.",
    "complainant_role": "parent",
    "name": "Martin Osei",
    "complainant_age": 41,
}


def conversation_with(service, *texts, channel="web", phone=None, now=None, screening="none"):
    """A conversation in which a person said these things; its id."""
    now = now or datetime.now(UTC)
    with service.database.write() as session:
        held = conversations.open_conversation(session, channel=channel, now=now, phone=phone)
        for text in texts:
            said = conversations.keep_message(
                session, held, provider_id=f"web:{held.id}:{hash(text)}", text=text, now=now, screening=screening,
                reasons=() if screening == "none" else ("harm_now",),
            )  # fmt: skip
            if screening != "none":
                safeguarding.raise_referral(session, held, said, now=now)
        return held.id


def case_filed(service, *, now=None, channel="web", phone=None, advocate="accepted", **facts):
    """A case filed from a conversation; returns its reference. `facts` replace or add to those of Jess Hartley."""
    now = now or datetime.now(UTC)
    told = {**TOLD, **facts}
    conversation_id = conversation_with(service, told["what_happened"], channel=channel, phone=phone, now=now)
    with service.database.write() as session:
        intake.save_draft(session, conversation_id, told, now=now)
        advocacy.offer(session, conversation_id, provider=service.council.advocacy.name, now=now)
        if advocate:
            advocacy.answer(session, conversation_id, answer=advocate, provider=service.council.advocacy.name, now=now)
        filed = intake.file_complaint(
            session, conversation_id=conversation_id, council=service.council, rules=service.rules, now=now
        )
        return filed.reference


def case_accepted(service, *, by, now=None, stage=1, **facts):
    """A case filed and accepted on the same day; returns its reference."""
    now = now or datetime.now(UTC)
    reference = case_filed(service, now=now, **facts)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.accept(session, case, council=service.council, by=by, now=now, stage=stage)
    return reference


def letter_drafted(service, *, now=None):
    """A case filed, and its acknowledgement drafted; returns its reference and the id of the letter."""
    now = now or datetime.now(UTC)
    reference = case_filed(service, now=now)
    with service.database.write() as session:
        case = casework.get(session, reference)
        made = letters.draft(session, case, kind="acknowledgement", council=service.council, by="officer", now=now)
        return reference, made.id


def referral_raised(
    service, text="he is hitting me right now", *, level="immediate", now=None, channel="web", phone=None
):
    """A worry about somebody's safety; returns its id."""
    now = now or datetime.now(UTC)
    conversation_id = conversation_with(service, now=now, channel=channel, phone=phone)
    with service.database.write() as session:
        held = session.get_one(conversations.Conversation, conversation_id)
        said = conversations.keep_message(
            session, held, provider_id=f"web:{held.id}:danger", text=text, now=now, screening=level,
            reasons=("harm_now",),
        )  # fmt: skip
        return safeguarding.raise_referral(session, held, said, now=now).id


def alert_failed(service, referral_id=None, *, route="email", fault="not_reached", now=None):
    """A danger, new unless it is given, that the first step could not be told of by a route; the alert's id."""
    now = now or datetime.now(UTC)
    first = service.council.first_alerted(now)[0]
    telling = alerts.Telling(referral_id or referral_raised(service, now=now), first.key, first.name, 0, route)
    with service.database.write() as session:
        alerts.owe(session, [telling], now=now)
        alert = session.scalar(select(Alert).where(Alert.key == telling.key))
        if alert.state == "owed":
            alerts.note_failed(session, alert, fault=fault, now=now)
        return alert.id


def compliment_given(
    service, words="Amy at the contact centre was so kind to us.", *, now=None, channel="web", **known
):
    """Thanks for a worker, on record; its id."""
    now = now or datetime.now(UTC)
    conversation_id = conversation_with(service, words, now=now, channel=channel)
    with service.database.write() as session:
        held = session.get_one(conversations.Conversation, conversation_id)
        [said] = conversations.transcript(session, conversation_id)
        return compliments.keep(session, held, said, words=words, known=known, now=now).id


def advocate_wished_for(service, *, share=("name", "contact"), now=None):
    """A young person in conversation who asked for an advocate and said what may be told; the referral's id."""
    now = now or datetime.now(UTC)
    conversation_id = conversation_with(service, "can i have an advocate", now=now)
    with service.database.write() as session:
        held = session.get_one(conversations.Conversation, conversation_id)
        begun = advocacy.wish(session, held, provider=service.council.advocacy.name, now=now)
        return advocacy.consent(session, begun, share=share, words="just my name", now=now).id


def staff_user(service, role="officer", *, name=None, password="three quiet words", now=None, first_password=False):
    """Somebody who may sign in; returns them. Their password is theirs already, unless `first_password`."""
    now = now or datetime.now(UTC)
    with service.database.write() as session:
        member, _ = staff.create_user(
            session, email=f"{role}@example.org", name=name or f"{role.title()} Penrose", role=role, now=now,
            by="setup", password=password,
        )  # fmt: skip
        member.must_change_password = first_password
    return member
