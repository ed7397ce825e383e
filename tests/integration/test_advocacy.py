"""An advocate: offered with proof, referred with consent, timed, chased, answered; narrowed and taken back."""

import json
import re
import smtplib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from bot.advocates import offering, referring, sweep
from bot.cases import advocacy, authority, casework, conversations, intake, letters, lookup
from bot.cases.tables import AdvocacyOffer, AdvocacyReferral, Conversation, Job, Message
from bot.checks import advocacy_route
from bot.clocks import ENGLAND
from bot.conversation import outbox, worker
from bot.council import AdvocacyReferrals, load_council
from bot.understanding.sharing import SHARES
from tests.conftest import both_stores
from tests.factories import TOLD, case_accepted, case_filed, conversation_with

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PHONE = "+447700900321"
SAFE = {"safe_to_contact": {"sms": "safe"}}


def wished(service, *, share=SHARES, now=NOW, phone=PHONE, filed=True, **facts):
    """A young person who wants an advocate and said what may be told; the referral's id."""
    told = {**TOLD, **SAFE, "phone": phone, **facts}
    conversation_id = conversation_with(service, told["what_happened"], channel="sms", phone=phone, now=now)
    with service.database.write() as session:
        held = session.get_one(Conversation, conversation_id)
        intake.save_draft(session, conversation_id, told, now=now)
        advocacy.offer(session, conversation_id, provider="Voices", now=now)
        advocacy.answer(session, conversation_id, answer="accepted", provider="Voices", now=now)
        referral = advocacy.wish(session, held, provider="Voices", now=now)
        if share is not None:
            advocacy.consent(session, referral, share=share, words="tell them", now=now)
        if filed:
            intake.file_complaint(
                session, conversation_id=conversation_id, council=service.council, rules=service.rules, now=now
            )
        return referral.id


def referral_of(service, referral_id):
    with service.database.read() as session:
        return advocacy.get(session, referral_id)


def said_in(service, conversation_id):
    """The names of the responses said in a conversation."""
    with service.database.read() as session:
        return [each.response for each in conversations.transcript(session, conversation_id) if each.response]


def offers(service):
    with service.database.read() as session:
        return [
            (each.occasion, each.channel, each.answer)
            for each in session.scalars(select(AdvocacyOffer).order_by(AdvocacyOffer.offered_at, AdvocacyOffer.id))
        ]


# --- offers ----------------------------------------------------------------------------------------------------------


@both_stores
def test_each_offer_is_proof_of_its_own(service):
    """At a stage, on refusal and after silence an offer is a new row with its words; the first keeps its answer."""
    reference = case_accepted(service, by="manager", now=NOW, channel="sms", phone=PHONE, advocate="declined", **SAFE)

    assert offering.make_what_is_owed(service, now=NOW) == 1
    assert offering.make_what_is_owed(service, now=NOW + timedelta(days=1)) == 0

    assert offers(service) == [("start", None, "declined"), ("stage", "sms", None)]
    with service.database.read() as session:
        case = casework.get(session, reference)
        newest = case.advocacy[-1]
        assert newest.words.startswith(f"Your complaint {reference} is being looked into, at stage 1.")
        assert (newest.offered_by, newest.once) == ("assistant", f"stage:{case.id}:1")
        [text] = [each for each in session.scalars(select(Message)) if each.response == "utter_advocacy_at_stage"]
        assert text.delivery == "queued"


def test_answer_goes_to_the_newest_offer(service):
    """Who said no at the start and yes at Stage 1 has both on record."""
    reference = case_accepted(service, by="manager", now=NOW, channel="sms", phone=PHONE, advocate="declined", **SAFE)
    offering.make_what_is_owed(service, now=NOW)
    with service.database.write() as session:
        told_in = lookup.conversation_of(session, casework.get(session, reference))
        advocacy.answer(session, told_in.id, answer="accepted", provider="Voices", now=NOW)

    assert offers(service) == [("start", None, "declined"), ("stage", "sms", "accepted")]


def test_refusal_offers_an_advocate_again(service):
    """A child who is refused is told of the advocate by message, and the letter that was sent is an offer as well."""
    reference = case_filed(service, now=NOW, channel="sms", phone=PHONE, advocate="later", **SAFE)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.refuse(
            session, case, reason_code="OTHER", reasons="It is about a school.", council=service.council, by="manager",
            now=NOW,
        )  # fmt: skip
        letters.mark_sent(session, case.letters[0], sent_on=NOW.date(), route="letter", by="officer", now=NOW)

    offering.make_what_is_owed(service, now=NOW + timedelta(hours=1))

    made = [(occasion, channel) for occasion, channel, _ in offers(service)]
    assert sorted(made, key=str) == sorted([("start", None), ("refusal", "letter"), ("refusal", "sms")], key=str)
    with service.database.read() as session:
        by_letter = session.scalar(select(AdvocacyOffer).where(AdvocacyOffer.channel == "letter"))
        assert (by_letter.offered_by, bool(by_letter.letter_id)) == ("officer", True)


