"""What the assistant takes from people's own words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.eligibility import Facts
from bot.understanding import Message, missing, questions, reopen, take, understand
from bot.understanding.cues import cues
from bot.understanding.facts import FIXED, OPEN
from bot.understanding.people import read_children, read_own_name, role_from_word
from bot.understanding.stories import is_story, read_prior, read_proceedings
from bot.understanding.when import read_when

TODAY = date(2026, 11, 22)
COUNCIL = load_council("default")


def heard(text, asking=None, intent=None):
    return understand(text, asking=asking, intent=intent, council=COUNCIL, today=TODAY)


def taken(text, known=None, asking=None, channel="web", **message):
    return take(Message(text, **message), known or {}, asking=asking, channel=channel, council=COUNCIL, today=TODAY)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("im 14 and live in a childrens home and nobody listens", "looked_after_child"),
        ("im 15 and in care and my visits are cancelled", "looked_after_child"),
        ("I’m in foster care and my social worker never comes", "looked_after_child"),
        ("im kez 14 in care and my bag got lost", "looked_after_child"),
        ("13 and in foster care, they split us up", "looked_after_child"),
        ("i left care and my pa never turns up", "care_leaver"),
        ("my son was taken into care and I get no news", "parent"),
        ("We are foster carers and the allowance is late", "foster_carer"),
        ("my grandson is in care and they wont let me see him", "relative"),
        ("I'm an advocate for a young person in care", "representative"),
        ("I am a solicitor acting for a child", "representative"),
        ("i am helping a young person called Sam who is 15", "representative"),
        ("we have an SGO for my niece", "special_guardian"),
        ("i live with my nan under an sgo and it isnt working", "child_in_need"),
        ("im 15 in a kids home", "looked_after_child"),
        ("15 in a kids home and they took my phone", "looked_after_child"),
        ("im in resi and its loud", "looked_after_child"),
        ("im fostered and they dont like me", "looked_after_child"),
        ("i got took into care in may", "looked_after_child"),
        ("17 and in supported accommodation", "looked_after_child"),
        ("im not in care but i have a social worker", "child_in_need"),
        ("i have a social worker but live with my mum", "child_in_need"),
        ("was in care til 18 and got no help since", "care_leaver"),
        ("i have a pathway plan nobody follows", "care_leaver"),
        ("my mate is in care and gets no food", "friend"),
        ("im from NYAS and writing about a visit", "representative"),
    ],
)
def test_role_is_taken_from_a_story(text, role):
    """People who say who they are in passing are not asked for it."""
    assert heard(text)["complainant_role"] == role


@pytest.mark.parametrize(
    ("text", "own", "of_a_child"),
    [
        ("im kez 14 in care and my bag got lost", 14, None),
        ("im a care leaver aged 19 and have no bed", 19, None),
        ("when i was 12 they moved me", None, None),
        ("she was 12 when they moved her", None, 12),
        ("im in room 14 and its cold", None, None),
    ],
)
def test_age_is_the_age_of_whoever_it_is_told_of(text, own, of_a_child):
    """An age long past, and a number that is none, are nobody's age now."""
    told = heard(text)
    assert (told.get("complainant_age"), told.get("child_age")) == (own, of_a_child)


def test_role_is_left_open_when_nobody_says_it():
    """A complaint about a social worker alone tells nothing of who is writing."""
    assert "complainant_role" not in heard("my social worker never rings me back, it is a joke")


def test_first_message_may_hold_everything():
    """Child, age, story, wish, time and name are all taken from one message."""
    facts = heard(
        "My son Sam is 9 and in foster care. His social worker cancelled contact three times since September."
        " I want contact every week and an apology. My name is Jane Doe."
    )
    assert facts["complainant_role"] == "parent"
    assert (facts["child_name"], facts["child_age"], facts["name"]) == ("Sam", 9, "Jane Doe")
    assert facts["desired_outcome"] == "I want contact every week and an apology."
    assert facts["grounds_on"] == {"earliest": "2026-09-01", "latest": "2026-09-30"}
    assert facts["what_happened"].startswith("My son Sam")


@pytest.mark.parametrize(
    "text", ["hi", "I want to complain", "hello i want to make a complaint about my social worker"]
)
def test_announcing_a_complaint_is_no_story(text):
    """What happened is still asked after a greeting or the mere wish to complain."""
    assert not is_story(text)
    assert "what_happened" not in heard(text)


def test_swearing_is_no_reason_to_lose_a_story():
    """A story told with swear words is kept word for word."""
    told = "ffs this fucking woman never turns up"
    assert heard(told)["what_happened"] == told


