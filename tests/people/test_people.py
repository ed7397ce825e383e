"""Twenty invented people, each played over the running service to the end that is right for them."""

import pytest

from bot.cases import elements, lookup
from bot.screening import screen
from tests.people.player import Person, scripts, what_differs_in_words

pytestmark = pytest.mark.slow

PEOPLE = scripts()


@pytest.mark.parametrize("name", PEOPLE)
def test_person_comes_to_their_end(running, name):
    """What they told is in the store as it should be, what they were told is right, and nothing was asked twice."""
    person = Person(running, PEOPLE[name]).play()
    ends = PEOPLE[name]["ends"]
    wrong = [*what_differs_in_words([each for each in person.said() if each.ours], ends), *asked_wrongly(person, ends)]
    with running.service().database.read() as session:
        wrong += [*kept_wrongly(person, session, ends), *conversation_wrong(person, session, ends)]
    assert not wrong, "\n".join([*wrong, person.transcript()])


def test_people_without_worries_hardly_ever_raise_one():
    """What they write of themselves raises the alarm in none, and a concern in no more than one message in fifteen."""
    calm = [each for each in PEOPLE.values() if each["ends"].get("worries") == []]
    levels = [screen(words).level for each in calm for words in each["says"] if isinstance(words, str)]
    assert "immediate" not in levels
    assert levels.count("concern") <= len(levels) / 15


def asked_wrongly(person, ends):
    """What was asked twice, too often or in too many texts."""
    asked, again = person.questions(), ends.get("asked_again", ())
    # "Is there more?" is asked after each part of a story: it is what closes it.
    once = set() if again == "any" else set(asked) - set(again) - {"more_to_say"}
    yield from (f"asked {fact} {asked.count(fact)} times" for fact in sorted(once) if asked.count(fact) > 1)
    cost = person.cost()
    if cost.questions > ends.get("questions_at_most", cost.questions):
        yield f"{cost.questions} questions: {asked}"
    if cost.segments > ends.get("segments_at_most", cost.segments):
        yield f"{cost.segments} segments"
    reminded = sum(each.response in ("utter_reminder", "utter_neutral_reminder") for each in person.said())
    if reminded != ends.get("reminders", 0):
        yield f"{reminded} reminders"
    if "last" in ends and person.said()[-1].response != ends["last"]:
        yield f"the last word was {person.said()[-1].response}"


def kept_wrongly(person, session, ends):
    """What of the cases and the unsent story is not as it should be."""
    filed, expected = person.cases(session), ends["cases"]
    if len(filed) != len(expected):
        yield f"{len(filed)} cases"
    for case, of_it in zip(filed, expected, strict=False):
        yield from (
            f"case {what}: {of_case(case, what)!r}, not {wanted!r}"
            for what, wanted in of_it.items()
            if not matches(of_case(case, what), wanted)
        )
    if "story" in ends:
        told = person.draft(session).get("what_happened")
        if not matches(told, ends["story"]):
            yield f"the unsent story is {told!r}"


def conversation_wrong(person, session, ends):
    """What of the conversation, its worries and its offers is not as it should be."""
    here = person.conversation(session)
    worries = lookup.referrals_about(session, case_id=here.case_id, conversation_id=here.id)
    offers = lookup.advocacy_offers(session, here.id)
    found = {
        "state": here.state,
        "language": here.language,
        "opted_out": here.opted_out_at is not None,
        "person": here.needs_person_reason,
        "alarm": any(each.level == "immediate" for each in worries),
        "worry_linked": all(each.case_id == here.case_id for each in worries),
        "advocate": next((each.answer for each in reversed(offers) if each.answer), None),
    }
    yield from (f"{what}: {found[what]!r}" for what in found if what in ends and found[what] != ends[what])
    raised = [each.level for each in worries]
    # A needless concern costs somebody at the council a look, and the person nothing of their end.
    if (
        "worries" in ends
        and [each for each in raised if each != "concern" or each in ends["worries"]] != ends["worries"]
    ):
        yield f"worries: {raised}"


def of_case(case, what):
    """One thing of a case, by the name that scripts use."""
    speaker = next(each.person for each in case.people if each.part != "child")
    child = next((each.person.name for each in case.people if each.part == "child"), None)
    proposed = elements.leading(elements.proposals(case, first=True))
    read = {
        "name": speaker.name, "age": speaker.age, "email": speaker.email, "child": child,
        "outcome": proposed.outcome, "reason": proposed.reason_code, "points": len(case.elements),
        "statement": case.statement, "wish": case.desired_outcome,
    }  # fmt: skip
    return read[what] if what in read else getattr(case, what)


def matches(found, wanted):
    """Whether a value is the wanted one: "none" for nothing there, a list for words that are in it, "this or that"."""
    if wanted == "none":
        return not found
    if isinstance(wanted, list):
        return all(words in (found or "") for words in wanted)
    if isinstance(wanted, str):
        return str(found).casefold() in wanted.casefold().split(" or ")
    return found == wanted
