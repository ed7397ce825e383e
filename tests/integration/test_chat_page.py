"""The chat page without JavaScript: what is posted is kept and answered, and nothing a person wrote is lost."""

import html
import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.app import create_app
from bot.cases import conversations, intake
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation, Message
from tests.factories import TOLD

HOSTILE = "  <script>alert('x')</script> \"quoted\" & é 😡\n\n</textarea>  "


def form_of(page):
    """The hidden fields of the page's last form, as a browser would send them back."""
    text = page.get_data(as_text=True)
    fields = {name: re.findall(rf'name="{name}" value="([^"]*)"', text)[-1] for name in ("csrf_token", "id")}
    return {name: html.unescape(value) for name, value in fields.items()}


def write(client, words, **more):
    """Open the page, write words, press Send; returns the answer and the fields that were sent."""
    fields = {**form_of(client.get("/chat")), "text": words, **more}
    return client.post("/chat", data=fields), fields


def kept(service):
    """Every message the store holds, in order."""
    with service.database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.number)))


def count(service, table):
    with service.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_page_looked_at_stores_nothing(service, client):
    """Opening the page shows the welcome and its choices but begins no conversation."""
    page = client.get("/chat").get_data(as_text=True)

    welcome = service.words.say("utter_welcome", channel="web")
    assert html.escape(welcome.text.splitlines()[0]) in html.escape(html.unescape(page))
    assert count(service, Conversation) == 0


def test_message_sent_is_answered_on_the_page(client):
    """Send redirects back to the page, which shows the message and the answer."""
    answer, _ = write(client, "my worker never rings back")

    assert (answer.status_code, answer.location) == (303, "/chat#newest")
    page = client.get("/chat").get_data(as_text=True)
    assert "my worker never rings back" in page
    assert "Answer 1" in page


def test_first_message_begins_a_conversation_with_the_welcome_in_it(service, client):
    """The welcome the person saw is kept before their first message, so that its choices can be answered."""
    write(client, "hello")

    assert [(message.direction, message.response) for message in kept(service)][:2] == [
        ("out", "utter_welcome"),
        ("in", None),
    ]
    assert count(service, Conversation) == 1


def test_words_are_kept_exactly(service, client):
    """Spaces, line breaks, quotes, accents, emoji and markup are stored as typed and shown escaped."""
    write(client, HOSTILE.replace("\n", "\r\n"))

    assert [message.text for message in kept(service) if message.direction == "in"] == [HOSTILE]
    page = client.get("/chat").get_data(as_text=True)
    assert "<script>alert" not in page
    assert html.escape(HOSTILE, quote=False) in page.replace("&#39;", "'").replace("&#34;", '"')


def test_form_posted_twice_counts_once(service, client, dialogue):
    """A double press of Send on the very first message makes one conversation, one message and one turn."""
    answer, fields = write(client, "hello")
    again = client.post("/chat", data=fields)

    assert (answer.status_code, again.status_code) == (303, 303)
    assert count(service, Conversation) == 1
    assert [message.text for message in kept(service) if message.direction == "in"] == ["hello"]
    assert len(dialogue.asked) == 1


def test_old_form_with_new_words_loses_neither(service, client):
    """Going back and writing something else in the old form is a second message, not a repeat of the first."""
    _, fields = write(client, "first")
    client.post("/chat", data={**fields, "text": "second"})

    assert [message.text for message in kept(service) if message.direction == "in"] == ["first", "second"]


@pytest.mark.parametrize("words", ["", "   ", "\r\n"])
def test_empty_message_is_asked_for_again(service, client, words):
    """Nothing but spaces brings an error summary that leads to the box; nothing is stored."""
    answer, _ = write(client, words)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "There is a problem" in page
    assert 'href="#text"' in page
    assert count(service, Message) == 0


def test_ten_thousand_characters_are_taken(service, client):
    """The longest message allowed is kept whole, also when every character takes four bytes."""
    answer, _ = write(client, "😡" * 10_000)

    assert answer.status_code == 303
    assert [message.text for message in kept(service) if message.direction == "in"] == ["😡" * 10_000]