@pytest.mark.parametrize(
    ("said", "earliest", "latest"),
    [
        ("3 weeks ago", date(2026, 11, 1), date(2026, 11, 1)),
        ("yesterday", date(2026, 11, 21), date(2026, 11, 21)),
        ("on 12/3/2024", date(2024, 3, 12), date(2024, 3, 12)),
        ("4th of May", date(2026, 5, 4), date(2026, 5, 4)),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("since easter", date(2026, 4, 3), date(2026, 4, 6)),
        ("back in december", date(2025, 12, 1), date(2025, 12, 31)),
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("last tuesday", date(2026, 11, 17), date(2026, 11, 17)),
        ("since i moved here in march last year", date(2025, 3, 1), date(2025, 3, 31)),
        ("half a year ago", date(2026, 2, 21), date(2026, 8, 22)),
        ("a year and a half ago", date(2025, 2, 21), date(2025, 8, 22)),
    ],
)
def test_time_is_read_as_people_say_it(said, earliest, latest):
    """Dates are taken as exactly as they are told, and no more exactly."""
    when = read_when(said, TODAY)
    assert (when.earliest, when.latest) == (earliest, latest)


@pytest.mark.parametrize(
    "said",
    [
        "ages ago", "dunno", "when i was 12", "a while back", "foster carers for 9 years, never a complaint",
        "im a carer of 12 years, the visit was cancelled", "i'm 16 years, in care",
    ],
)  # fmt: skip
def test_unknown_time_stays_unknown(said):
    """Nothing is made up where no time is told."""
    assert read_when(said, TODAY).facts(TODAY) == {}


def test_time_told_by_age_is_counted_from_an_age_told_before():
    """Who said that they are 17 and answers "when i was 15" has told when it was."""
    known = {"complainant_role": "looked_after_child", "complainant_age": 17}
    told = taken("when i was 15", known=known, asking="happened_when")
    assert told.facts["grounds_on"] == {"earliest": "2023-11-23", "latest": "2025-11-22"}


def test_last_year_gives_no_number_of_months():
    """Somewhere between eleven and twenty-three months is not a number a time limit may rest on."""
    assert "months_since_grounds" not in read_when("last year", TODAY).facts(TODAY)


@pytest.mark.parametrize("said", ["still happening", "every week", "it keeps happening", "since september"])
def test_continuing_is_heard(said):
    """What goes on renews the grounds (R17)."""
    assert read_when(said, TODAY).continuing is True


