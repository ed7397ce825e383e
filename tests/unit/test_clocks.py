"""Working days, due dates and financial years."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clocks import (
    LIMITS,
    add_months,
    add_working_days,
    due_on,
    financial_year,
    is_working_day,
    local_day,
    previous_years,
    stage_limits,
    working_days_between,
    year_bounds,
)

DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 25),
        date(2026, 12, 28),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
        date(2026, 12, 5),
        date(2021, 12, 26),
    ],
)
def test_is_working_day_days_off(day):
    """Weekends, bank holidays of England, substitute days and one-off proclaimed days do not count."""
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 3, 17), date(2026, 11, 30), date(2027, 1, 4)])
def test_is_working_day_ordinary(day):
    """Days when an office may shut, and the holidays of other nations, are working days in England."""
    assert is_working_day(day)


def test_is_working_day_extra_holiday():
    """A proclaimed day that the council has entered does not count."""
    assert not is_working_day(date(2026, 12, 1), frozenset({date(2026, 12, 1)}))


@pytest.mark.parametrize(("count", "due"), [(0, date(2026, 12, 7)), (10, date(2026, 12, 21)), (20, date(2027, 1, 7))])
def test_add_working_days_over_christmas(count, due):
    """Day 1 is the next working day: from Monday 7 December 2026 ten end on the 21st and twenty on 7 January."""
    assert add_working_days(date(2026, 12, 7), count) == due


def test_add_working_days_negative():
    """A negative count is refused, not counted backwards."""
    with pytest.raises(ValueError, match="cannot be negative"):
        add_working_days(date(2026, 12, 7), -1)


@given(start=DAYS, count=st.integers(1, 70))
def test_working_days_between_undoes_add(start, count):
    """Counting to a due date gives back the number of days it was set by, and the due date is a working day."""
    end = add_working_days(start, count)
    assert is_working_day(end)
    assert working_days_between(start, end) == count
    assert working_days_between(end, start) <= 0


@given(start=DAYS, earlier=st.integers(0, 60), more=st.integers(0, 30))
def test_add_working_days_is_monotonic(start, earlier, more):
    """More days never end sooner."""
    assert add_working_days(start, earlier) <= add_working_days(start, earlier + more)


@pytest.mark.parametrize(
    ("clock", "started_on", "due"),
    [
        ("risk_handover", date(2026, 12, 5), date(2026, 12, 5)),
        ("acknowledgement", date(2026, 12, 4), date(2026, 12, 9)),
        ("sufficient_interest", date(2026, 12, 7), date(2026, 12, 10)),
        ("lateness", date(2026, 12, 7), date(2026, 12, 14)),
        ("stage1", date(2026, 12, 7), date(2026, 12, 21)),
        ("stage1_ceiling", date(2026, 12, 7), date(2027, 1, 7)),
        ("stage2_request", date(2026, 12, 7), date(2027, 1, 7)),
        ("stage2", date(2026, 11, 2), date(2026, 12, 7)),
        ("stage2_ceiling", date(2026, 11, 2), date(2027, 2, 4)),
        ("stage3_request", date(2026, 11, 2), date(2026, 11, 30)),
        ("panel", date(2026, 11, 2), date(2026, 12, 14)),
        ("panel_report", date(2026, 11, 2), date(2026, 11, 9)),
        ("panel_response", date(2026, 11, 2), date(2026, 11, 23)),
        ("data_protection", date(2026, 11, 2), date(2026, 12, 2)),
        ("data_protection", date(2026, 11, 25), date(2026, 12, 29)),
        ("time_bar", date(2025, 11, 23), date(2026, 11, 23)),
        ("time_bar", date(2024, 2, 29), date(2025, 2, 28)),
        ("resolution_cap", date(2026, 11, 30), date(2027, 2, 28)),
    ],
)
def test_due_on_each_clock(clock, started_on, due):
    """Every clock ends on the day that the deadline table gives it."""
    assert due_on(clock, started_on) == due


def test_due_on_length_set_by_the_council():
    """A council that acknowledges within two days gets its own date from the same clock."""
    assert due_on("acknowledgement", date(2026, 12, 4), amount=2) == date(2026, 12, 8)


def test_due_on_unknown_clock():
    """A clock that does not exist is refused, and those that do are listed."""
    with pytest.raises(ValueError, match=r"the clocks are .*stage1"):
        due_on("stage9", date(2026, 12, 4))


@given(start=DAYS, clock=st.sampled_from(sorted(LIMITS)))
def test_due_on_never_before_its_start(start, clock):
    """No clock ends before it starts, and one in days ends on a working day."""
    due = due_on(clock, start)
    assert due >= start
    assert LIMITS[clock].unit == "months" or LIMITS[clock].amount == 0 or is_working_day(due)


def test_stage_limits_of_each_stage():
    """The stages have their first and last limit: 10 and 20, 25 and 65, and the panel's single 30."""
    start = date(2026, 12, 7)
    assert (stage_limits(1, start).due_on, stage_limits(1, start).latest_on) == (date(2026, 12, 21), date(2027, 1, 7))
    assert stage_limits(2, start).due_on < stage_limits(2, start).latest_on
    assert stage_limits(3, start).due_on == stage_limits(3, start).latest_on
    with pytest.raises(ValueError, match="no Stage 4"):
        stage_limits(4, start)


def test_stage_limits_with_extra_holiday():
    """A proclaimed holiday inside the stage moves both limits."""
    extra = frozenset({date(2026, 12, 9)})
    assert stage_limits(1, date(2026, 12, 7), extra).due_on == date(2026, 12, 22)


def test_local_day_late_on_a_summer_evening():
    """A message at 23:30 UTC in June is received on the next day in England; in winter it is not."""
    assert local_day(datetime(2026, 6, 1, 23, 30, tzinfo=UTC)) == date(2026, 6, 2)
    assert local_day(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)


def test_local_day_without_time_zone():
    """A moment without a time zone is refused rather than guessed."""
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 6, 1, 23, 30))  # noqa: DTZ001 -- the fault under test


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)
def test_add_months_keeps_the_day_or_the_last(day, months, end):
    """A month later is the same day of the month, or the last one there is."""
    assert add_months(day, months) == end


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 3, 31), "2025-26"),
        (date(2026, 4, 1), "2026-27"),
        (date(2099, 4, 1), "2099-00"),
        (date(2000, 1, 1), "1999-00"),
    ],
)
def test_financial_year_turns_on_1_april(day, year):
    """The council year runs from 1 April to 31 March."""
    assert financial_year(day) == year


@given(day=DAYS)
def test_year_bounds_hold_their_days(day):
    """Every day lies within the bounds of its own financial year."""
    first, last = year_bounds(financial_year(day))
    assert first <= day <= last


@pytest.mark.parametrize("year", ["2026-28", "2026", "26-27", "2026/27", "2026-2027", "", "2026-27\n", "abcd-ef"])
def test_year_bounds_bad_year(year):
    """A year that is not two years in a row is refused with an example of how to write one."""
    with pytest.raises(ValueError, match="as 2026-27"):
        year_bounds(year)


def test_previous_years_oldest_first():
    """The years before are listed oldest first, without the year itself."""
    assert previous_years("2023-24", 2) == ("2021-22", "2022-23")
    assert previous_years("2023-24", 0) == ()
