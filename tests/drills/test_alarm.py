"""Drills: what people rely on in an emergency, tried on the running service with things broken."""

import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.cases import lookup
from bot.cases.tables import Alert, Referral
from tests.journeys.people import Phone, Web

pytestmark = pytest.mark.slow

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
NOT_THROUGH = "Alerts are not getting through"
ALARM = "Somebody may be in danger now"


class Desk:
    """A member of staff at a browser, over HTTP."""

    def __init__(self, running, officer):
        self.client = httpx.Client(base_url=running.url, follow_redirects=True, timeout=60)
        email, password = officer
        self.send("/casework/sign-in", email=email, password=password)

    def see(self, path):
        return self.client.get(path).raise_for_status().text

    def send(self, path, page=None, **fields):
        token = TOKEN.search(self.see(page or path))[1]
        return self.client.post(path, data={"csrf_token": token, **fields}).raise_for_status().text


@pytest.fixture
def desk(running, officer):
    """Ana Price, signed in."""
    at_work = Desk(running, officer)
    yield at_work
    at_work.client.close()


def wait_until(true, *, seconds=60):
    """Wait for something to become true; gives what it then is."""
    until = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def first_phone(running):
    return number(running.service().council.first_alerted(datetime.now(UTC))[0])


def number(step):
    return "+44" + step.phone.replace(" ", "")[1:]


def referral_of(running, words):
    """The referral with these words, and what was told of it."""
    with running.service().database.read() as session:
        for referral in session.scalars(select(Referral).order_by(Referral.raised_at.desc())):
            if referral.words == words:
                told = session.scalars(select(Alert).where(Alert.referral_id == referral.id)).all()
                return referral, {(alert.step, alert.route): alert.state for alert in told}
    return None


def test_danger_with_rasa_and_the_mail_server_stopped_ends_with_somebody_who_has_it(running, desk):
    """The person is answered, the duty phone rings, it goes up though the worker is killed, and Ana acknowledges."""
    words = "he has locked me in and he is hitting me"
    duty, head = first_phone(running), number(running.service().council.escalation.steps[-1])
    rung, head_rung = len(running.stand_in.to(duty)), len(running.stand_in.to(head))
    running.kill("rasa\0run")
    running.mailbox.stop()

    heard = Phone(running, "+447700900271").say(words, expect=2)
    assert "Call 999" in heard[0]
    assert "Are you safe right now?" in heard[1]
    assert len(running.stand_in.wait_for(duty, rung + 1, seconds=30)) == rung + 1
    assert words not in " ".join(running.stand_in.to(duty))

    def mail_failed():
        return "failed" in {state for (_, route), state in referral_of(running, words)[1].items() if route == "email"}

    assert wait_until(mail_failed)
    page = desk.see("/casework/new")
    assert ALARM in page
    assert NOT_THROUGH in page

    running.kill("bot.cli\0worker")
    referral, _ = referral_of(running, words)
    with running.service().database.write() as session:
        session.get(Referral, referral.id).raised_at -= timedelta(minutes=31)
    assert len(running.stand_in.wait_for(head, head_rung + 1, seconds=60)) > head_rung, "it goes up"

    desk.send(f"/casework/referrals/{referral.id}/acknowledge", page=f"/casework/referrals/{referral.id}")
    referral, _ = referral_of(running, words)
    assert referral.acknowledged_by is not None
    assert ALARM not in desk.see("/casework/new")

    running.mailbox.start()
    running.wait_ready()


@contextmanager
def store_away(running):
    """The case store as it is when it cannot be used: nothing can be kept or read."""
    engine = running.service().database.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table messages rename to away")
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("alter table away rename to messages")


def test_danger_with_the_store_away_is_told_at_once_and_taken_on_when_it_is_back(running, desk):
    """Text and e-mail go out from the spool without a word of it; then the referral stands with its true time."""
    words = "i have taken all my tablets"
    duty = first_phone(running)
    rung = len(running.stand_in.to(duty))
    person = Web(running)
    with store_away(running):
        before = datetime.now(UTC)
        replies = person.say(words)
        after = datetime.now(UTC)
        assert replies[0]["kind"] == "crisis"
        told = running.stand_in.wait_for(duty, rung + 1, seconds=30)[rung:]
        assert ["The case store is away" in text for text in told] == [True]
        assert wait_until(lambda: any("store is away" in each["Subject"] for each in running.mailbox.letters))
    assert words not in " ".join(each.as_string() for each in running.mailbox.letters)

    referral, _ = wait_until(lambda: referral_of(running, words))
    assert before <= referral.raised_at <= after
    assert wait_until(lambda: "sent" in referral_of(running, words)[1].values())
    page = f"/casework/referrals/{referral.id}"
    assert words in desk.see(page)
    assert "while the case store was away" in desk.see(page)
    desk.send(f"{page}/acknowledge", page=page)
    with running.service().database.read() as session:
        assert lookup.alarms(session) == 0
