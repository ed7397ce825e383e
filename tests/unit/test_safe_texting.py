"""When a text may leave: one rule, held by properties."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clocks import ENGLAND
from bot.safe_texting import (
    GOODBYES,
    NEWS,
    STRICTEST,
    UNASKED,
    WRITING_NOW,
    Line,
    SafeHours,
    may_leave,
    read_hours,
    strictest,
    unasked_words,
)
from bot.words import LANGUAGES, load_language

ENGLISH = load_language(LANGUAGES / "en.yml").spoken

HOURS = SafeHours(time(16), time(19))
moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
hours = st.builds(
    lambda first, length, days: SafeHours(time(first), time(first + length), frozenset(days)),
    st.integers(0, 20), st.integers(1, 3), st.sets(st.integers(0, 6), min_size=1),
)  # fmt: skip
responses = st.sampled_from(
    [None, "utter_receipt", "utter_reminder", "utter_neutral_message", "utter_neutral_reminder", *sorted(GOODBYES)]
)


@st.composite
def lines(draw, now):
    silent = draw(st.timedeltas(timedelta(0), timedelta(days=30)))
    return Line(
        safety=draw(st.sampled_from([None, *STRICTEST])),
        hours=draw(hours),
        has_own_hours=draw(st.booleans()),
        opted_out=draw(st.booleans()),
        is_theirs=draw(st.booleans()),
        wrote_at=now - silent,
    )


@st.composite
def texts(draw):
    now = draw(moments)
    line, response = draw(lines(now)), draw(responses)
    first, kind = draw(st.booleans()), draw(st.sampled_from(["say", "ask", "crisis", "receipt", "person"]))
    return line, response, kind, now, may_leave(line, response=response, kind=kind, first=first, now=now)


@given(texts())
def test_nothing_leaves_for_a_number_that_asked_for_no_more(text):
    """After an opt-out only the goodbye leaves, and the words for somebody in danger who is writing now."""
    line, response, kind, now, leave = text
    if line.opted_out and leave.how == "send":
        assert response in GOODBYES or (kind == "crisis" and line.is_writing(now))


@given(texts())
def test_nothing_leaves_where_texts_are_not_safe_unless_they_are_writing(text):
    """Not safe means never, but to a person who is holding the telephone."""
    line, response, _, now, leave = text
    if line.safety == "not_safe" and leave.how == "send" and response not in GOODBYES:
        assert line.is_writing(now)


@given(texts())
def test_a_text_of_our_own_accord_keeps_the_hours(text):
    """Where only certain times are safe, what answers nobody leaves inside them."""
    line, _, _, now, leave = text
    if (line.safety == "certain_times" or line.has_own_hours) and not line.is_writing(now) and not line.opted_out:
        if leave.how == "send":
            assert line.hours.next_open(now) == now
        if leave.how == "wait":
            assert leave.until == line.hours.next_open(now) > now


@given(texts())
def test_words_of_one_person_never_reach_another(text):
    """While somebody else has the number, or neutral words were asked for, only neutral words leave first."""
    line, response, _, now, leave = text
    if leave.how == "send" and not line.is_writing(now) and not line.opted_out:
        careful = line.safety == "neutral_wording" or not line.is_theirs
        assert not careful or (response or "").startswith("utter_neutral")


@st.composite
def unasked(draw):
    now, plain = draw(moments), draw(st.sampled_from(sorted(UNASKED)))
    line = draw(lines(now))
    return line, plain, unasked_words(line, plain), now


@given(unasked())
def test_what_we_write_of_our_own_accord_says_what_it_is_about_only_where_texts_are_safe(text):
    """Plain words only where texts were called safe, and none to a number that is not theirs or wants no texts."""
    line, plain, words, _ = text
    assert words in (plain, UNASKED[plain], None)
    if words == plain:
        assert line.safety == "safe"
    if words is not None:
        assert line.is_theirs
        assert not line.opted_out
        assert line.safety != "not_safe"


@given(texts(), st.sampled_from(sorted(NEWS)))
def test_news_of_an_advocate_leaves_where_texts_are_safe_and_waits_for_the_person_elsewhere(text, news):
    """Nobody was asked, or care was asked for: then only words that there is a message leave, and none of the news."""
    line, _, _, now, _ = text
    leave = may_leave(line, response=news, kind="say", first=True, now=now)
    if leave.how == "send":
        assert line.is_writing(now) or (line.safety == "safe" and line.is_theirs)
    if leave.how == "nudge":
        assert line.safety != "not_safe"


@given(unasked())
def test_what_may_be_written_of_our_own_accord_leaves_as_it_is_or_waits_for_its_hours(text):
    """The outbox never holds back words that were chosen as safe: an offer on record is an offer that was made."""
    line, _, words, now = text
    if words is not None:
        assert may_leave(line, response=words, kind="say", first=True, now=now).how in ("send", "wait")


@given(texts())
def test_somebody_who_is_writing_is_answered(text):
    """An answer to a person who wrote a moment ago always leaves, unless they asked for no more."""
    line, _, _, now, leave = text
    if line.is_writing(now) and not line.opted_out:
        assert leave.how == "send"


@given(hours, moments)
def test_next_safe_moment_is_inside_the_hours(hours, now):
    """Hours are by the clock in England, summer and winter, on their days."""
    opens = hours.next_open(now)
    here = opens.astimezone(ENGLAND)
    assert now <= opens <= now + timedelta(days=8)
    assert here.weekday() in hours.days
    assert hours.opens <= here.time() < hours.closes
    assert hours.next_open(opens) == opens


@given(hours)
def test_hours_are_kept_as_they_were_told(hours):
    """The form in which hours are kept loses nothing."""
    assert SafeHours.from_text(hours.as_text()) == hours


def test_hours_that_are_none_are_refused():
    """Closing before opening is a fault, not a whole night."""
    with pytest.raises(ValueError, match="are none"):
        SafeHours(time(19), time(16))


def test_person_stops_writing_after_a_quarter_of_an_hour():
    """Then somebody else may have picked the telephone up."""
    now = datetime(2026, 12, 7, 10, tzinfo=UTC)
    line = Line("not_safe", HOURS, has_own_hours=False, opted_out=False, is_theirs=True, wrote_at=now - WRITING_NOW)
    assert line.is_writing(now)
    assert not line.is_writing(now + timedelta(seconds=1))


@given(st.lists(st.sampled_from([None, *STRICTEST])))
def test_most_careful_wish_counts(wishes):
    """Where several people use a number, the strictest wish is everybody's."""
    told = [wish for wish in wishes if wish]
    assert strictest(wishes) == (min(told, key=STRICTEST.index) if told else None)


