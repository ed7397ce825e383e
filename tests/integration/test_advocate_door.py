"""The advocates' door: who gets in, what they see, and that they see nothing else."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.advocates import door as pages
from bot.advocates.links import link_of
from bot.cases import advocacy, authority, casework, conversations, letters, lookup
from bot.cases.tables import AdvocateDoor, Authority, Case, Conversation, Event, Referral
from bot.understanding.sharing import SHARES
from tests.factories import case_accepted, case_filed, conversation_with, staff_user
from tests.integration.staff_browser import TOKEN, StaffBrowser, plain
from tests.integration.test_advocacy import PHONE, SAFE, said_in, wished

NOTE = "Between ourselves: the team was short of staff."


class Advocate:
    """An advocate's browser without JavaScript."""

    def __init__(self, app, link, code):
        self.client, self.link, self.code = app.test_client(), link, code

    def come_in(self, code=None):
        """The answer to entering the code."""
        return self.send(self.link, code=code or self.code)

    def see(self, path):
        return self.client.get(path)

    def text(self, path="/advocate/"):
        answer = self.see(path)
        assert answer.status_code == 200, (answer.status_code, path)
        return plain(answer)

    def send(self, path, *, page=None, **fields):
        """The answer to a form that stands on `page`."""
        body = self.see(page or path).text
        token, name = TOKEN.search(body), re.search(r'name="message_id" value="([^"]+)"', body)
        hidden = {"csrf_token": token[1] if token else "", **({"message_id": name[1]} if name else {})}
        return self.client.post(path, data={**hidden, **fields})


def a_door(service, app, *, name="Priya Nair", expires=timedelta(days=9)):
    """A door with nobody behind it yet, and a browser that has its link and code."""
    now = datetime.now(UTC)
    with service.database.write() as session:
        made, key = authority.make_door(
            session, organisation="Young Voices", by="officer", now=now, open_for=expires, name=name
        )
        code = authority.new_code(session, made, by="officer", now=now)
        link = link_of(service.settings, made.id, key).removeprefix(service.settings.public_url)
        return made.id, Advocate(app, link, code)


def behind(service, door_id, reference, scope=SHARES):
    """Let a door see a case that was told here; the address of the young person's page."""
    with service.database.write() as session:
        case = casework.get(session, reference)
        given = authority.give(
            session, authority.get_door(session, door_id), scope=scope, case=case,
            conversation=lookup.conversation_of(session, case), now=datetime.now(UTC),
        )  # fmt: skip
        return f"/advocate/young-people/{given.id}"


def referred(service, app, *, share=SHARES):
    """A referral that was sent; its id, the advocate's browser, and the address of the young person's page."""
    referral_id = wished(service, share=share, now=datetime.now(UTC))
    door_id, browser = a_door(service, app, name=None)
    with service.database.write() as session:
        referral = advocacy.get(session, referral_id)
        given = authority.give(
            session, authority.get_door(session, door_id), scope=share, referral=referral, case=referral.case,
            conversation=referral.conversation, now=datetime.now(UTC),
        )  # fmt: skip
        advocacy.sent(session, referral, route="email", answer_within=timedelta(hours=48), now=datetime.now(UTC))
        return referral_id, browser, f"/advocate/young-people/{given.id}"


# --- getting in ------------------------------------------------------------------------------------------------------


def test_every_page_of_the_door_is_shut_to_who_did_not_come_in(app, service):
    """Each address is counted: only the one that asks for the code is open, and nothing is shown or changed."""
    paths = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("advocates.")}
    assert {"advocates.knock"} == pages.PUBLIC
    assert set(paths) == {
        "advocates.knock", "advocates.leave", "advocates.young_people", "advocates.young_person", "advocates.answer",
        "advocates.add", "advocates.lodge",
    }  # fmt: skip
    client = app.test_client()
    for endpoint in set(paths) - pages.PUBLIC:
        with app.test_request_context():
            path = app.url_for(endpoint, **dict.fromkeys(paths[endpoint].arguments, "x"))
        if "GET" in paths[endpoint].methods:
            answer = client.get(path)
            assert (answer.status_code, "This page is closed" in plain(answer)) == (403, True), path


def test_post_without_the_forms_token_changes_nothing(app, service):
    """A forged form is refused even with an open door."""
    _, browser, path = referred(service, app)
    browser.come_in()
    assert browser.client.post(f"{path}/answer", data={"answer": "declined"}).status_code == 400