def test_longer_message_is_refused_and_stays_in_the_box(service, client):
    """One character too many is said clearly, with the text still in the box and nothing stored."""
    story = "a story " * 1_250 + "."
    answer, _ = write(client, story)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "too long" in page
    assert story in page
    assert count(service, Message) == 0


def test_message_beyond_all_measure_is_refused_with_a_page(client):
    """Megabytes are refused before they are read, with words on what to do."""
    answer, _ = write(client, "x" * 2_000_000)

    assert answer.status_code == 413
    assert "too long to send" in answer.get_data(as_text=True)


def test_text_box_keeps_a_leading_line_break(client):
    """A refused text that begins with a line break comes back with it: browsers drop the first one after the tag."""
    answer, _ = write(client, "\r\n" + "x" * 10_001)

    assert "\n\n" + "x" * 10_001 + "</textarea>" in answer.get_data(as_text=True)


@pytest.mark.parametrize("body", [b"text=%FF%FE", b"text=\xff\xfe"])
def test_text_that_is_not_utf8_is_refused(service, client, body):
    """Bytes that are no text are refused in clear words, not stored as something nobody wrote."""
    fields = form_of(client.get("/chat"))
    start = f"csrf_token={fields['csrf_token']}&id={fields['id']}&".encode()
    answer = client.post("/chat", data=start + body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert "could not be read" in answer.get_data(as_text=True)
    assert count(service, Message) == 0


def test_form_without_its_token_is_refused_and_its_words_stay(service, client):
    """A forged or outdated form stores nothing; the words stand in the new form, ready to send."""
    answer = client.post("/chat", data={"id": "a", "text": "my own words"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "out of date" in page
    assert "my own words</textarea>" in page
    assert count(service, Message) == 0


def test_choice_is_sent_to_the_dialogue_as_its_payload(service, client, dialogue):
    """Pressing a choice of the welcome is kept with its label and handed on as what the choice means."""
    page = client.get("/chat")
    welcome = service.words.say("utter_welcome", channel="web")
    offered = welcome.choices or pytest.fail("The welcome offers no choices.")
    client.post("/chat", data={**form_of(page), "choice": offered[0]["value"]})

    mine = [message for message in kept(service) if message.direction == "in"]
    assert [(message.text, message.choice) for message in mine] == [(offered[0]["label"], offered[0]["value"])]
    assert dialogue.asked[0]["text"] == offered[0]["payload"]


def test_choice_that_was_never_offered_is_refused(service, client):
    """A made-up choice cannot smuggle an order to the dialogue."""
    answer = client.post("/chat", data={**form_of(client.get("/chat")), "choice": '/inform{"complainant_role": "x"}'})

    assert answer.status_code == 400
    assert count(service, Message) == 0


def test_danger_is_answered_with_numbers_to_ring(client):
    """Words of danger bring the crisis reply at once, set apart, with numbers that ring when pressed."""
    write(client, "I want to kill myself")

    page = client.get("/chat").get_data(as_text=True)
    assert "app-message--crisis" in page
    assert 'href="tel:999"' in page


def test_rasa_away_page_says_the_message_is_safe(service, client, dialogue):
    """Without an answer the page says that we have the message, and shows the answer when it comes."""
    dialogue.away = True
    write(client, "hello")

    page = client.get("/chat").get_data(as_text=True)
    assert "We have your message" in page
    assert [message.text for message in kept(service) if message.direction == "in"] == ["hello"]


def test_store_away_message_is_spooled_and_said_so(service, client):
    """With the store gone the message still counts as taken: it lies in the spool and the person is told."""
    fields = form_of(client.get("/chat"))
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table messages rename to gone")
    answer = client.post("/chat", data={**fields, "text": "keep this"})

    assert answer.status_code == 202
    assert "keep this" in answer.get_data(as_text=True)
    assert len(list((service.settings.home / "spool").glob("*.message"))) == 1


def test_person_who_took_over_is_seen(service, client):
    """What a member of staff writes appears under the team's name, and the page says that a person is there."""
    write(client, "hello")
    with service.database.write() as session:
        conversation = session.scalar(select(Conversation))
        conversations.take_over(session, conversation, by="01STAFF", now=conversation.started_at)
        conversations.say_as_staff(session, conversation, "I am Sam.", by="01STAFF", now=conversation.started_at)

    page = client.get("/chat").get_data(as_text=True)
    assert "I am Sam." in page
    assert service.council.complaints_team.name in html.unescape(page)
    assert "is here and will answer you" in page


def test_choices_go_once_they_are_answered(client, dialogue):
    """Buttons stand only under the newest reply."""
    choice = {"label": "Yes please", "value": "affirm", "payload": "/affirm"}
    dialogue.replies = [[Reply("utter_ask_advocate", "Would you like one?", "ask", "advocate", (choice,))]]
    write(client, "hello")
    assert "Yes please" in client.get("/chat").get_data(as_text=True)

    write(client, "what is an advocate?")
    assert 'value="affirm"' not in client.get("/chat").get_data(as_text=True)


def test_filed_complaint_shows_its_reference(service, client):
    """Once the complaint is filed the page carries its reference, on every look at it."""
    write(client, TOLD["what_happened"])
    with service.database.write() as session:
        conversation = session.scalar(select(Conversation))
        at = conversation.started_at
        intake.save_draft(session, conversation.id, TOLD, now=at)
        filed = intake.file_complaint(
            session, conversation_id=conversation.id, council=service.council, rules=service.rules, now=at
        )

    page = client.get("/chat").get_data(as_text=True)
    assert "Your complaint has been sent" in page
    assert f"<strong>{filed.reference}</strong>" in page


def test_script_is_given_only_what_is_new(client):
    """A post that asks for JSON is answered with the new messages alone; asking for news later brings the rest."""
    write(client, "first")
    asked = client.get("/chat/news", headers={"Accept": "application/json"}).json
    fields = {**form_of(client.get("/chat")), "text": "second", "after": asked["last"]}
    news = client.post("/chat", data=fields, headers={"Accept": "application/json"}).json

    assert "second" in news["messages"]
    assert "Answer 2" in news["messages"]
    assert "first" not in news["messages"]
    assert client.get(f"/chat/news?after={news['last']}").json["messages"].strip() == ""


@pytest.mark.parametrize("after", ["-1", "x", "²", "9" * 30])
def test_news_after_nonsense_is_still_an_answer(client, after):
    """An `after` that is no number is read as the start, one beyond the end as nothing new."""
    write(client, "hello")

    assert client.get(f"/chat/news?after={after}").status_code == 200


def test_choice_made_before_the_last_words_of_a_reply_can_be_pressed(client, dialogue):
    """Choices stay while the assistant goes on talking after them."""
    choice = {"label": "Yes please", "value": "affirm", "payload": "/affirm"}
    dialogue.replies = [
        [Reply("utter_ask_advocate", "Would you?", "ask", "advocate", (choice,)), Reply("utter_x", "It is free.")]
    ]
    write(client, "hello")

    assert "Yes please" in client.get("/chat").get_data(as_text=True)


@pytest.mark.parametrize(("behind_proxy", "last"), [(True, 400), (False, 429)])
def test_forwarded_addresses_are_believed_only_behind_a_proxy(service, behind_proxy, last):
    """Behind a proxy the limit counts the people behind it; without one nobody escapes it by a header."""
    app = create_app(replace(service, settings=replace(service.settings, behind_proxy=behind_proxy)))
    client = app.test_client()
    fields = form_of(client.get("/chat"))
    answers = [
        client.post("/chat", data={**fields, "text": ""}, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(61)
    ]

    assert answers[-1].status_code == last


def test_too_many_posts_are_slowed_and_the_words_stay(client):
    """Beyond sixty posts a minute from one address the page asks to wait, with the words still in the box."""
    fields = form_of(client.get("/chat"))
    statuses = [client.post("/chat", data={**fields, "text": ""}).status_code for _ in range(60)]
    answer = client.post("/chat", data={**fields, "text": "one more"})

    assert set(statuses) == {400}
    assert answer.status_code == 429
    assert "one more</textarea>" in answer.get_data(as_text=True)


def test_exit_ends_the_session(service, client):
    """The way out leads elsewhere, empties the browser, and the page behind it is a new one."""
    write(client, "something private")
    answer = client.get("/exit")

    assert (answer.status_code, answer.location) == (303, "https://www.bbc.co.uk/weather")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "something private" not in client.get("/chat").get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/", "/chat", "/chat/back", "/chat/news", "/privacy", "/accessibility", "/exit", "/nowhere"]
)
def test_every_page_carries_the_guards(client, path):
    """Each page forbids foreign scripts, framing, caching and referrers."""
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_script_on_a_page_is_allowed_by_its_policy(client):
    """Inline scripts carry the nonce of their answer, and no markup has the styles or handlers it forbids."""
    answer = client.get("/chat")
    page = answer.get_data(as_text=True)
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]

    assert all(f'nonce="{nonce}"' in tag or "src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)


def test_session_cookie_is_kept_from_scripts_and_other_sites(service):
    """The cookie is HttpOnly, Lax, ends with the browser session, and is only sent encrypted where the site is."""
    encrypted = create_app(
        replace(service, settings=replace(service.settings, public_url="https://speakup.example.org"))
    )
    cookie = encrypted.test_client().get("/chat").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" in cookie
    assert "Expires" not in cookie


def test_unforeseen_error_says_nothing_of_what_was_written(app, service, caplog):
    """A fault of ours gives a plain page and a log line with its place, never the words that caused it."""

    @app.get("/broken")
    def broken():
        raise ValueError("my secret story")

    answer = app.test_client().get("/broken")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.get_data(as_text=True)
    assert "ValueError" in caplog.text
    assert "my secret story" not in caplog.text + answer.get_data(as_text=True)


def test_store_away_page_is_plain(service, client):
    """When the store cannot be read the page says so and still tells whom to ring in danger."""
    write(client, "hello")
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table messages rename to gone")
    answer = client.get("/chat")

    assert answer.status_code == 503
    assert 'href="tel:999"' in answer.get_data(as_text=True)


def test_invented_council_is_marked_on_every_page(service, client):
    """While the profile is invented each page says that it is a demonstration; a real one's says nothing of it."""
    assert service.council.invented
    for path in ("/", "/chat", "/privacy", "/accessibility", "/nowhere"):
        assert "invented council" in client.get(path).get_data(as_text=True)

    real = replace(service, council=service.council.model_copy(update={"invented": False}))
    assert "invented council" not in create_app(real).test_client().get("/").get_data(as_text=True)


def test_start_page_names_the_number_only_where_texting_is_on(service, client):
    """The number to text is printed as people write it, and not at all where SMS is off."""
    assert "07700 900000" in client.get("/").get_data(as_text=True)

    off = replace(service, settings=replace(service.settings, twilio_account_sid=""))
    assert "07700 900000" not in create_app(off).test_client().get("/").get_data(as_text=True)


def test_copy_is_a_page_of_its_own_for_this_browser_alone(service, client, app):
    """The words, reference, day and wish can be read and printed; another browser is led to the chat."""
    write(client, "hello")
    with service.database.write() as session:
        conversation = session.scalars(select(Conversation)).one()
        intake.save_draft(session, conversation.id, TOLD, now=conversation.started_at)
        filed = intake.file_complaint(
            session, conversation_id=conversation.id, council=service.council, rules=service.rules,
            now=conversation.started_at,
        )  # fmt: skip

    assert "/chat/copy" in client.get("/chat").get_data(as_text=True)
    answer = client.get("/chat/copy")
    page = html.unescape(answer.get_data(as_text=True))
    for part in (filed.reference, TOLD["what_happened"], TOLD["desired_outcome"]):
        assert part in page
    assert answer.headers["Cache-Control"] == "no-store"
    stranger = app.test_client().get("/chat/copy")
    assert (stranger.status_code, stranger.location) == (303, "/chat")


def test_copy_before_anything_was_sent_leads_to_the_chat(client):
    """There is no page of nothing."""
    write(client, "hello")
    assert client.get("/chat/copy").location == "/chat"
