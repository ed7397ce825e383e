"""Telling people of a danger until a named person has it: by text, e-mail and webhook, whatever is down."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask, request
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from bot import cli
from bot.app import create_app
from bot.cases import alerts, intake, lookup, safeguarding
from bot.cases.tables import Alert, Job, Referral
from bot.checks import refuse_without_alarm
from bot.conversation import alarm, inbox, outbox, spool, turn, worker
from bot.conversation.inbox import InboundMessage, StoreAway, receive
from bot.council import load_council
from bot.errors import SettingsError
from tests.conftest import both_stores
from tests.factories import TOLD, alert_failed, referral_raised, staff_user
from tests.integration.staff_browser import StaffBrowser, plain

PHONE = "+447700900117"
DANGER = "he is hitting me right now"
NOT_THROUGH = "Alerts are not getting through"


@pytest.fixture
def officer(service):
    """An officer's browser, signed in."""
    return StaffBrowser(create_app(service)).sign_in_as(staff_user(service, "officer", name="Ana Price"))


def danger(service, text=DANGER, *, minutes_ago=0, sid="SM1"):
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return receive(service, InboundMessage("sms", sid, text, at, phone=PHONE))


def tell_all(service, twilio):
    alarm.owe_due(service, now=datetime.now(UTC))
    while alarm.send_next(service, twilio):
        pass


def first_step(service):
    return service.council.first_alerted(datetime.now(UTC))[0]


def e164(phone):
    return "+44" + phone.replace(" ", "")[1:]


def states(service):
    """Every alert as (step, route, state), in order."""
    with service.database.read() as session:
        return [(each.step, each.route, each.state) for each in session.scalars(select(Alert).order_by(Alert.id))]


def later(service):
    """Let time pass: what was put off is due, and leases have run out."""
    with service.database.write() as session:
        session.execute(update(Job).where(Job.state == "ready").values(run_at=datetime.now(UTC), locked_until=None))


def acknowledge(service):
    with service.database.write() as session:
        for referral in alerts.waiting(session):
            safeguarding.acknowledge(session, referral.id, by="officer", now=datetime.now(UTC))


# --- told, and told again ---------------------------------------------------------------------------------------------


def test_danger_is_told_by_text_and_email_without_a_word_of_it(mailing, twilio, stand_in, mailbox):
    """The first step is told by every route at once; each telling is kept with its times, and no words leave."""
    danger(mailing)
    tell_all(mailing, twilio)

    first = first_step(mailing)
    assert len(stand_in.to(e164(first.phone))) == 1
    [letter] = mailbox.to(first.email)
    assert letter["Auto-Submitted"] == "auto-generated"
    everything = " ".join([*stand_in.to(e164(first.phone)), *(each.as_string() for each in mailbox.letters)])
    assert "hitting" not in everything
    assert PHONE not in everything
    with mailing.database.read() as session:
        told = session.scalars(select(Alert)).all()
        assert {(each.step, each.route, each.state) for each in told} == {
            (first.key, "text", "sent"), (first.key, "email", "sent"), ("complaints_team", "email", "sent"),
        }  # fmt: skip
        assert all(each.owed_at <= each.sent_at for each in told)


def test_danger_nobody_acknowledges_is_repeated_and_goes_up(mailing, twilio, stand_in):
    """After the profile's minutes it goes to the next, and to the first again; looking again tells nobody twice."""
    danger(mailing, minutes_ago=31)
    tell_all(mailing, twilio)
    told = dict(stand_in.texts[-1])
    head = next(step for step in mailing.council.escalation.steps if step.key == "head_of_service")

    assert len(stand_in.to(e164(head.phone))) == 1
    assert "31 minutes ago and nobody has acknowledged it" in told["body"]
    before = len(states(mailing))
    tell_all(mailing, twilio)
    assert len(states(mailing)) == before

    alarm.owe_due(mailing, now=datetime.now(UTC) + timedelta(minutes=15))
    later(mailing)
    tell_all(mailing, twilio)
    assert len(stand_in.to(e164(head.phone))) == 2