def test_link_and_code_open_the_page(app, service):
    """Capitals and the dash do not matter; only hashes are kept of either."""
    door_id, browser = a_door(service, app)
    assert browser.come_in(browser.code.lower().replace("-", " ")).status_code == 303
    assert "Priya Nair, Young Voices" in browser.text()
    with service.database.read() as session:
        kept = session.get_one(AdvocateDoor, door_id)
        assert browser.code.replace("-", "") not in kept.code_hash
        assert kept.link_hash not in browser.link


def test_five_wrong_codes_lock_the_door_for_everybody(app, service):
    """The right code is refused too, for a quarter of an hour; each refusal is on record."""
    door_id, browser = a_door(service, app)
    for _ in range(5):
        assert browser.come_in("AAAA-AAAA").status_code == 403
    assert browser.come_in().status_code == 403
    with service.database.write() as session:
        held = authority.get_door(session, door_id)
        code = browser.code
        assert not authority.enter(session, held, code=code, now=datetime.now(UTC))
        assert authority.enter(session, held, code=code, now=datetime.now(UTC) + timedelta(minutes=16))
        refused = [each for each in session.scalars(select(Event)) if each.kind == "door_refused"]
        assert len(refused) == 5


@pytest.mark.parametrize(
    ("spoil", "status", "words"),
    [("made up", 404, "This link is not right"), ("newer", 410, "A newer link was sent"),
     ("closed", 410, "This link has ended"), ("old", 410, "This link has ended")],
)  # fmt: skip
def test_link_that_does_not_work_says_why(app, service, spoil, status, words):
    """Made-up, replaced, closed and ended links are told apart, and none asks for a code."""
    door_id, browser = a_door(service, app)
    link = browser.link[:-2] if spoil == "made up" else browser.link
    now = datetime.now(UTC)
    with service.database.write() as session:
        held = authority.get_door(session, door_id)
        if spoil == "newer":
            authority.renew_link(session, held, by="officer", now=now, open_for=timedelta(days=1))
        elif spoil == "closed":
            authority.close_door(session, held, by="officer", now=now)
        elif spoil == "old":
            held.expires_at = now - timedelta(minutes=1)
    answer = browser.see(link)
    assert (answer.status_code, words in plain(answer)) == (status, True)
    assert "Your code" not in plain(answer)


def test_closing_the_door_puts_out_who_is_inside(app, service):
    """The next click after staff closed it, or made a new link, leads nowhere."""
    door_id, browser = a_door(service, app)
    browser.come_in()
    with service.database.write() as session:
        authority.close_door(session, authority.get_door(session, door_id), by="officer", now=datetime.now(UTC))
    assert browser.see("/advocate/").status_code == 403


def test_leaving_shuts_the_page(app, service):
    """After "Leave this page" the code is needed again."""
    _, browser = a_door(service, app)
    browser.come_in()
    assert "You have left" in plain(browser.send("/advocate/leave", page="/advocate/"))
    assert browser.see("/advocate/").status_code == 403


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_advocate_sees_progress_and_sent_letters_and_never_notes(app, service):
    """Status, dates, words and what was sent; no note, no draft of a letter, nobody else's case."""
    staff = staff_user(service, "manager")
    reference = case_accepted(service, by=staff.id, channel="sms", phone=PHONE, **SAFE)
    other = case_filed(service, name="Kit Marlow")
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.add_note(session, case, text=NOTE, by=staff.id, now=datetime.now(UTC))
        for kind in ("acknowledgement", "consent"):
            letters.draft(session, case, kind=kind, council=service.council, by=staff.id, now=datetime.now(UTC))
        sent = next(each for each in case.letters if each.kind == "acknowledgement")
        letters.mark_sent(
            session, sent, sent_on=letters.clocks.local_day(datetime.now(UTC)), route="email", by=staff.id,
            now=datetime.now(UTC),
        )  # fmt: skip
    door_id, browser = a_door(service, app)
    page = behind(service, door_id, reference)
    browser.come_in()

    told = browser.text(page)

    for words in ("Jess Hartley", reference, "Being answered, Stage 1", "Answer by", "cancelled three visits",
                  "Acknowledgement", "We got your complaint on"):  # fmt: skip
        assert words in told
    assert NOTE not in told
    assert "Asking for consent" not in told
    assert other not in browser.text() + told
    with service.database.read() as session:
        views = [each for each in session.scalars(select(Event)) if each.kind == "viewed" and each.by == door_id]
        assert {each.subject for each in views} == {"door", "authority", "case"}