@pytest.mark.parametrize(("said", "hours"), [
    ("only after school", "from 4pm to 8pm"), ("after 4", "from 4pm to 9pm"), ("between 4 and 6", "from 4pm to 6pm"),
    ("4-6pm", "from 4pm to 6pm"), ("from 4pm to 7:30pm", "from 4pm to 7:30pm"), ("not after 8pm", "from 8am to 8pm"),
    ("don\u2019t text me before 5", "from 5pm to 9pm"), ("dont text me at school", "from 4pm to 8pm"),
    ("evenings", "from 5pm to 9pm"), ("weekends only", "from 8am to 9pm at weekends"),
    ("not at weekends", "from 8am to 9pm on weekdays"), ("after 8", "from 8pm to 9pm"),
    ("before 9am", "from 8am to 9am"),
    ("lunchtime", "from midday to 1pm"), ("yes it is safe", None), ("3", None), ("when my mum is out", None),
    ("after 25", None),
    ("after 11pm", None), ("not between 4 and 6", None),
    ("not at night", "from 8am to 7pm"), ("not at night, only after 4", "from 4pm to 7pm"),
    ("not before 4 or after 8", "from 4pm to 8pm"), ("not after 9", "from 8am to 9pm"),
    ("not in the mornings", "from midday to 9pm"), ("after 4 but not at weekends", "from 4pm to 9pm on weekdays"),
    ("not on school days, only weekends", "from 8am to 9pm at weekends"),
    ("only after 4.30pm", "from 4:30pm to 9pm"), ("after 8 but not after 5", None),
])  # fmt: skip
def test_hours_are_read_out_of_plain_words(said, hours):
    """Children name hours in their own way; what cannot be read is left to the profile's hours."""
    found = read_hours(said)
    assert (ENGLISH.texting_hours(found) if found else None) == hours