@given(st.text(max_size=80), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_no_words_put_the_grounds_after_today(said, today):
    """Whatever somebody writes, what they complain about has already happened, and intervals run forwards."""
    when = read_when(said, today)
    if when.earliest:
        assert when.earliest <= when.latest <= today


@given(st.integers(1, 12), st.sampled_from(["day", "week"]))
def test_counted_days_and_weeks_are_exact(count, unit):
    """ "5 weeks ago" is 35 days ago."""
    days = count * (7 if unit == "week" else 1)
    assert read_when(f"{count} {unit}s ago", TODAY).earliest == TODAY - timedelta(days=days)


CLOSED = ["advocacy", "consent", "child_status", "responsible_body", "proceedings", "prior"]


@given(
    st.text(max_size=200),
    st.sampled_from([None, *CLOSED, "name", "child_name", "happened_when", "what_happened", "more_to_say",
                     "desired_outcome", "complainant_role", "relationship", "email", "phone", "preferred_contact"]),
)  # fmt: skip
def test_whatever_is_written_gives_facts_of_the_vocabulary(text, asking):
    """No text, whatever was asked, makes a fact that the rules cannot read."""
    changes = taken(text, asking=asking).facts
    facts = {name: value for name, value in changes.items() if name in Facts.model_fields and value not in (None, "")}
    Facts.model_validate(facts)


@pytest.mark.parametrize(
    ("asking", "text", "fact"),
    [
        ("advocacy", "nah im good", {"answer": "declined"}),
        ("advocacy", "yeah go on then", {"answer": "accepted"}),
        ("advocacy", "i already have one", {"answer": "has_one"}),
        ("advocacy", "maybe later", {"answer": "later"}),
        ("consent", "she asked me to", "given"),
        ("consent", "not yet", "pending"),
        ("prior", "yes but nobody replied", "stage1_open"),
        ("prior", "no", "none"),
        ("child_status", "he's in foster care", "looked_after"),
        ("wants_stage2", "yes please", True),
        ("wants_stage2", "no", False),
        ("wants_stage2", "stage 2", True),
        ("wants_stage2", "not sure", "unknown"),
    ],
)
def test_answers_are_understood_in_peoples_own_ways(asking, text, fact):
    """Fixed answers need not be picked from the list."""
    intent = "deny" if text.startswith("nah") else "affirm" if text.startswith("yeah") else None
    assert taken(text, asking=asking, intent=intent, confidence=0.9).facts[asking] == fact


@pytest.mark.parametrize(
    ("asking", "text", "fact"),
    [
        ("wants_stage2", "Ydw!", True),
        ("wants_stage2", "nac ydw", False),
        ("consent", "ydy", "given"),
        ("confirm_statement", "ie, plis", "yes"),
        ("confirm_statement", "Na", "no"),
        ("more_to_say", "na, dyna'r cyfan", "no"),
        ("more_to_say", "nac oes", "no"),
        ("advocacy", "hoffwn", {"answer": "accepted"}),
        ("advocacy", "dim diolch", {"answer": "declined"}),
        ("advocacy", "efallai", {"answer": "later"}),
        ("prior", "nage", "none"),
        ("child_status", "Dwi ddim yn gwybod", "unknown"),
        ("child_status", "ddim yn siŵr", "unknown"),
    ],
)
def test_plain_answers_are_understood_in_welsh(asking, text, fact):
    """Yes, no and don't know need no English, whichever of its words for them Welsh has for the question."""
    assert taken(text, asking=asking, known={"what_happened": "x"}).facts[asking] == fact


@pytest.mark.parametrize("text", ["pasio", "Gwell gen i beidio dweud.", "dim enw"])
def test_question_is_left_open_in_welsh(text):
    """Who would rather not answer can say so in Welsh."""
    assert taken(text, asking="name", known={"complainant_role": "parent"}).how == "left_open"


@pytest.mark.parametrize(
    ("asking", "text", "fact"),
    [
        ("advocacy", "Tak, poproszę", {"answer": "accepted"}),
        ("advocacy", "nie, dziękuję", {"answer": "declined"}),
        ("advocacy", "może później", {"answer": "later"}),
        ("consent", "tak", "given"),
        ("prior", "NIE", "none"),
        ("child_status", "nie wiem", "unknown"),
        ("consent", "jeszcze nie", "pending"),
        ("more_to_say", "Nie, to wszystko.", "no"),
        ("confirm_statement", "tak", "yes"),
        ("skipped", "pomiń", ["email"]),
        ("skipped", "wole nie mowic", ["email"]),
    ],
)
def test_plain_answers_are_understood_in_polish(asking, text, fact):
    """Yes, no, "I do not know" and "skip" are read in Polish too, with or without its letters."""
    question = "email" if asking == "skipped" else asking
    assert taken(text, known={"what_happened": "x"}, asking=question).facts[asking] == fact


def test_story_in_many_texts_is_joined_word_for_word():
    """Each further text is added to what happened, and asked after again."""
    first = taken("They moved me with no warning", asking="what_happened", id="m1")
    second = taken("and they lost all my stuff too", known=first.facts, asking="more_to_say", id="m2")

    assert second.facts["what_happened"] == "They moved me with no warning\nand they lost all my stuff too"
    assert second.facts["parts"] == ["m1", "m2"]
    assert "more_to_say" in missing({**first.facts, **second.facts, "complainant_role": "parent"}, "web")


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("that is everything", {"more_to_say": "no"}),
        ("yes there is more", {"saying_more": True}),
        ("yeah also she swore at me", {"what_happened": "It was late\nyeah also she swore at me"}),
    ],
)
def test_is_there_more_is_answered_or_told_at_once(text, change):
    """An end is heard as one, and more that is told with the yes belongs to the story."""
    known = {"complainant_role": "parent", "what_happened": "It was late"}
    assert change.items() <= taken(text, known=known, asking="more_to_say").facts.items()


def test_story_that_begins_with_no_is_a_story():
    """ "No one came" goes on with the story; "no" ends it."""
    more = taken(
        "no one came to see me", known={"what_happened": "x"}, asking="more_to_say", intent="deny", confidence=1
    )
    assert more.facts["what_happened"] == "x\nno one came to see me"
    assert taken("no", known={"what_happened": "x"}, asking="more_to_say").facts["more_to_say"] == "no"


def test_time_told_in_a_later_text_is_not_asked_for():
    """Each text of a story is read for when it happened."""
    more = taken("it's been like this since march", known={"what_happened": "x"}, asking="more_to_say")
    assert more.facts["grounds_on"] == {"earliest": "2026-03-01", "latest": "2026-03-31"}


def test_words_added_at_the_end_reach_the_statement():
    """What is told instead of yes or no to the statement is added to it, and it is read back again."""
    more = taken("it happened again today she didnt come", known={"what_happened": "x"}, asking="confirm_statement")
    assert more.facts["what_happened"].startswith("x\nit happened again")
    assert "confirm_statement" not in more.facts


def test_answer_already_given_leads_to_stage_two():
    """After an answer, whether the next step is wanted and the day of the answer are asked (R33)."""
    asked = questions({"complainant_role": "parent", "prior": "stage1_answered"}, "web")
    assert asked.index("prior") < asked.index("wants_stage2") < asked.index("stage1_response_on")
    facts = taken("last tuesday", asking="stage1_response_on").facts
    assert facts == {"stage1_response_on": "2026-11-17"}