@pytest.mark.parametrize(
    ("scope", "seen", "hidden"),
    [
        (("progress",), ("Being answered",), ("Jess", "cancelled three visits", "We got your complaint")),
        (("name", "words"), ("Jess", "cancelled three visits"), ("Being answered", "Answer by")),
        ((), ("share nothing more",), ("Jess", "cancelled three visits", "Being answered")),
    ],
)
def test_advocate_sees_what_was_agreed_and_no_more(app, service, scope, seen, hidden):
    """Each part of the page stands there only with the young person's leave."""
    staff = staff_user(service, "manager")
    reference = case_accepted(service, by=staff.id, channel="sms", phone=PHONE, **SAFE)
    door_id, browser = a_door(service, app)
    page = behind(service, door_id, reference, scope)
    browser.come_in()
    told = browser.text(page)
    assert [words for words in seen if words not in told] == []
    assert [words for words in hidden if words in told] == []


def test_permission_taken_back_holds_on_the_next_click(app, service):
    """The page is gone, the list says so without a name, and adding is refused."""
    reference = case_filed(service, channel="sms", phone=PHONE, **SAFE)
    door_id, browser = a_door(service, app)
    page = behind(service, door_id, reference)
    browser.come_in()
    assert "Jess" in browser.text(page)
    with service.database.write() as session:
        held = lookup.conversation_of(session, casework.get(session, reference))
        authority.withdraw(session, held, now=datetime.now(UTC))

    assert browser.see(page).status_code == 404
    listed = browser.text()
    assert "took their permission back" in listed
    assert "Jess" not in listed
    assert reference not in listed
    assert browser.send(f"{page}/add", page="/advocate/", text="hello", message_id="12345678").status_code == 404


def test_other_advocates_young_people_cannot_be_reached(app, service):
    """An address of somebody else's page leads nowhere."""
    reference = case_filed(service)
    mine, browser = a_door(service, app)
    other, _ = a_door(service, app, name="Somebody Else")
    page = behind(service, other, reference)
    browser.come_in()
    assert browser.see(page).status_code == 404
    assert mine != other


# --- answering -------------------------------------------------------------------------------------------------------


def test_provider_accepts_at_the_door_and_the_young_person_is_told(app, service):
    """Before: what was shared. After: progress, the name on record, and good news by text."""
    referral_id, browser, page = referred(service, app)
    browser.come_in()
    before = browser.text(page)
    assert "Jess Hartley" in before
    assert PHONE in before
    assert "How it is going" not in before

    answer = browser.send(f"{page}/answer", page=page, answer="accepted", name="Priya Nair", apart="y")

    assert answer.status_code == 303
    assert "How it is going" in browser.text(page)
    with service.database.read() as session:
        referral = advocacy.get(session, referral_id)
        assert (referral.state, referral.answered_at is not None) == ("accepted", True)
        assert said_in(service, referral.conversation_id)[-1] == "utter_advocate_accepted"


def test_advocate_must_stand_apart_and_give_their_name(app, service):
    """Without both, accepting is refused with its reasons, and nothing changes."""
    referral_id, browser, page = referred(service, app)
    browser.come_in()
    answer = browser.send(f"{page}/answer", page=page, answer="accepted")
    assert answer.status_code == 400
    assert "Enter your name" in plain(answer)
    assert "Confirm this" in plain(answer)
    with service.database.read() as session:
        assert advocacy.get(session, referral_id).state == "sent"


@pytest.mark.parametrize(("outcome", "told"), [("declined", "declined"), ("not_reached", "not_reached")])
def test_other_answers_come_to_a_person(app, service, outcome, told):
    """A no, and a young person who could not be reached, are put in front of the staff and told kindly."""
    referral_id, browser, page = referred(service, app)
    browser.come_in()
    assert browser.send(f"{page}/answer", page=page, answer=outcome).status_code == 303
    with service.database.read() as session:
        referral = advocacy.get(session, referral_id)
        assert referral.state == outcome
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["advocate"]
        assert said_in(service, referral.conversation_id)[-1] == f"utter_advocate_{told}"