def test_acknowledgement_stops_the_alarm(mailing, twilio, stand_in):
    """Once a named person has it nobody is told again, and what was owed is dropped."""
    danger(mailing)
    alarm.owe_due(mailing, now=datetime.now(UTC))
    acknowledge(mailing)
    tell_all(mailing, twilio)
    alarm.owe_due(mailing, now=datetime.now(UTC) + timedelta(hours=1))

    assert {state for _, _, state in states(mailing)} == {"dropped"}
    assert not [text for text in stand_in.texts if text["to"] != PHONE]


@both_stores
def test_sweeps_side_by_side_owe_each_telling_once(service):
    """Several workers that look at the same moment do not ring twice."""
    danger(service)
    now = datetime.now(UTC)
    threads = [threading.Thread(target=alarm.owe_due, args=(service,), kwargs={"now": now}) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [route for _, route, _ in states(service)] == ["text"]


def test_worker_killed_while_telling_is_followed_by_another(mailing, twilio, stand_in):
    """A telling whose worker died before it could say so is taken up when its lease runs out."""
    danger(mailing)
    alarm.owe_due(mailing, now=datetime.now(UTC))
    with mailing.database.write() as session:
        while alarm.jobs.claim(session, kinds=("alert",), now=datetime.now(UTC)):
            pass
    assert not alarm.send_next(mailing, twilio), "the leases hold"
    later(mailing)
    tell_all(mailing, twilio)

    assert {state for _, _, state in states(mailing)} == {"sent"}


def test_frightened_texts_in_a_row_ring_one_alarm(mailing, twilio):
    """Six messages of danger from one person are one referral with all their words, and are told once."""
    for number in range(6):
        danger(mailing, f"{DANGER} {number}", sid=f"SM{number}")
    tell_all(mailing, twilio)

    with mailing.database.read() as session:
        [referral] = lookup.referral_queue(session)
        assert referral.words.splitlines() == [f"{DANGER} {number}" for number in range(6)]
    assert [route for _, route, _ in states(mailing)].count("text") == 1


def test_danger_after_an_acknowledgement_rings_again(mailing, twilio):
    """Whoever took on the first has not seen the second."""
    danger(mailing)
    acknowledge(mailing)
    danger(mailing, sid="SM2")

    with mailing.database.read() as session:
        assert len(lookup.referral_queue(session)) == 2
        assert lookup.alarms(session) == 1


def test_concern_is_told_by_email_for_the_same_day(mailing, twilio, stand_in, mailbox, officer):
    """No phone rings for a concern; the queue says by when it is due, and when it is late."""
    referral_raised(mailing, "I feel low a lot", level="concern")
    tell_all(mailing, twilio)

    assert [letter["Subject"] for letter in mailbox.letters] == ["Speak Up: a worry to look at today"] * 2
    assert stand_in.texts == []
    due = mailing.council.closes_next(datetime.now(UTC))
    assert f"{due:%A} {due.day} {due:%B %Y}, 5:00pm" in officer.text("/casework/referrals")
    with mailing.database.write() as session:
        session.execute(update(Referral).values(raised_at=datetime.now(UTC) - timedelta(days=9)))
    tell_all(mailing, twilio)
    assert "5:00pm Late" in officer.text("/casework/referrals")
    assert mailbox.letters[-1]["Subject"] == "Speak Up: a worry is past its day"


# --- what does not get through ----------------------------------------------------------------------------------------


def test_mail_server_that_is_down_holds_nothing_up_and_is_on_every_page(mailing, twilio, stand_in, mailbox, officer):
    """The text goes all the same; the e-mail is tried again, is named on a red banner, and gets through later."""
    mailbox.stop()
    danger(mailing)
    tell_all(mailing, twilio)

    first = first_step(mailing)
    assert len(stand_in.to(e164(first.phone))) == 1
    told = officer.text("/casework/new")
    assert NOT_THROUGH in told
    assert f"E-mail to {first.name}" in told
    assert "could not be reached" in told
    assert "Tried again at" in officer.text("/casework/alerts")

    mailbox.start()
    later(mailing)
    tell_all(mailing, twilio)
    assert len(mailbox.to(first.email)) == 1
    assert NOT_THROUGH not in officer.text("/casework/new")


def test_alert_that_is_given_up_stays_on_every_page_until_somebody_sees_to_it(mailing, twilio, mailbox, officer):
    """After the last try it is still named; whoever sees to it is on record, and the next failure shows again."""
    mailbox.stop()
    danger(mailing)
    for _ in range(5):
        tell_all(mailing, twilio)
        later(mailing)
    with mailing.database.read() as session:
        assert {job.state for job in session.scalars(select(Job).where(Job.kind == "alert"))} == {"done", "dead"}
        failed = [each.id for each in alerts.faults(session)]
        assert lookup.failed_jobs(session) == []
    assert "Not tried again" in officer.text("/casework/alerts")

    for alert_id in failed:
        officer.send(f"/casework/alerts/{alert_id}/seen-to", page="/casework/alerts")
    assert NOT_THROUGH not in officer.text("/casework/new")
    with mailing.database.read() as session:
        assert {each.seen_by for each in session.scalars(select(Alert).where(Alert.id.in_(failed)))} == {
            officer.staff.id
        }
    again = officer.send(f"/casework/alerts/{failed[0]}/seen-to", page="/casework/alerts")
    assert (again.status_code, "seen to already" in plain(again)) == (409, True)

    alarm.owe_due(mailing, now=datetime.now(UTC) + timedelta(minutes=16))
    later(mailing)
    tell_all(mailing, twilio)
    assert NOT_THROUGH in officer.text("/casework/new")


def test_refused_recipient_is_told_apart_from_a_server_that_is_down(mailing, twilio, mailbox, officer):
    """The banner says what is wrong, so that somebody can put it right."""
    mailbox.refused.add(first_step(mailing).email)
    danger(mailing)
    tell_all(mailing, twilio)

    assert "refused the address" in officer.text("/casework/")
    assert "Check the e-mail address in the council's profile." in officer.text("/casework/alerts")


def test_text_that_the_network_cannot_deliver_is_tried_again(service, client, twilio, stand_in, officer):
    """Twilio taking a text is not its arriving: a report of failure makes it owed again, one of delivery is kept."""
    danger(service)
    tell_all(service, twilio)
    number = e164(first_step(service).phone)
    [text] = [each for each in stand_in.texts if each["to"] == number]

    report(client, service, text["sid"], "undelivered")
    assert "the network could not deliver it" in officer.text("/casework/")
    later(service)
    tell_all(service, twilio)
    assert len(stand_in.to(number)) == 2
    report(client, service, stand_in.texts[-1]["sid"], "delivered")
    report(client, service, stand_in.texts[-1]["sid"], "sent")

    assert states(service)[0][2] == "delivered"
    assert NOT_THROUGH not in officer.text("/casework/")


def report(client, service, sid, status):
    form = {"MessageSid": sid, "MessageStatus": status}
    address = service.settings.public_url + "/sms/status"
    signature = RequestValidator(service.settings.twilio_auth_token).compute_signature(address, form)
    answer = client.post("/sms/status", data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204


@contextmanager
def pager(status):
    """A webhook that answers with a status; gives its address and what it was told."""
    app, told = Flask("pager"), []

    @app.post("/alert")
    def take():
        told.append(request.get_json())
        return "", status

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/alert", told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "shown"), [(204, False), (403, True)])
def test_webhook_is_told_too_and_its_refusal_is_shown(service, twilio, officer, status, shown):
    """A pager is posted who should look and where; one that refuses is on the banner."""
    with pager(status) as (address, told):
        paging = replace(service, settings=replace(service.settings, alert_webhook=address))
        danger(paging)
        tell_all(paging, twilio)

    assert told[0]["for"] == first_step(service).name
    assert "/casework/referrals/" in told[0]["text"]
    assert ("Webhook to" in officer.text("/casework/")) is shown


def test_danger_that_nobody_can_be_told_of_is_shown_at_once(service, officer):
    """Without a duty phone, texting or e-mail the banner says that nobody was told."""
    silent = replace(service, settings=replace(service.settings, twilio_from=""))
    danger(silent)
    tell_all(silent, None)

    told = officer.text("/casework/")
    assert f"{first_step(service).name} could not be told of a danger" in told
    assert "nothing is set up by which to reach them" in told


def test_viewer_is_not_troubled_with_what_only_officers_can_mend(service):
    """The banner is for those who handle referrals."""
    alert_failed(service)
    viewer = StaffBrowser(create_app(service)).sign_in_as(staff_user(service, "viewer"))

    assert NOT_THROUGH not in viewer.text("/casework/")
    assert viewer.see("/casework/alerts").status_code == 403


@pytest.mark.parametrize("council", ["kent", "leicestershire", "peterborough"])
def test_council_whose_people_could_not_be_told_does_not_start(service, monkeypatch, council):
    """`bot serve` refuses with the file, the field and what to do; so does `bot check`."""
    silent = replace(service.settings, council=council, twilio_from="", smtp_url="")
    monkeypatch.setattr(cli.Settings, "load", classmethod(lambda cls, **_: silent))

    for command in ("serve", "check"):
        answer = CliRunner().invoke(cli.main, [command])
        assert answer.exit_code == 1
        assert f"{council}.yml: duty: it has phone and email" in answer.output
        assert f"{council}.yml: emergency_duty_team: " in answer.output
        assert "SPEAKUP_SMTP_URL" in answer.output


def test_invented_council_starts_without_any_route(service):
    """What is for trying out may be tried out without an account or a mail server; a real council may not."""
    silent = replace(service, settings=replace(service.settings, twilio_from=""))
    refuse_without_alarm(silent)
    with pytest.raises(SettingsError, match="duty"):
        refuse_without_alarm(replace(silent, council=load_council("kent")))


# --- the store away ---------------------------------------------------------------------------------------------------


@contextmanager
def store_away(service):
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table messages rename to away")
    yield
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table away rename to messages")


def replay(service, twilio):
    """What the worker does with the spool, in one look."""
    try:
        return worker.replay(service, twilio)
    except worker.OperationalError:
        return False


def test_danger_is_told_while_the_store_is_away_and_referred_when_it_is_back(mailing, twilio, stand_in, mailbox):
    """People hear of it at once and again, without its words; the referral has its true time and who was told."""
    came = datetime.now(UTC) - timedelta(minutes=20)
    with store_away(mailing):
        with pytest.raises(StoreAway) as away:
            receive(mailing, InboundMessage("sms", "SM1", DANGER, came, phone=PHONE))
        assert "999" in away.value.replies[0].text
        for _ in range(3):
            assert not replay(mailing, twilio)
        first = first_step(mailing)
        [text] = stand_in.to(e164(first.phone))
        [letter] = mailbox.to(first.email)
        for told in (text, letter.get_content()):
            assert "The case store is away" in told
            assert "hitting" not in told
        assert len(spool.waiting(mailing.settings.home)) == 1, "looking again spools nothing twice"

    assert replay(mailing, twilio)
    with mailing.database.read() as session:
        [referral] = lookup.referral_queue(session)
        assert (referral.words, referral.raised_at) == (DANGER, came)
        away_told = [(each.step, each.route, each.state) for each in referral.alerts if each.while_away]
    assert (first.key, "text", "sent") in away_told
    assert list((mailing.settings.home / "spool").iterdir()) == []
    tell_all(mailing, twilio)
    assert len(stand_in.to(e164(first.phone))) == 2, "now it can be read, and is told so"


def test_alert_that_fails_while_the_store_is_away_is_tried_again_and_kept(mailing, twilio, stand_in, mailbox):
    """The mail server down as well: the text goes once, the e-mail is noted as failed."""
    mailbox.stop()
    with store_away(mailing):
        with pytest.raises(StoreAway):
            danger(mailing)
        replay(mailing, twilio)
        replay(mailing, twilio)
    replay(mailing, twilio)

    assert len(stand_in.to(e164(first_step(mailing).phone))) == 1
    assert (first_step(mailing).key, "email", "failed") in states(mailing)


def test_person_in_danger_is_answered_by_text_while_the_store_is_away(client, service, settings):
    """The crisis words are in the answer to Twilio itself; "no" to being safe is danger again, "yes" is heard."""
    with store_away(service):
        assert "Call 999" in text_in(client, settings, DANGER, "SM1")
        assert "Are you safe right now?" in text_in(client, settings, "no", "SM2")
        assert "Someone here will read your words first" in text_in(client, settings, "yes", "SM3")
    assert len(spool.dangers(service.settings.home)) == 2


def text_in(client, settings, body, sid):
    form = {"From": PHONE, "To": "+447700900000", "Body": body, "MessageSid": sid, "NumMedia": "0"}
    address = settings.public_url + "/sms/inbound"
    signature = RequestValidator(settings.twilio_auth_token).compute_signature(address, form)
    answer = client.post("/sms/inbound", data=form, headers={"X-Twilio-Signature": signature})
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    return answer.text


def test_button_pressed_while_the_store_is_away_is_heard(client, service):
    """ "No, I am not safe" picked on the page as the store goes away is spooled as danger, and not an error page."""
    handle, _ = inbox.begin(service, now=datetime.now(UTC))
    path = f"/chat/api/conversations/{handle}/messages"
    client.post(path, json={"id": "1", "text": DANGER})
    with store_away(service):
        client.post(path, json={"id": "2", "text": DANGER})
        answer = client.post(path, json={"id": "3", "choice": "deny"})
    assert answer.status_code == 202
    assert answer.json["replies"][0]["kind"] == "crisis"


def test_message_that_can_never_be_kept_does_not_stand_in_the_way(service):
    """One for a conversation that is gone is set aside; the danger behind it is referred."""
    lost = InboundMessage("web", "web:x:1", "hello", datetime.now(UTC), handle="nobody has this")
    spool.keep(service.settings.home, lost)
    spool.keep(service.settings.home, InboundMessage("sms", "SM1", DANGER, datetime.now(UTC), phone=PHONE), danger=True)

    assert replay(service, None)
    with service.database.read() as session:
        assert [each.words for each in lookup.referral_queue(session)] == [DANGER]
    assert len(list((service.settings.home / "spool").glob("*.refused"))) == 1


# --- the person, and the complaint that waits -------------------------------------------------------------------------


def heard(service):
    with service.database.read() as session:
        said = lookup.Message
        query = select(said.response).where(said.direction == "out").order_by(said.number)
        return list(session.scalars(query))


def test_complaint_waits_until_the_person_is_safe_and_somebody_has_it(service, dialogue, officer):
    """Safe, then acknowledged: only then is the person told that they can go on, and goes on where they were."""
    got = danger(service)
    danger(service, "yes", sid="SM2")
    danger(service, "can we do my complaint now", sid="SM3")
    turn.answer_now(service, got.conversation_id)
    assert heard(service) == ["utter_crisis", "utter_ask_safe_now", "utter_safe_wait", "utter_safe_wait"]
    assert dialogue.asked == []
    with service.database.read() as session:
        [referral] = lookup.referral_queue(session)
        assert referral.safe_at is not None
    page = f"/casework/referrals/{referral.id}"
    told = officer.text(page)
    assert "can we do my complaint now" in told
    assert "What was noticed Somebody is being hit or physically hurt." in told

    officer.send(f"{page}/acknowledge", page=page)
    officer.send(f"{page}/pass-on", page=page, to="Anytown Front Door")
    assert heard(service)[-2:] == ["utter_safe_wait", "utter_safe_seen"], "told once, whatever is done with it next"
    danger(service, "go on", sid="SM4")
    turn.answer_now(service, got.conversation_id)
    assert [each["text"] for each in dialogue.asked] == ["/repeat"]


def test_person_who_has_not_said_they_are_safe_gets_no_unasked_message(service, officer):
    """Somebody they are afraid of may hold the phone; whoever acknowledged it decides how to reach them."""
    danger(service)
    with service.database.read() as session:
        [referral] = lookup.referral_queue(session)
    officer.send(f"/casework/referrals/{referral.id}/acknowledge", page=f"/casework/referrals/{referral.id}")

    assert heard(service) == ["utter_crisis", "utter_ask_safe_now"]


def test_person_who_is_safe_does_not_wait_for_us_for_ever(service, dialogue):
    """After an hour without an acknowledgement the complaint goes on; the alarm goes on ringing."""
    got = danger(service, minutes_ago=61)
    danger(service, "yes", sid="SM2", minutes_ago=60)
    danger(service, "my worker never rings", sid="SM3")
    turn.answer_now(service, got.conversation_id)

    assert dialogue.asked[-1]["text"] == "my worker never rings"
    with service.database.read() as session:
        assert lookup.alarms(session) == 1


def test_question_on_its_way_is_held_back_when_danger_follows(service, dialogue):
    """What was told before the danger is taken in; its question is not put to somebody who may be in danger."""
    got = danger(service, "my worker never rings me back", sid="SM1")
    danger(service, DANGER, sid="SM2")
    turn.answer_now(service, got.conversation_id)

    assert [each["text"] for each in dialogue.asked] == ["my worker never rings me back"]
    assert heard(service) == ["utter_crisis", "utter_ask_safe_now"]


@both_stores
def test_referral_is_linked_to_the_complaint_that_comes_of_it(service):
    """Two records: the worry, and the case once it is filed. A later case of the same number is not taken for it."""
    got = danger(service)
    now = datetime.now(UTC)
    with service.database.write() as session:
        intake.save_draft(session, got.conversation_id, TOLD, now=now)
        filed = intake.file_complaint(
            session, conversation_id=got.conversation_id, council=service.council, rules=service.rules, now=now
        )
    acknowledge(service)
    with service.database.write() as session:
        intake.save_draft(session, got.conversation_id, TOLD, now=now)
    danger(service, sid="SM2")

    with service.database.read() as session:
        second, first = lookup.referral_queue(session)
        assert first.case_id == lookup.cases_of(session, [filed.reference])[0].id
        assert second.case_id is None, "it came up while another complaint was being told"


@pytest.mark.parametrize(
    ("facts", "told", "not_told"),
    [
        ({}, "Childline: 0800 1111", None),
        ({"complainant_role": "looked_after_child"}, "Childline: 0800 1111", None),
        ({"complainant_role": "parent", "complainant_age": 41}, "Samaritans: 116 123", "Childline"),
    ],
)
def test_help_line_fits_the_person(service, facts, told, not_told):
    """A child is told of Childline, an adult of somebody who is there for adults."""
    conversation_id = danger(service, "hello").conversation_id
    with service.database.write() as session:
        intake.save_draft(session, conversation_id, facts, now=datetime.now(UTC))
    danger(service, sid="SM2")

    with service.database.read() as session:
        words = session.scalar(select(lookup.Message.text).where(lookup.Message.response == "utter_crisis"))
    assert told in words
    assert not_told is None or not_told not in words


@pytest.mark.parametrize("channel", ["sms", "web"])
def test_help_lines_not_checked_lately_are_not_told(service, channel):
    """A number nobody has checked for too long is left out; 999 never is."""
    words = [
        inbox.crisis.said(service, "utter_crisis", channel=channel, now=datetime(year, 12, 1, tzinfo=UTC)).text
        for year in (2026, 2030)
    ]
    assert ["0800 1111" in each for each in words] == [True, False]
    assert all("999" in each for each in words)
    assert len(words[0]) < 460 or channel == "web"


@pytest.mark.parametrize("response", ["utter_crisis", "utter_concern", "utter_safe_wait", "utter_safe_seen"])
@pytest.mark.parametrize("council", ["default", "kent", "leicestershire", "peterborough"])
def test_words_of_danger_fit_few_texts(service, council, response):
    """With the council's names and the help line filled in, they take at most two segments of plain letters."""
    named = replace(service, council=load_council(council))
    reply = inbox.crisis.said(named, response, channel="sms", now=datetime(2026, 11, 22, tzinfo=UTC))
    assert outbox.segments(outbox.body_of(reply.text, list(reply.choices))) <= 2