@pytest.mark.parametrize(
    ("safety", "expected"),
    [
        ({"sms": "safe"}, "utter_advocacy_after_silence"),
        ({"sms": "neutral_wording"}, "utter_advocacy_neutral"),
        (None, "utter_advocacy_neutral"),
        ({"sms": "not_safe"}, None),
        ({"sms": "certain_times"}, "utter_advocacy_neutral"),
    ],
)
def test_silence_is_answered_once_and_only_where_it_is_safe(service, safety, expected):
    """After the profile's days one offer, in neutral words unless they said that texts are safe, or none at all."""
    conversation_id = conversation_with(service, "they moved me again", channel="sms", phone=PHONE, now=NOW)
    told = {"complainant_role": "looked_after_child", "what_happened": "they moved me again", "safe_to_contact": safety}
    with service.database.write() as session:
        intake.save_draft(session, conversation_id, told, now=NOW)
    days = timedelta(days=service.council.advocacy.offer_again_days)

    assert offering.make_what_is_owed(service, now=NOW + days - timedelta(hours=1)) == 0
    offering.make_what_is_owed(service, now=NOW + days)
    offering.make_what_is_owed(service, now=NOW + days * 2)

    assert said_in(service, conversation_id) == ([expected] if expected else [])
    with service.database.read() as session:
        left = list(offering.owed_offers(session, service, now=NOW + days * 2))
    assert len(left) == (0 if expected else 1), "what cannot be written stays owed, for staff to see"


def test_offer_in_neutral_words_is_never_held_back(service, twilio):
    """Who asked for neutral wording gets the offer itself: no second text says that there is a message."""
    told = {"complainant_role": "looked_after_child", "safe_to_contact": {"sms": "neutral_wording"}}
    now, days = datetime.now(UTC), timedelta(days=service.council.advocacy.offer_again_days)
    conversation_id = conversation_with(service, "they moved me again", channel="sms", phone=PHONE, now=now - days)
    with service.database.write() as session:
        intake.save_draft(session, conversation_id, told, now=now - days)
    offering.make_what_is_owed(service, now=now)
    all_sent(service, twilio)

    assert said_in(service, conversation_id) == ["utter_advocacy_neutral"]
    with service.database.read() as session:
        assert conversations.transcript(session, conversation_id)[-1].delivery in ("queued", "sent")


def test_offer_waits_for_the_hours_in_which_we_text_first(service, twilio, stand_in):
    """An offer of our own accord rings no telephone in the night."""
    now = datetime.now(UTC)
    later = (now.astimezone(ENGLAND).hour + 8) % 22
    hours = {"first_from": f"{later:02}:00", "first_until": f"{later + 1:02}:00"}
    texting = service.council.texting.model_copy(update=hours)
    service = replace(service, council=service.council.model_copy(update={"texting": texting}))
    told = {"channel": "sms", "phone": PHONE, "advocate": "later", **SAFE}
    case_accepted(service, by="manager", now=now - timedelta(hours=1), **told)

    assert offering.make_what_is_owed(service, now=now) == 1
    all_sent(service, twilio)
    assert stand_in.to(PHONE) == []


def all_sent(service, twilio):
    """Let the outbox send whatever is due at this moment."""
    while outbox.send_next(service, twilio):
        pass


def test_nobody_who_opted_out_or_has_an_advocate_is_written_to(service):
    """STOP is obeyed, and who has an advocate is left in peace."""
    days = timedelta(days=service.council.advocacy.offer_again_days)
    told = {"complainant_role": "care_leaver", "what_happened": "x", **SAFE}
    for phone, opted_out in (("+447700900401", True), ("+447700900402", False)):
        conversation_id = conversation_with(service, "hello", channel="sms", phone=phone, now=NOW)
        with service.database.write() as session:
            intake.save_draft(session, conversation_id, told, now=NOW)
            if opted_out:
                conversations.opt_out(session, session.get_one(Conversation, conversation_id), now=NOW, how="asked")
            else:
                advocacy.answer(session, conversation_id, answer="has_one", provider="Voices", now=NOW)

    assert offering.make_what_is_owed(service, now=NOW + days) == 0