def test_second_answer_is_refused_with_a_reason(app, service):
    """Two people at the provider cannot both take it on."""
    _, browser, page = referred(service, app)
    browser.come_in()
    browser.send(f"{page}/answer", page=page, answer="accepted", name="Priya Nair", apart="y")
    answer = browser.send(f"{page}/answer", page=page, answer="declined")
    assert (answer.status_code, "has its answer already" in plain(answer)) == (409, True)


# --- adding and lodging ----------------------------------------------------------------------------------------------


def test_what_an_advocate_adds_becomes_part_of_the_case(app, service):
    """It is kept once however often it is sent, apart from the young person's own words, and staff can answer."""
    reference = case_filed(service, channel="sms", phone=PHONE, **SAFE)
    door_id, browser = a_door(service, app)
    page = behind(service, door_id, reference)
    browser.come_in()
    for _ in range(2):
        browser.send(f"{page}/add", page=page, text="The review is on Monday.", message_id="same-form-1")

    assert browser.text(page).count("The review is on Monday.") == 1
    member = staff_user(service)
    with service.database.write() as session:
        case = casework.get(session, reference)
        own = lookup.conversation_of(session, case)
        thread = session.scalar(select(Authority)).thread
        assert (thread.case_id, thread.id != own.id) == (case.id, True)
        assert "The review is on Monday." not in [each.text for each in conversations.transcript(session, own.id)]
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["added"]
        conversations.take_over(session, thread, by=member.id, now=datetime.now(UTC))
        conversations.say_as_staff(session, thread, "Thank you, noted.", by=member.id, now=datetime.now(UTC))
    assert "Thank you, noted." in browser.text(page)
    assert "The review is on Monday." in StaffBrowser(app).sign_in_as(member).text(
        f"/casework/conversations/{thread.id}"
    )


def test_danger_in_an_advocates_words_is_raised_like_anybodys(app, service):
    """A worry is referred and alerted, with the case, and the advocate is told."""
    reference = case_filed(service)
    door_id, browser = a_door(service, app)
    page = behind(service, door_id, reference)
    browser.come_in()
    browser.send(f"{page}/add", page=page, text="She says he is hitting her right now.")

    assert "call 999" in browser.text(page)
    with service.database.read() as session:
        [raised] = session.scalars(select(Referral))
        assert raised.level == "immediate"
        assert raised.case_id == casework.get(session, reference).id


LODGED = {
    "child_name": "Sam", "child_age": "15", "child_status": "looked_after", "consent": "given", "scope": ["progress"],
    "what_happened": "Sam was moved to another home with one day's notice and nobody asked him.",
    "desired_outcome": "He wants to be asked.", "child_phone": "07700 900555",
}  # fmt: skip


def test_advocate_lodges_for_a_young_person(app, service):
    """It is the young person's complaint, brought by the advocate with consent, and proposed by the same rules."""
    _, browser = a_door(service, app)
    browser.come_in()
    answer = browser.send("/advocate/lodge", **LODGED)
    assert answer.status_code == 303
    told = browser.text(answer.location)
    with service.database.read() as session:
        [case] = session.scalars(select(Case))
        assert (case.role, case.brought_by, case.facts["consent"]) == ("looked_after_child", "advocate", "given")
        people = {link.part: link.person for link in case.people}
        assert (people["representative"].name, people["representative"].organisation) == ("Priya Nair", "Young Voices")
        assert (people["child"].name, people["child"].age, people["child"].phone) == ("Sam", 15, "+447700900555")
        assert case.decisions[0].outcome == "accept_stage1"
        assert case.reference in told
    assert "How it is going" in told
    assert browser.text().count("Sam") == 1


def test_form_sent_twice_is_filed_once(app, service):
    """Back and Send again does not make a second complaint."""
    _, browser = a_door(service, app)
    browser.come_in()
    first = browser.send("/advocate/lodge", **LODGED, message_id="one-form-only")
    second = browser.send("/advocate/lodge", **LODGED, message_id="one-form-only")
    assert first.location == second.location


def test_without_agreement_the_complaint_waits_and_shows_only_what_they_wrote(app, service):
    """Consent pending is for a person to clear up, and the advocate follows nothing meanwhile."""
    _, browser = a_door(service, app)
    browser.come_in()
    answer = browser.send("/advocate/lodge", **{**LODGED, "consent": "pending"})
    assert "How it is going" not in browser.text(answer.location)
    with service.database.read() as session:
        [case] = session.scalars(select(Case))
        assert (case.decisions[0].outcome, case.decisions[0].reason_code) == (
            "needs_human_decision", "CONSENT_NOT_GAINED",
        )  # fmt: skip


