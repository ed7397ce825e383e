"""Coming back over the running service: days later, on the other channel, with somebody else on the same telephone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.cases import conversations
from bot.cases.database import vault
from bot.cases.tables import Conversation
from tests.journeys.people import Phone, Web, tell

pytestmark = pytest.mark.slow

STORY = "my social worker keeps cancelling my contact with my brother and no one tells me why"
REST = {
    "complainant_role": "im in care", "advocacy": "no thanks", "more_to_say": "no that's all",
    "desired_outcome": "i want to see my brother", "happened_when": "since easter", "name": "Kaylee",
    "safe_to_contact": "yes it is safe", "preferred_contact": "Text", "phone": "07700900211",
    "confirm_statement": "yes, send it", "proceedings": "no", "prior": "no",
}  # fmt: skip


def let_days_pass(running, phone, days):
    """The conversation of a number has been silent for so long."""
    then = datetime.now(UTC) - timedelta(days=days)
    with running.service().database.write() as session:
        on_it = Conversation.phone_key == vault().fingerprint(phone.number)
        session.execute(update(Conversation).where(on_it).values(last_message_at=then, phone_since=then))


def code_in(texts):
    """The code word among these texts."""
    return next(match[1] for text in texts if (match := re.search(r"code word\. It is: (\w+ \w+)\.", text)))


def test_child_comes_back_after_days_and_finishes_in_a_browser(running):
    """By text to the story; days later the code word; then in a browser to the filed complaint, asked nothing twice."""
    phone = Phone(running, "+447700900211")
    told = phone.say(STORY, expect=2)
    code = code_in(told)
    let_days_pass(running, phone, 5)

    at_the_door = phone.say("hi is anyone there")
    assert len(at_the_door) == 1
    assert "code word" in at_the_door[0]
    assert "brother" not in at_the_door[0]
    assert "kept all you told me" in phone.say(code.upper())[0]

    web = Web.back(running, number="07700 900211", code=code)
    asked = tell(web, dict(REST))
    assert "what_happened" not in asked
    assert web.reference
    assert phone.say("how is my complaint going?", expect=1)
    assert web.reference in " ".join(running.stand_in.to(phone.number))


def test_two_children_on_one_telephone_are_kept_apart(running):
    """The second child's talk holds nothing of the first's, and each comes back with their own word."""
    phone = Phone(running, "+447700900212")
    first = code_in(phone.say(STORY, expect=2))
    assert "just for you" in phone.say("this is someone else")[0]
    heard = phone.say("im in care and my foster carer took my phone off me for a month", expect=2)
    second = code_in(heard)
    assert first != second
    assert "brother" not in " ".join(heard)

    assert "kept all" in phone.say(first)[0]
    with running.service().database.read() as session:
        now_in = conversations.of_number(session, vault().fingerprint(phone.number))
        assert "brother" in conversations.draft_facts(session, now_in.id)["what_happened"]