def test_story_told_to_a_closed_question_is_not_lost():
    """Somebody who goes on telling when asked about an advocate has added to the story."""
    known = {"complainant_role": "looked_after_child", "what_happened": "He shouts."}
    result = taken("he also took my phone away and would not give it back", known=known, asking="advocacy")

    assert result.how == "answer"
    assert result.facts["what_happened"].endswith("would not give it back")
    assert "advocacy" not in result.facts


def test_question_in_the_middle_is_an_interruption():
    """A question to us changes nothing of what is known."""
    result = taken("what is an advocate?", asking="name", intent="ask_what_is_advocate", confidence=0.95)
    assert (result.how, result.facts) == ("interruption", {})


@pytest.mark.parametrize("asking", ["what_happened", "more_to_say", "happened_when"])
def test_words_of_a_story_that_ask_nothing_break_nothing_off(asking):
    """However near to a question the classifier finds them: "i asked for my file in may" tells, and asks nothing."""
    told = taken("i asked for my file in may", asking=asking, intent="ask_see_my_file", confidence=0.97)
    assert told.how == "answer"
    asked = taken("how do i get my file", asking=asking, intent="ask_see_my_file", confidence=0.97)
    assert asked.how == "interruption"


def test_long_story_that_resembles_a_question_is_a_story():
    """Only short, clear messages break a story off."""
    text = "will you tell me why my social worker was told all about my private stuff by the school and nobody asked me"
    assert taken(text, asking="what_happened", intent="ask_social_worker_know", confidence=0.9).how == "answer"


def test_what_cannot_be_understood_is_a_miss():
    """Nonsense leaves the question open and is counted."""
    assert taken("asdkj", asking="complainant_role").how == "miss"


def test_name_may_be_kept_back():
    """Who would rather not say is filed as anonymous, and not asked again."""
    result = taken("rather not say", asking="name", known={"complainant_role": "parent"})
    assert result.how == "left_open"
    assert result.facts == {"skipped": ["name"], "identity": "anonymous"}


def test_name_that_looks_like_a_wish_to_skip_is_still_a_name():
    """The classifier knows no names; only plain words leave the question for a name open."""
    result = taken("Dawn Pritchard", known={"complainant_role": "parent"}, asking="name", intent="skip", confidence=0.6)

    assert result.facts == {"name": "Dawn Pritchard", "identity": "named"}


def test_choice_sets_exactly_its_fact():
    """A picked choice needs no reading."""
    result = taken('/inform{"prior": "stage1_open"}', asking="prior", choice={"prior": "stage1_open"}, intent="inform")
    assert result.facts == {"prior": "stage1_open"}


def test_unsafe_phone_opens_other_ways():
    """When texting is not safe, another way to answer is asked for."""
    known = {"complainant_role": "looked_after_child", "name": "Kay"}
    result = taken("no someone reads my phone", known=known, asking="safe_to_contact", channel="sms")
    assert result.facts["safe_to_contact"] == {"sms": "not_safe"}
    assert "preferred_contact" in missing({**known, **result.facts}, "sms")


def test_address_beside_the_way_is_taken():
    """ "email jane@example.org" answers two questions."""
    facts = taken("email me jane@example.org", asking="preferred_contact").facts
    assert (facts["preferred_contact"], facts["email"]) == ("email", "jane@example.org")


@pytest.mark.parametrize("role", ["looked_after_child", "care_leaver"])
def test_children_are_offered_an_advocate_before_detail(role):
    """The offer comes before anything about what happened (Children Act 1989, section 26A)."""
    asked = questions({"complainant_role": role}, "sms")
    assert asked.index("advocacy") < asked.index("what_happened")


def test_children_are_not_asked_about_courts_unless_they_speak_of_one():
    """Proceedings matter to a child's complaint only where the story touches them."""
    child = {"complainant_role": "looked_after_child", "what_happened": "He never rings."}
    assert "proceedings" not in questions(child, "web")
    assert "proceedings" in questions({**child, "what_happened": "The judge said I could go home."}, "web")


def test_other_body_is_asked_about_only_where_it_is_doubtful():
    """A school beside a social worker leaves no doubt; a school alone does."""
    parent = {"complainant_role": "parent"}
    assert "responsible_body" in questions({**parent, "what_happened": "The school excluded him."}, "web")
    both = {**parent, "what_happened": "The social worker told the school."}
    assert "responsible_body" not in questions(both, "web")


@given(st.sampled_from(sorted(cues()["changeable"])))
def test_reopened_answer_is_asked_again(fact):
    """Whatever is to be changed is asked for next, unless nothing is."""
    known = {
        "complainant_role": "parent", "child_name": "Sam", "what_happened": "x", "more_to_say": "no",
        "desired_outcome": "y", "happened_when": "z", "proceedings": {"type": "none"}, "prior": "none", "name": "Jo",
        "identity": "named", "preferred_contact": "phone", "phone": "+441134960100",
        "safe_to_contact": {"phone": "safe"}, "confirm_statement": "no",
    }  # fmt: skip
    after = {name: value for name, value in {**known, **reopen(fact, known)}.items() if value is not None}
    first = missing(after, "web")[0]
    assert first == (fact if fact in known else "confirm_statement")