def test_young_person_takes_it_back_by_text_from_their_own_number(app, service):
    """The number the advocate gave is enough to end what the advocate sees; a person asks whether it goes on."""
    _, browser = a_door(service, app)
    browser.come_in()
    page = browser.send("/advocate/lodge", **LODGED).location
    texting = conversation_with(service, "hi", channel="sms", phone="+447700900555", now=datetime.now(UTC))
    with service.database.write() as session:
        outcome = authority.withdraw(session, session.get_one(Conversation, texting), now=datetime.now(UTC))
    assert outcome.lodged
    assert browser.see(page).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"child_name": ""}, "Enter a name"), ({"what_happened": " "}, "Write what happened"),
     ({"child_phone": "none"}, "Enter a telephone number"), ({"child_age": "fourteen"}, "Not a valid integer")],
)  # fmt: skip
def test_form_with_something_wrong_keeps_what_was_written(app, service, wrong, words):
    """The fault is said and nothing has to be typed again."""
    _, browser = a_door(service, app)
    browser.come_in()
    answer = browser.send("/advocate/lodge", **{**LODGED, **wrong})
    assert answer.status_code == 400
    assert words in plain(answer)
    assert "He wants to be asked." in answer.text


# --- at the desk -----------------------------------------------------------------------------------------------------


def test_staff_give_a_page_whose_secrets_are_shown_once(app, service):
    """Link and code open it; afterwards neither stands on any page."""
    desk = StaffBrowser(app).sign_in_as(staff_user(service))
    reference = case_filed(service)
    answer = desk.send(
        "/casework/advocacy/doors/new", name="Priya Nair", organisation="Young Voices", kind="advocate",
        reference=reference, scope=["progress"], agreed="y",
    )  # fmt: skip
    link = re.search(r"/advocate/door/[\w.\-]+", answer.text)[0]
    code = re.search(r"<strong>([A-Z0-9]{4}-[A-Z0-9]{4})</strong>", answer.text)[1]
    browser = Advocate(app, link, code)
    assert browser.come_in().status_code == 303
    assert reference in browser.text()
    listed = desk.see("/casework/advocacy").text
    assert "Priya Nair" in listed
    assert code not in listed
    assert link not in listed


def test_case_is_shown_to_no_advocate_without_the_young_persons_word(app, service):
    """Staff must say that the young person agreed."""
    desk = StaffBrowser(app).sign_in_as(staff_user(service))
    reference = case_filed(service)
    answer = desk.send("/casework/advocacy/doors/new", name="P", organisation="V", kind="advocate", reference=reference)
    assert (answer.status_code, "Ask the young person first" in plain(answer)) == (400, True)


def test_staff_see_timers_consent_and_history_and_record_an_answer(app, service):
    """The queue shows what is under way, the page what was agreed and how; a telephone answer is recorded."""
    referral_id, _, _ = referred(service, app, share=("name",))
    desk = StaffBrowser(app).sign_in_as(staff_user(service))
    assert "Sent, no answer yet" in desk.text("/casework/advocacy")
    page = f"/casework/advocacy/referrals/{referral_id}"
    told = desk.text(page)
    assert "tell them" in told
    assert "Their name" in told
    assert PHONE not in told.partition("What may be shared")[2].partition("Conversation")[0]

    assert desk.send(f"{page}/answer", page=page, outcome="accepted", name="Priya Nair").status_code == 303
    told = desk.text(page)
    assert "Accepted" in told
    assert "Advocates (0)" in told


def test_case_page_shows_offers_referral_and_who_may_see_it(app, service):
    """Staff see each offer with its occasion, the referral, and what an advocate may see."""
    _, _, _ = referred(service, app)
    desk = StaffBrowser(app).sign_in_as(staff_user(service))
    with service.database.read() as session:
        reference = session.scalar(select(Case.reference))
    told = desk.text(f"/casework/cases/{reference}")
    assert "At the start: offered on" in told
    assert "Sent, no answer yet Referral to Voices" in told
    assert "An advocate (Young Voices) may see: their name, how to reach them" in told