def test_parents_are_not_offered_what_the_law_gives_children(service):
    """The sweep writes to no parent."""
    case_accepted(
        service, by="manager", now=NOW, channel="sms", phone=PHONE, complainant_role="parent", advocate=None, **SAFE
    )
    assert offering.make_what_is_owed(service, now=NOW) == 0


# --- referrals -------------------------------------------------------------------------------------------------------


@both_stores
def test_referral_goes_by_email_without_any_name(mailing, mailbox):
    """The provider learns by e-mail that there is a young person, and no more; a door is made, the timer runs."""
    referral_id = wished(mailing)

    referring.owe_what_is_due(mailing, now=datetime.now(UTC))
    assert referring.send_next(mailing, None)
    assert not referring.send_next(mailing, None)

    [message] = mailbox.letters
    plain = message.get_content()
    assert "/advocate/door/" in plain
    assert "Jess" not in plain
    assert PHONE not in plain
    assert "Ask the Children's Complaints Team" in plain.replace("\n", " ")
    sent = referral_of(mailing, referral_id)
    assert (sent.state, sent.route) == ("sent", "email")
    assert sent.due_at - sent.sent_at == timedelta(hours=48)


def test_code_is_texted_apart_from_the_link(mailing, twilio, stand_in, mailbox):
    """Link by e-mail, code by text to the provider's phone: neither message holds both."""
    referral_id = wished(mailing)
    referring.owe_what_is_due(mailing, now=NOW)
    referring.send_next(mailing, twilio, now=NOW)
    [text] = stand_in.to("+447700900120")
    code = re.search(r"code for the link in our e-mail is (\S+?)\.", text)[1]
    assert "/advocate/door" not in text
    assert code not in mailbox.letters[0].get_content()
    with mailing.database.write() as session:
        given = authority.of_referral(session, advocacy.get(session, referral_id))
        assert authority.enter(session, given.door, code=code, now=NOW)


def test_nothing_is_sent_before_the_young_person_said_what_may_be_told(mailing, mailbox):
    """Without consent, and with "ask me first", nothing leaves; the second waits for a person."""
    wished(mailing, share=None)
    wished(mailing, share=(), phone="+447700900322")

    referring.owe_what_is_due(mailing, now=datetime.now(UTC))

    assert not referring.send_next(mailing, None)
    assert mailbox.letters == []
    with mailing.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["advocate"]


def test_referral_waits_while_the_young_person_is_still_telling(mailing):
    """It goes when the complaint is filed or they have been quiet for half an hour: their name may come yet."""
    wished(mailing, filed=False)

    assert not sent_at(mailing, NOW + timedelta(minutes=20))
    assert sent_at(mailing, NOW + timedelta(minutes=31))


def sent_at(service, now):
    """Look for what is due at this moment, and send it; whether there was anything."""
    referring.owe_what_is_due(service, now=now)
    return referring.send_next(service, None, now=now)


def test_unanswered_referral_is_chased_once_and_then_given_to_a_person(mailing, mailbox):
    """After the profile's hours a reminder with a new link; after as many again it waits in front of staff."""
    referral_id = wished(mailing)
    hours = timedelta(hours=49)
    assert sent_at(mailing, NOW)

    assert sent_at(mailing, NOW + hours)
    chased = referral_of(mailing, referral_id)
    assert (len(mailbox.letters), chased.state, chased.chased_at) == (2, "sent", NOW + hours)
    assert "We have no answer yet" in mailbox.letters[1].get_content()

    assert not sent_at(mailing, NOW + hours * 2)
    assert not sent_at(mailing, NOW + hours * 3)
    assert referral_of(mailing, referral_id).to_person_at == NOW + hours * 2
    with mailing.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["advocate"]


def test_mail_server_that_refuses_is_tried_again_and_then_shown_to_staff(mailing, mailbox):
    """Nothing is silent: after its tries the work is given up in sight of everybody, and a person has the referral."""
    mailbox.refused.add(mailing.council.advocacy.email)
    referral_id = wished(mailing)
    referring.owe_what_is_due(mailing, now=datetime.now(UTC))
    for _ in range(len(referring.WAITS) + 1):
        assert referring.send_next(mailing, None)
        with mailing.database.write() as session:
            session.scalar(select(Job).where(Job.kind == "advocate")).run_at = NOW

    with mailing.database.read() as session:
        [failed] = [job for job in lookup.failed_jobs(session) if job.kind == "advocate"]
        assert issubclass(getattr(smtplib, failed.last_error), smtplib.SMTPException)
    assert referral_of(mailing, referral_id).state == "by_hand"