@pytest.mark.parametrize(
    "text",
    [
        "Othershire council have not answered my letters about my grandson since May",
        "My social worker from Othershire never comes to see me at my placement here",
        "I am in care to Othershire and they stopped my contact with my sister",
        "Nexton Borough Council said no to respite for our son three times now",
        "The Othershire leaving care team never got me my setting up grant",
    ],
)
def test_service_of_a_neighbouring_council_is_recognised(text):
    """Who names the service of another council that the profile knows is complaining about that one."""
    assert heard(text)["responsible_body"] == "other_local_authority"


@pytest.mark.parametrize(
    "text",
    [
        "My foster carer moved me to a house in Othershire and nobody asked me about it",
        "My nan lives near Nexton and I am not allowed to go and see her any more",
        "Othershire council were fine but Anytown Council lost my file when I moved here",
        "My social worker went to work for somebody else and nobody told me about it",
    ],
)
def test_place_alone_makes_no_other_council_responsible(text):
    """A town that is only named, or a story that names this council too, is left to a person."""
    assert "responsible_body" not in heard(text)


@pytest.mark.parametrize(
    ("text", "team"),
    [
        ("The leaving care team lost my pathway plan and will not tell me why", "leaving_care"),
        ("The care team lost my life story book and will not tell me why", "looked_after"),
        ("The care team and the fostering team both lost my life story book", None),
    ],
)
def test_longer_team_name_wins_where_names_share_words(text, team):
    """Part of a longer team name is not another team; two teams named apart are still none."""
    assert heard(text).get("team") == team


def test_team_name_inside_another_is_the_other_team():
    """A profile may have a team whose name begins with another's."""
    teams = [each for each in COUNCIL.teams if each.key == "fostering"]
    support = teams[0].model_copy(update={"key": "fostering_support", "name": "Fostering Support", "aliases": ()})
    council = COUNCIL.model_copy(update={"teams": (*COUNCIL.teams, support)})
    for text, team in {"Fostering Support": "fostering_support", "Fostering": "fostering"}.items():
        story = f"{text} have not paid us for the last three months and nobody rings back"
        told = understand(story, asking=None, intent=None, council=council, today=TODAY)
        assert told["team"] == team


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I want someone to ring me back", "request_human"),
        ("say sorry", "repeat"),
        ("i want it to stop", "stop_for_now"),
        ("I want the short breaks to start again and an apology", "start_again"),
    ],
)
def test_wish_is_no_command(text, intent):
    """What should happen is told in the words of commands; asked for it, they are the answer."""
    known = {"complainant_role": "parent", "what_happened": "x", "more_to_say": "no"}
    result = taken(text, known=known, asking="desired_outcome", intent=intent, confidence=0.99)
    assert (result.how, result.facts["desired_outcome"]) == ("answer", text)


def test_command_is_heard_among_wishes():
    """What is plainly meant for us breaks off even there."""
    assert (
        taken("can we start again", asking="desired_outcome", intent="start_again", confidence=0.95).how
        == "interruption"
    )
    result = taken("can i talk to a real person", asking="desired_outcome", intent="request_human", confidence=0.99)
    assert result.how == "interruption"


@pytest.mark.parametrize(
    ("asking", "text"), [("email", "someone@example.org"), ("name", "Dawn"), ("child_name", "Will")]
)
def test_names_and_addresses_are_never_taken_for_wishes(asking, text):
    """However sure the classifier is, what is like no wish it was taught is the answer that was asked for."""
    result = taken(text, asking=asking, intent="request_human", confidence=0.99)
    assert (result.how, asking in result.facts) == ("answer", True)


@pytest.mark.parametrize("text", ["I want someone to ring me back", "she said she would text me and never did"])
def test_being_rung_in_a_story_is_no_way_to_be_reached(text):
    """Only what is asked of us is a way to be reached."""
    assert "preferred_contact" not in heard(text, asking="desired_outcome") | heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "nobody answers the phone", "my social worker never calls me back", "they dont ring when they say they will",
        "i get no phone calls", "nobody reads my emails", "they dont write back", "no one opens my post at the office",
        "she reads my messages and ignores me", "you never phone me",
    ],
)  # fmt: skip
def test_being_left_without_an_answer_makes_no_way_unsafe(text):
    """What others leave undone is the complaint, and no wish not to be rung or written to."""
    assert "safe_to_contact" not in heard(text)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("please dont ring me", "phone"), ("text only, no calls pls", "phone"), ("my mum answers the phone", "phone"),
        ("i dont want you to ring", "phone"), ("text me but dont ring", "phone"), ("never ring me at home", "phone"),
        ("my dad reads my texts", "sms"), ("dont text me on this number", "sms"), ("staff read my post", "letter"),
        ("dont email me, he sees it", "email"), ("please dont write to me", "letter"),
    ],
)  # fmt: skip
def test_way_that_somebody_asks_us_to_leave_is_not_safe(text, route):
    """A wish told in passing is kept, so that nobody is put in danger by a call or a letter."""
    assert heard(text)["safe_to_contact"] == {route: "not_safe"}


