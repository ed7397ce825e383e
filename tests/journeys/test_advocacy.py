"""An advocate over the running service: asked for by text, told no more than agreed, and let go again."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.cases import authority
from bot.cases.tables import AdvocacyReferral, Authority, Conversation
from tests.journeys.people import Phone, Web, tell
from tests.journeys.test_complaints import COMMON

pytestmark = pytest.mark.slow


def referral_of(service, conversation):
    with service.database.read() as session:
        return session.scalar(select(AdvocacyReferral).where(AdvocacyReferral.conversation_id == conversation.id))


def test_child_asks_narrows_and_takes_back_by_text(running):
    """In their own words: a wish, what may be told, less of it, no more at all; each holds at once."""
    phone, number = Phone(running, "+447700900261"), "+447700900261"
    heard = phone.say("can i have an advocate")
    assert "What may we tell the advocate?" in heard[-1]
    assert "your name, how to reach you" in " ".join(phone.say("2"))
    service = running.service()
    with service.database.write() as session:
        held = next(each for each in session.scalars(select(Conversation)) if each.phone == number)
        door, _ = authority.make_door(
            session, organisation="Voices", by="test", now=datetime.now(UTC), open_for=timedelta(days=1)
        )
        given = authority.give(
            session, door, scope=("name", "contact", "progress"), conversation=held, now=datetime.now(UTC)
        )
    assert referral_of(service, held).share == ["name", "contact"]

    assert "how it is going" in " ".join(phone.say("only tell my advocate the dates"))
    service = running.service()
    with service.database.read() as session:
        assert session.get_one(Authority, given.id).scope == ["progress"]

    heard = phone.say("i dont want my advocate to see this any more")
    assert "cannot see any of this any more" in " ".join(heard)
    assert "it goes on" in " ".join(heard)
    service = running.service()
    with service.database.read() as session:
        assert session.get_one(Authority, given.id).withdrawn_at is not None
    assert referral_of(service, held).state == "withdrawn"


def test_child_says_yes_in_a_complaint_and_the_provider_is_written_to(running):
    """Consent is asked for and kept, the complaint goes on to its end, and the provider gets the referral by e-mail."""
    person = Web(running)
    person.say("I want to make a complaint")
    asked = tell(
        person,
        COMMON | {
            "complainant_role": "im in care", "advocacy": "yes please",
            "advocacy_share": "everything but not my letters",
            "name": "Kaylee", "what_happened": ["they moved me again and no one asked what i wanted"],
        },
    )  # fmt: skip
    assert asked.index("advocacy_share") == asked.index("advocacy") + 1
    service = running.service()
    with service.database.read() as session:
        held = session.scalar(select(Conversation).where(Conversation.handle == person.handle))
    until = time.monotonic() + 60
    while (referral := referral_of(service, held)).state != "sent" and time.monotonic() < until:
        time.sleep(1)
    assert (referral.state, referral.case_id) == ("sent", held.case_id)
    assert "replies" not in referral.share
    assert referral.consent_words == "everything but not my letters"