def test_without_a_route_a_person_passes_it_on(service):
    """Where no mail server is set, staff have it and can record what the provider said."""
    referral_id = wished(service)
    referring.owe_what_is_due(service, now=datetime.now(UTC))

    assert referral_of(service, referral_id).state == "by_hand"
    with service.database.write() as session:
        advocacy.conclude(
            session, advocacy.get(session, referral_id), outcome="accepted", by="officer", now=datetime.now(UTC)
        )
    assert referral_of(service, referral_id).state == "accepted"


def test_young_person_who_cannot_be_reached_is_given_to_a_person(mailing):
    """With no number and no address the provider could do nothing: staff arrange it in the conversation."""
    conversation_id = conversation_with(mailing, "hello", now=NOW)
    with mailing.database.write() as session:
        held = session.get_one(Conversation, conversation_id)
        referral = advocacy.wish(session, held, provider="Voices", now=NOW)
        advocacy.consent(session, referral, share=("name", "contact"), words="x", now=NOW)
        referral_id = referral.id

    referring.owe_what_is_due(mailing, now=datetime.now(UTC))

    assert referral_of(mailing, referral_id).state == "by_hand"


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing on the test's output."""


@pytest.fixture
def hook():
    """The provider's own system, in a thread."""
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    server.taken, server.answers = [], 204
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def with_webhook(service, hook):
    """The service with the webhook's route; the profile itself would refuse an address without https."""
    how = AdvocacyReferrals.model_construct(
        by="webhook", webhook=f"http://127.0.0.1:{hook.server_port}/in", code_phone=None, answer_hours=48, link_days=90
    )
    provider = service.council.advocacy.model_copy(update={"referrals": how})
    return replace(
        service,
        council=service.council.model_copy(update={"advocacy": provider}),
        settings=replace(service.settings, advocacy_secret="shared-with-the-provider"),
    )


def test_webhook_is_signed_and_holds_only_what_was_agreed(service, hook):
    """The receiver can check moment and body; name and contact are there, their words are not."""
    hooked = with_webhook(service, hook)
    wished(hooked, share=("name", "contact"))
    referring.owe_what_is_due(hooked, now=datetime.now(UTC))
    referring.send_next(hooked, None)

    [(headers, body)] = hook.taken
    moment = headers[referring.TIMESTAMP]
    assert headers[referring.SIGNATURE] == referring.signature("shared-with-the-provider", moment, body)
    assert headers[referring.SIGNATURE] != referring.signature("another secret", moment, body)
    told = json.loads(body)
    assert told["kind"] == "advocacy_referral"
    assert told["shared"] == {
        "name": "Jess Hartley", "contact": {"phone": PHONE, "safe_to_contact": {"sms": "safe"}},
    }  # fmt: skip
    assert TOLD["what_happened"] not in body.decode()


def test_webhook_that_is_refused_is_tried_again(service, hook):
    """An answer other than 2xx keeps the referral owed."""
    hooked = with_webhook(service, hook)
    hook.answers = 500
    referral_id = wished(hooked)
    referring.owe_what_is_due(hooked, now=datetime.now(UTC))
    referring.send_next(hooked, None)

    assert referral_of(hooked, referral_id).state == "owed"
    with hooked.database.read() as session:
        job = session.scalar(select(Job).where(Job.kind == "advocate"))
        assert (job.state, job.last_error) == ("ready", "HTTPError")


def test_sweep_looks_now_and_again(mailing):
    """What has come due is owed at the first look; the next look is half a minute away."""
    referral_id = wished(mailing)
    looks = worker.rounds(lambda: sweep.look(mailing, now=datetime.now(UTC)), every=sweep.EVERY)
    assert looks() is False
    wished(mailing, phone="+447700900322")
    assert looks() is False
    with mailing.database.read() as session:
        owed = session.scalars(select(Job.subject_id).where(Job.kind == "advocate"))
        assert list(owed) == [referral_id]


def test_demonstration_people_are_never_referred(mailing):
    """An invented young person is sent to nobody."""
    referral_id = wished(mailing)
    with mailing.database.write() as session:
        advocacy.get(session, referral_id).conversation.is_demo = True

    referring.owe_what_is_due(mailing, now=datetime.now(UTC))

    assert not referring.send_next(mailing, None)


# --- taking back -----------------------------------------------------------------------------------------------------