@pytest.mark.parametrize(
    ("asking", "text", "intent", "fact"),
    [
        ("preferred_contact", "phone", "request_human", ("preferred_contact", "phone")),
        (
            "preferred_contact",
            "my advocate can tell me",
            "share_with_advocate",
            ("preferred_contact", "through_advocate"),
        ),
        ("advocacy", "maybe later", "stop_for_now", ("advocacy", {"answer": "later"})),
    ],
)
def test_answer_in_the_words_of_a_wish_is_the_answer(asking, text, intent, fact):
    """What is one of the answers to the question asked is taken as that, whatever wish it would be elsewhere."""
    known = {"complainant_role": "looked_after_child", "what_happened": "x", "more_to_say": "no"}
    result = taken(text, known=known, asking=asking, intent=intent, confidence=0.99)
    assert (result.how, result.facts[fact[0]]) == ("answer", fact[1])


def test_person_is_still_fetched_where_the_way_to_be_reached_is_asked():
    """A wish for a person to talk to is no way to be reached."""
    known = {"complainant_role": "parent", "what_happened": "x", "more_to_say": "no"}
    result = taken("i want to talk to a real person", known=known, asking="preferred_contact", intent="request_human",
                   confidence=0.99)  # fmt: skip
    assert result.how == "interruption"


@pytest.mark.parametrize(
    ("text", "intent", "asking"),
    [
        ("can we skip that", "skip", "name"), ("dont want to say when", "skip", "happened_when"),
        ("i cant really remember sorry", "dont_know", "child_name"), ("skip that too", "skip", "address"),
    ],
)  # fmt: skip
def test_question_for_a_name_or_a_day_is_left_open_in_a_sentence(text, intent, asking):
    """Wanting to skip is not taken for the name itself."""
    assert taken(text, {"complainant_role": "parent"}, asking, intent=intent, confidence=0.95).how == "left_open"


@pytest.mark.parametrize(
    ("text", "intent", "asking"),
    [
        ("Will Pass", "skip", "name"), ("12 Skip Lane", "skip", "address"),
        ("ages ago cant remember when", "dont_know", "happened_when"), ("idk maybe easter", "skip", "happened_when"),
    ],
)  # fmt: skip
def test_answer_that_looks_like_a_wish_to_skip_is_kept(text, intent, asking):
    """A name, an address and a rough day are answers, whatever they look like by themselves."""
    assert asking in taken(text, {"complainant_role": "parent"}, asking, intent=intent, confidence=0.95).facts


def test_words_that_answer_no_closed_question_stay_with_the_story():
    """In the middle of a story nothing that was written is lost; it counts as a miss all the same."""
    known = {"complainant_role": "looked_after_child", "what_happened": "She took my phone."}
    result = taken("even weekends", known=known, asking="advocacy", intent="dont_know", confidence=0.45)
    assert (result.how, result.facts["what_happened"]) == ("miss", "She took my phone.\neven weekends")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I complained to them last year and they did nothing, my money is still missing", None),
        ("we are going to court in May and nobody tells us what for", None),
        ("I complained in june. On 14 October they moved me again", "2026-10-14"),
        ("no one told me about the court hearing on 2 november", "2026-11-02"),
    ],
)
def test_day_of_another_complaint_or_of_a_court_case_is_not_the_day_it_happened(text, day):
    """An old date taken by mistake would make a complaint late (regulation 9)."""
    assert heard(text).get("grounds_on") == day


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("there is no court case", "none"),
        ("we have not been to court", "none"),
        ("there is no court case but the police are investigating him", "criminal"),
        ("we are going to court in May", "family_court"),
        ("no court hearing yet", "family_court"),
        ("i was arrested in june but it got dropped", None),
        ("the court case is over now", None),
        ("he shouted at me", None),
    ],
)
def test_court_case_that_is_denied_is_none(text, kind):
    """ "No court case" is heard as none, and not as one that is going on (R18)."""
    assert (read_proceedings(text) or {}).get("type") == kind


