"""Who must be told of a worry, and when: by the profile, the hour and the minutes, and by nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import FIRST_STEPS, known_councils, load_council
from bot.escalation import due_at, due_rounds

COUNCIL = load_council("default")
FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # GMT: the clock in England shows the same
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda passed: BEGIN + passed)
waits = st.timedeltas(timedelta(0), timedelta(days=4))


def told(level, raised_at, minutes=0):
    """Who is due to be told after some minutes, each with the number of the telling."""
    rounds = due_rounds(COUNCIL, level, raised_at, raised_at + timedelta(minutes=minutes))
    return {each.step.key: each.number for each in rounds}


def test_danger_in_office_hours_goes_to_duty_and_up_as_nobody_acknowledges():
    """Duty and the complaints team at once, the manager after 15 minutes, the head of service after 30; all again."""
    assert told("immediate", FRIDAY) == {"duty": 0, "complaints_team": 0}
    assert told("immediate", FRIDAY, 14) == {"duty": 0, "complaints_team": 0}
    assert told("immediate", FRIDAY, 15) == {"duty": 1, "complaints_team": 1, "complaints_manager": 0}
    assert told("immediate", FRIDAY, 31) == {
        "duty": 2, "complaints_team": 2, "complaints_manager": 1, "head_of_service": 0,
    }  # fmt: skip


def test_danger_out_of_hours_goes_to_the_emergency_duty_team():
    """At a weekend nobody who is only there by day is told."""
    assert told("immediate", SATURDAY) == {"emergency_duty_team": 0, "complaints_team": 0}
    assert set(told("immediate", SATURDAY, 60)) == {"emergency_duty_team", "complaints_team", "head_of_service"}


def test_danger_still_open_when_the_office_closes_is_handed_to_the_emergency_duty_team():
    """Raised at five to five and not acknowledged: at five the emergency team hears of it at once."""
    raised = FRIDAY.replace(hour=16, minute=55)
    assert "emergency_duty_team" not in told("immediate", raised, 4)
    assert told("immediate", raised, 5)["emergency_duty_team"] == 0


def test_danger_is_told_to_duty_at_all_hours_where_there_is_no_emergency_team():
    """A council without one still has somebody who is told at night."""
    alone = COUNCIL.model_copy(update={"emergency_duty_team": None})
    assert {each.step.key for each in due_rounds(alone, "immediate", SATURDAY, SATURDAY)} == {"duty", "complaints_team"}


def test_concern_is_told_once_in_its_day_and_to_everybody_when_the_day_is_over():
    """No repeating within the day; past the end of it each step is told, once a day."""
    assert told("concern", FRIDAY) == told("concern", FRIDAY, 360) == {"duty": 0, "complaints_team": 0}
    assert told("concern", FRIDAY, 7 * 60) == {"emergency_duty_team": 1, "complaints_team": 1}
    assert told("concern", FRIDAY, 7 * 60 + 30)["head_of_service"] == 1
    assert told("concern", FRIDAY, 24 * 60)["emergency_duty_team"] == 1
    assert told("concern", FRIDAY, 24 * 60 + 7 * 60)["emergency_duty_team"] == 2


def test_concern_of_a_weekend_goes_to_whoever_was_there_when_it_came():
    """On Monday morning nobody hears of it a second time because the office has opened."""
    assert told("concern", SATURDAY, 48 * 60) == {"emergency_duty_team": 0, "complaints_team": 0}


@pytest.mark.parametrize(
    ("level", "raised", "due"),
    [
        ("immediate", "2026-11-20T10:00+00:00", "2026-11-20T10:15+00:00"),
        ("immediate", "2026-11-21T23:50+00:00", "2026-11-22T00:05+00:00"),
        ("concern", "2026-11-20T10:00+00:00", "2026-11-20T17:00+00:00"),
        ("concern", "2026-11-20T17:00+00:00", "2026-11-23T17:00+00:00"),
        ("concern", "2026-12-24T18:00+00:00", "2026-12-29T17:00+00:00"),  # Christmas, Boxing Day moved to the 28th
        ("concern", "2026-06-15T10:00+00:00", "2026-06-15T16:00+00:00"),  # five o'clock in summer
    ],
)
def test_worry_is_due_by_the_councils_minutes_or_the_end_of_the_working_day(level, raised, due):
    """Danger in the profile's minutes at any hour; a concern by the close of the working day it falls in or before."""
    assert due_at(COUNCIL, level, datetime.fromisoformat(raised)) == datetime.fromisoformat(due)


@given(st.sampled_from(known_councils()), moments, waits)
def test_danger_nobody_has_is_always_somebodys(name, raised_at, waited):
    """Whatever the hour, somebody with a phone is due to be told, nobody twice at once and none too early."""
    council = load_council(name)
    rounds = due_rounds(council, "immediate", raised_at, raised_at + waited)
    keys = [each.step.key for each in rounds]

    assert any(each.step.phone for each in rounds)
    assert len(set(keys)) == len(keys)
    assert keys[0] in FIRST_STEPS
    assert all(timedelta(minutes=each.step.after_minutes) <= waited and each.number >= 0 for each in rounds)


@given(st.sampled_from(["concern", "immediate"]), moments, waits, waits)
def test_tellings_only_ever_grow(level, raised_at, first, second):
    """A later look never finds an earlier telling due of the same step, so nothing is told twice by looking again."""
    earlier, later = sorted((first, second))
    before, after = (
        {each.step.key: each.number for each in due_rounds(COUNCIL, level, raised_at, raised_at + waited)}
        for waited in (earlier, later)
    )
    assert all(after[key] >= number for key, number in before.items() if key in after)


@given(st.sampled_from(["concern", "immediate"]), moments)
def test_worry_is_due_after_it_came(level, raised_at):
    """Nothing is late as it arrives, and nothing waits longer than a long holiday."""
    assert timedelta(0) < due_at(COUNCIL, level, raised_at) - raised_at < timedelta(days=7)
