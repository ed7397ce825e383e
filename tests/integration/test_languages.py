"""Being answered in Welsh or Polish: asked for, kept, and said in the words of that language."""

from datetime import UTC, datetime

import pytest

from bot.cases import conversations
from bot.conversation import inbox
from bot.conversation.inbox import InboundMessage
from bot.words import LANGUAGES, load_language


@pytest.fixture
def say(service):
    """Send something in one conversation on the web; the replies since."""
    handle, _ = inbox.begin(service, now=datetime.now(UTC))

    def said(text, choice=None):
        message = InboundMessage("web", f"web:{handle}:{text}", text, datetime.now(UTC), handle=handle, choice=choice)
        number = inbox.receive(service, message).number
        with service.database.read() as session:
            held = conversations.by_handle(session, handle)
            return held.language, [each.text for each in conversations.messages_after(session, held.id, number)]

    return said


@pytest.mark.parametrize(("asked", "language"), [("Cymraeg", "cy"), ("po polsku!", "pl"), ("in english please", "en")])
def test_language_asked_for_in_words_is_kept_and_spoken(say, service, asked, language):
    """The answer is in the language asked for, and the conversation keeps it."""
    kept, heard = say(asked)
    assert kept == language
    assert heard[0] == service.words.say("utter_language_set", channel="web", language=language).text


@pytest.mark.parametrize("path", sorted(LANGUAGES.glob("*.yml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("choice", [None, "deny"], ids=["typed", "pressed"])
def test_no_i_am_not_safe_is_danger_in_every_language(say, service, path, choice):
    """The answer no to "are you safe right now?" is never taken for a yes, whatever it is called."""
    language = load_language(path)
    say(language.asked_for[0])
    say("i want to kill myself")
    asked = service.words.say("utter_ask_safe_now", channel="web", language=language.code)
    label = next(each["label"] for each in asked.choices if each["value"] == "deny")

    _, heard = say(label, choice)

    crisis = service.words.say("utter_crisis", channel="web", language=language.code, helplines="").text
    assert heard[0].startswith(crisis)


def test_words_that_only_name_a_language_change_nothing(say):
    """Whoever tells of a Polish foster carer is answered in English."""
    kept, _ = say("my polish foster carer does not let me ring my mum")
    assert kept == "en"


@pytest.mark.parametrize(("text", "choice"), [("Nie", "deny"), ("Nie", None), ("2", None)])
def test_no_to_being_safe_is_danger_in_another_language(say, text, choice, service):
    """A no that is picked or typed in Polish rings the alarm again, and is never taken for a yes."""
    say("po polsku")
    say("i want to kill myself")
    _, heard = say(text, choice)
    assert heard[0].startswith(
        service.words.say("utter_crisis", channel="web", language="pl", helplines="").text.splitlines()[0]
    )


def test_yes_to_being_safe_is_taken_in_another_language(say, service):
    """A yes that is typed in Polish is a yes."""
    say("po polsku")
    say("i want to kill myself")
    _, heard = say("Tak")
    assert heard == [service.words.say("utter_safe_wait", channel="web", language="pl").text]