@pytest.mark.parametrize(
    ("text", "prior"),
    [
        ("I have not complained before", "none"),
        ("never complained before", "none"),
        ("my worker never complained about it before", None),
        ("i complained in june and never heard back", "stage1_open"),
        ("i already complained about it and they did nothing", "stage1_open"),
    ],
)
def test_first_complaint_is_heard_as_one(text, prior):
    """Who says that it is the first time is not asked whether they complained before."""
    assert read_prior(text) == prior


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("my grandchildren, Ruby, who is 7, and Jake, who is 4, were moved", {"child_name": "Ruby and Jake"}),
        ("I'm mum to Anaya (8) and Dev (13).", {"child_name": "Anaya and Dev"}),
        ("before Leo, who is 9, came to us", {"child_name": "Leo", "child_age": 9}),
        ("Kai is 16 and in care", {"child_name": "Kai", "child_age": 16}),
        ("In March, 3 visits were cancelled", {}),
        ("On Monday, 12 November they came", {}),
        ("June is 3 weeks away", {}),
        ("my son alfie hasnt seen anyone for 8 weeks", {"child_name": "Alfie"}),
        ("my daughter keira is 9 and in care", {"child_name": "Keira", "child_age": 9}),
        ("my son has just been moved", {}),
        ("my son 8 weeks ago", {}),
        ("my daughters social worker is rude", {}),
        ("my child protection plan is wrong", {}),
    ],
)
def test_children_are_named_beside_a_tie_or_an_age(text, told):
    """Several children are several names, and one age is not the age of all."""
    assert read_children(text) == told


@pytest.mark.parametrize(
    ("text", "intent", "asking", "facts"),
    [
        ("dont text after 8", "stop_optout", "safe_to_contact", {"safe_to_contact": {"sms": "certain_times"}}),
        ("not at night", "deny", "safe_to_contact", {"safe_to_contact": {"sms": "certain_times"}}),
        ("when my mum is out", "inform", "safe_to_contact", {"safe_to_contact": {"sms": "certain_times"}}),
        ("deffo", "abusive", "advocacy", {"advocacy": {"answer": "accepted"}}),
        ("dont need one", "skip", "advocacy", {"advocacy": {"answer": "declined"}}),
        ("nah ur good", "deny", "more_to_say", {"more_to_say": "no", "saying_more": False}),
        ("told my iro", "ask_social_worker_know", "prior", {"prior": "stage1_open"}),
        ("he doesnt know yet", "dont_know", "consent", {"consent": "pending"}),
    ],
)
def test_answer_in_a_young_persons_own_way_is_the_answer(text, intent, asking, facts):
    """Words that look like a wish or like nothing are read by the question they answer."""
    known = {"complainant_role": "looked_after_child", "preferred_contact": "sms", "what_happened": "She shouts."}
    assert taken(text, known, asking, channel="sms", intent=intent, confidence=0.92).facts == facts


def test_hearing_told_where_a_court_case_is_asked_for_is_the_answer():
    """ "we go back to court in jan" is near to questions about courts, and asks none (R18)."""
    result = taken("we go back to court in jan", {"complainant_role": "parent"}, "proceedings", intent="ask_court",
                   confidence=0.97)  # fmt: skip
    assert result.facts["proceedings"]["type"] == "family_court"


def test_complaint_that_the_ombudsman_sent_back_is_not_decided_there():
    """Who was told to come to the council first may still be helped here (R21)."""
    result = taken("the ombudsman said come to you", {"complainant_role": "parent"}, "prior", intent="ask_ombudsman",
                   confidence=0.97)  # fmt: skip
    assert result.facts.get("prior") != "lgsco_decided"


def test_something_told_beside_the_question_is_kept_though_it_looks_like_a_question():
    """ "im 13" says an age, where who is writing was asked."""
    result = taken("im 13", {"what_happened": "She shouts."}, "complainant_role", intent="ask_who_can_complain",
                   confidence=0.51)  # fmt: skip
    assert (result.how, result.facts) == ("miss", {"complainant_age": 13})


def test_question_about_who_reads_is_no_answer_about_safety():
    """ "tell me who reads it" is answered, and the question put again."""
    known = {"complainant_role": "looked_after_child", "preferred_contact": "sms"}
    asked = taken("tell me who reads it", known, "safe_to_contact", intent="ask_private", confidence=0.9)
    assert asked.how == "interruption"


@pytest.mark.parametrize("words", ["thats it", "done", "That's everything.", "to wszystko"])
def test_end_of_a_story_is_no_answer_to_what_is_offered(words):
    """ "Thats it" while an advocate is offered closes the story, and turns no help away."""
    known = {"complainant_role": "looked_after_child", "what_happened": "She shouts."}
    ended = taken(words, known, "advocacy", intent="affirm", confidence=0.7)
    assert (ended.how, ended.facts) == ("answer", {"more_to_say": "no", "saying_more": False})
    again = taken(words, known | ended.facts, "advocacy", intent="affirm", confidence=0.7)
    assert (again.how, again.facts) == ("miss", {})
    assert taken(words, known, "more_to_say").facts == {"more_to_say": "no", "saying_more": False}
    assert taken(words, known | ended.facts, "confirm_statement").facts["confirm_statement"] == "yes"
    assert taken(words, known | ended.facts, "desired_outcome").how == "left_open"