def given_door(service, referral_id, scope=SHARES):
    """The door of a referral that was sent and accepted; its id and its authority's."""
    with service.database.write() as session:
        referral = advocacy.get(session, referral_id)
        now = datetime.now(UTC)
        referral.state, referral.sent_at, referral.route = "sent", now, "email"
        door, _ = authority.make_door(
            session, organisation="Voices", by="assistant", now=now, open_for=timedelta(days=9)
        )
        given = authority.give(
            session, door, scope=scope, referral=referral, conversation=referral.conversation, case=referral.case,
            now=now,
        )  # fmt: skip
        advocacy.conclude(session, referral, outcome="accepted", by=door.id, now=now)
        return door.id, given.id


@both_stores
def test_withdrawing_ends_everything_the_advocate_could_see(service):
    """Authority, referral and the way of the replies change in one transaction, and a person is told."""
    referral_id = wished(service, preferred_contact="through_advocate")
    _, given_id = given_door(service, referral_id)
    with service.database.write() as session:
        conversation = advocacy.get(session, referral_id).conversation
        outcome = authority.withdraw(session, conversation, now=datetime.now(UTC))

    assert (outcome.authorities, outcome.referred, outcome.lodged, outcome.to_them) == (1, True, False, True)
    with service.database.read() as session:
        referral = session.get_one(AdvocacyReferral, referral_id)
        assert referral.state == "withdrawn"
        assert session.get_one(authority.Authority, given_id).withdrawn_at is not None
        assert referral.case.people[0].person.preferred_contact == "sms"
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["authority"]


def test_number_alone_narrows_and_never_widens(service):
    """By a text from the number an advocate gave, less can be seen; more only where they were asked for."""
    reference = case_filed(
        service, now=NOW, complainant_role="representative", representative_kind="advocate",
        child_status="looked_after", child_name="Sam", consent="given", acting_for="child",
    )  # fmt: skip
    texting = conversation_with(service, "hi", channel="sms", phone="+447700900555", now=NOW)
    with service.database.write() as session:
        case = casework.get(session, reference)
        child = next(link.person for link in case.people if link.part == "child")
        held = session.get_one(Conversation, texting)
        child.phone, child.phone_key = "+447700900555", held.phone_key
        door, _ = authority.make_door(session, organisation="V", by="x", now=NOW, open_for=timedelta(days=1), name="P")
        given = authority.give(session, door, scope=("name", "progress"), case=case, given_by="advocate", now=NOW)
        authority.share(session, held, scope=SHARES, words="everything", now=NOW)
        assert given.scope == ["name", "progress"]
        authority.share(session, held, scope=("progress",), words="only the dates", now=NOW)
        assert given.scope == ["progress"]
        outcome = authority.withdraw(session, held, now=NOW)

    assert (outcome.lodged, outcome.authorities) == (True, 1)


def test_declining_after_a_wish_stops_the_referral(service):
    """Who changes their mind before it went is not referred."""
    referral_id = wished(service)
    with service.database.write() as session:
        advocacy.take_back(session, advocacy.get(session, referral_id), now=NOW)
    referring.owe_what_is_due(service, now=datetime.now(UTC))
    assert referral_of(service, referral_id).state == "withdrawn"
    with pytest.raises(advocacy.InvalidStep), service.database.write() as session:
        advocacy.conclude(session, advocacy.get(session, referral_id), outcome="accepted", by="x", now=NOW)


# --- numbers and settings --------------------------------------------------------------------------------------------


def test_number_that_nobody_has_rung_stands_in_no_letter(service):
    """NYAS's number is unconfirmed: letters name the provider and no number, and the message does the same."""
    council = load_council("peterborough")
    reference = case_filed(service, now=NOW)
    with service.database.write() as session:
        letter = letters.draft(
            session, casework.get(session, reference), kind="acknowledgement", council=council, by="officer", now=NOW
        )
        assert "NYAS" in letter.text
        assert council.advocacy.phone not in letter.text


@pytest.mark.parametrize(
    ("council", "changes", "weight", "words"),
    [
        ("default", {"smtp_url": "smtp://mail.example.org"}, "wrong", "advocacy.email is invented"),
        ("default", {}, "note", "Staff ask for each advocate"),
        ("hooked", {}, "wrong", "SPEAKUP_ADVOCACY_SECRET"),
    ],
)
def test_check_says_whether_a_wish_reaches_the_provider(service, council, changes, weight, words):
    """A route that leads nowhere is found before a child relies on it."""
    profile = service.council
    if council == "hooked":
        how = AdvocacyReferrals(by="webhook", webhook="https://voices.example.org/in")
        provider = profile.advocacy.model_copy(update={"referrals": how})
        profile = profile.model_copy(update={"advocacy": provider})
    checked = replace(service, council=profile, settings=replace(service.settings, **changes))
    assert any(found.weight == weight and words in found.text for found in advocacy_route(checked))