def test_number_to_be_reached_at_is_no_wish_to_leave():
    """ "Text 07700 900789" may look like a goodbye, and gives a number; a wish not to be texted stays one."""
    known = {"what_happened": "She shouts."}
    given = taken("text 07700 900789", known, "complainant_role", intent="stop_optout", confidence=0.9)
    assert given.facts["phone"] == "+447700900789"
    stop = taken("stop texting 07700 900789", known, "complainant_role", intent="stop_optout", confidence=0.9)
    assert stop.how == "interruption"


@pytest.mark.parametrize(
    ("text", "asking", "facts"),
    [
        ("dawn, text me on 07700 900789", "name",
         {"name": "dawn", "phone": "+447700900789", "preferred_contact": "sms"}),
        ("Alfie 07700 900789", "child_name", {"child_name": "Alfie", "phone": "+447700900789"}),
        ("its dawn ring me 07700 900789 after 4", "name", {"name": "dawn", "phone": "+447700900789"}),
        ("my number is 07700 900789", "name", {"phone": "+447700900789"}),
        ("no texts pls. email sam@example.org", "name", {"email": "sam@example.org", "preferred_contact": "email"}),
        ("call 07700 900789", "happened_when", {"phone": "+447700900789", "preferred_contact": "phone"}),
        ("yes pls, text 07700 900789", "advocacy",
         {"advocacy": {"answer": "accepted"}, "phone": "+447700900789", "preferred_contact": "sms"}),
        ("dawn, its oh double seven oh oh nine oh oh one two three", "name",
         {"name": "dawn", "phone": "+447700900123"}),
        ("its dawn, sam at example dot org", "name", {"name": "dawn", "email": "sam@example.org"}),
        ("14/10/2026, ring me on 07700 900789", "happened_when",
         {"happened_when": "14/10/2026", "grounds_on": "2026-10-14", "months_since_grounds": 1.3,
          "phone": "+447700900789", "preferred_contact": "phone"}),
    ],
)  # fmt: skip
def test_number_told_beside_another_answer_is_kept_apart_from_it(text, asking, facts):
    """A number is no part of a name, and who gives it early is not asked for it again."""
    told = heard(text, asking=asking)
    assert {name: value for name, value in told.items() if name != "identity"} == facts


@given(
    st.sampled_from(
        ["07700 900123", "sam@example.org", "sam at example dot org", "oh double seven oh oh nine oh oh one two three"]
    ),
    st.sampled_from(["", "dawn ", "yes ", "its ", "text me on ", "i dont want to say but ring "]),
    st.sampled_from(sorted(FIXED | OPEN | {"complainant_role", "what_happened", "more_to_say"})),
)
def test_number_or_address_is_kept_at_any_question(details, before, asking):
    """However it is written or spelt out, and whatever was asked."""
    told = heard(before + details, asking=asking)
    assert told.get("phone") == "+447700900123" or told.get("email") == "sam@example.org"


def test_name_before_an_age_is_the_writers():
    """Who says "im jay 15 in care" is not asked for a name; "im nearly 15" tells none."""
    assert read_own_name("hi im jay 15 in care. my worker cancelled") == "jay"
    assert read_own_name("im nearly 15 and in care") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [("im his mum Dawn", "Dawn"), ("I am Alfie's nan Pat and I am worried", "Pat"), ("im her dad steve", "steve"),
     ("I'm his mum. Please help", None), ("im his mum now", None), ("im her mum not happy", None)],
)  # fmt: skip
def test_name_behind_a_tie_is_the_writers(text, name):
    """Who says "im his mum Dawn" is not asked for a name."""
    assert read_own_name(text) == name


def test_guess_that_somebody_agrees_is_no_yes():
    """A name typed where the question was whether texts are safe makes nothing safe."""
    known = {"complainant_role": "looked_after_child", "preferred_contact": "sms"}
    unsure = taken("jay", known, "safe_to_contact", intent="affirm", confidence=0.34)
    assert (unsure.how, unsure.facts) == ("miss", {})


def test_name_under_a_letter_is_the_writers():
    """A letter is signed; what follows a mere thank you is no name."""
    assert read_own_name("Yours faithfully,\nMaureen Oakes\nmaureen@example.org") == "Maureen Oakes"
    assert read_own_name("thanks\nMy social worker is rude") is None


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Jestem mamą", "parent"),
        ("babcia", "relative"),
        ("w pieczy", "looked_after_child"),
        ("mewn gofal", "looked_after_child"),
    ],
)
def test_role_asked_for_is_heard_in_welsh_and_polish(text, role):
    """Who answers the question in their own language is understood."""
    assert role_from_word(text)["complainant_role"] == role
