"""Figures, tables and shares of the reports: they add up, open their cases, and round one way."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.casework import FINDINGS
from bot.cases.procedures import PROCEDURES
from bot.council import load_council
from bot.eligibility import REASON_CODES, allowed_values
from bot.errors import NotFound
from bot.reports import annual, render
from bot.reports.charts import bar_chart
from bot.reports.records import Contact, Span, StageRun, Worry
from bot.reports.tables import (
    Counted,
    Figure,
    Heading,
    ReportDoesNotAddUp,
    Row,
    check,
    mean,
    middle,
    percent,
    tally,
)
from bot.reports.words import words

COUNCIL = load_council("default")
YEARS = ("2024-25", "2025-26", "2026-27")
TODAY = date(2026, 11, 22)
SPAN = Span(date(2024, 4, 1), date(2027, 3, 31), TODAY, frozenset(), include_demo=True)
ROWS = (Heading("a", "Apples"), Heading("b", "Pears"))
COLUMNS = (Heading("x", "Ripe"), Heading("y", "Green"))


def table(counted, *, across="outcomes", repeats=False):
    return tally(
        key="fruit", title="Fruit", headed="Kind", base="All fruit.", across=across, year="2026-27", rows=ROWS,
        columns=COLUMNS, counted=counted, total="Total", repeats=repeats,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "base", "expected"),
    [(1, 8, 13), (1, 200, 1), (1, 201, 0), (0, 5, 0), (5, 5, 100), (36, 112, 32), (1, 3, 33), (2, 3, 67), (0, 0, None)],
)
def test_percent_rounds_halves_up(part, base, expected):
    """A share is a whole percent, a half goes up, and a share of nothing is no number at all."""
    assert percent(part, base) == expected


@given(st.integers(0, 10_000).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_percent_is_never_further_than_half_from_the_truth(part_of_base):
    """Whatever the counts, the printed percent is the nearest whole one, the upper of two that are as near."""
    part, base = part_of_base
    if base == 0:
        assert percent(part, base) is None
        return
    above = percent(part, base) - Fraction(100 * part, base)
    assert Fraction(-1, 2) < above <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("values", "average", "median"),
    [
        ([], None, None),
        ([4], "4.0", "4.0"),
        ([1, 1, 1, 2], "1.3", "1.0"),
        ([1, 2], "1.5", "1.5"),
        ([0, 0, 7], "2.3", "0.0"),
    ],
)
def test_averages_have_one_decimal_and_none_of_nothing(values, average, median):
    """A mean or median is rounded half up to one decimal; of no values there is none, and no division by nought."""
    assert mean(values) == (None if average is None else Decimal(average))
    assert middle(values) == (None if median is None else Decimal(median))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"))))
def test_tally_of_any_records_adds_up(places):
    """Whatever falls where, rows and columns make the number of records and every record is in one cell."""
    built = table(Counted(f"SU-{number}", *place) for number, place in enumerate(places))

    assert built.total.cells[-1].count == len(places)
    assert sum(row.cells[-1].count for row in built.rows) == len(places)
    opened = [case for row in built.rows for cell in row.cells[:-1] for case in cell.cases]
    assert sorted(opened) == sorted(f"SU-{number}" for number in range(len(places)))


def test_tally_with_a_place_it_lacks_refuses_to_publish():
    """A record no row has a place for is not lost silently: the table, the column and both sums are named."""
    with pytest.raises(ReportDoesNotAddUp, match=r"Fruit.*column 'Ripe'.*1 \+ 0 = 1, but 2 records"):
        table([Counted("SU-1", "a", "x"), Counted("SU-2", "plums", "x")])


def test_tally_with_an_outcome_it_lacks_refuses_to_publish():
    """An outcome no column has makes its row contradict its total, and the row is named."""
    with pytest.raises(ReportDoesNotAddUp, match=r"row 'Apples'.*= 1, but 2 records"):
        table([Counted("SU-1", "a", "x"), Counted("SU-2", "a", "rotten")])


def test_tally_counting_a_case_twice_refuses_to_publish():
    """A case in two rows is found though the sums agree; a table of stages begun may name a case twice."""
    twice = [Counted("SU-1", "a", "x"), Counted("SU-1", "b", "x")]

    with pytest.raises(ReportDoesNotAddUp, match="twice"):
        table(twice)
    assert table(twice, repeats=True).total.cells[-1].count == 2


def test_check_finds_the_printed_report_that_does_not_add_up():
    """A column that prints one more than its rows make, as a published report did (36 over 35), is refused."""
    fair = table([Counted(f"SU-{number}", "a", "x") for number in range(35)])
    wrong = replace(
        fair, total=Row("total", "Total", tuple(Figure((*cell.cases, "SU-X")) for cell in fair.total.cells))
    )

    with pytest.raises(ReportDoesNotAddUp, match="35, but 36 records"):
        check(wrong)


def test_figure_of_a_cell_that_is_not_there_says_so():
    """Asking for a row or column the table lacks is an answer for a person, not a crash."""
    built = table([Counted("SU-1", "a", "x")])

    assert built.figure("a", "x").cases == ("SU-1",)
    with pytest.raises(NotFound, match="plums"):
        built.figure("plums", "x")
    with pytest.raises(NotFound, match="rotten"):
        built.figure("a", "rotten")


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@here", "\tx", "\rx"])
def test_csv_cell_that_a_spreadsheet_would_run_is_guarded(cell):
    """A cell that begins like a formula has an apostrophe before it; any other cell is left alone."""
    assert render.guarded(cell) == "'" + cell
    assert render.guarded("Delay = late") == "Delay = late"


def test_chart_says_in_a_sentence_what_it_draws():
    """The chart's title gives the newest figures, the longest bar is the largest count, and no zero chart is drawn."""
    full = table(
        [Counted(f"SU-{number}", "a", "y") for number in range(4)] + [Counted("SU-9", "b", "x")], across="years"
    )

    chart = bar_chart(full)

    assert chart.sentence == "Bar chart: Fruit. In Green: Apples 4, Pears 0."
    longest = max((bar for group in chart.groups for bar in group.bars), key=lambda bar: bar.length)
    assert longest.count == 4
    assert bar_chart(table([], across="years")) is None


def test_words_cover_every_code_in_its_fixed_order():
    """Each reason code, finding, role and representative has its printed row; reasons stand in the fixed order."""
    rows = words()["rows"]

    assert list(rows["reasons"]) == list(REASON_CODES)
    assert set(rows["other_procedures"]) == {*PROCEDURES, "passed_on"}
    assert set(FINDINGS) <= set(rows["findings"])
    assert {Contact("", TODAY, "statutory", "new", role, None, "web", None, None, None, is_demo=False).who
            for role in allowed_values("complainant_role")} <= set(rows["who"])  # fmt: skip
    assert allowed_values("representative_kind") <= set(rows["brought_by"])


# --- whole reports of any records ------------------------------------------------------------------------------------

days = st.dates(date(2024, 4, 1), date(2026, 11, 21))


@st.composite
def contacts(draw):
    """Any contact the register could hold."""
    received = draw(days)
    status = draw(st.sampled_from(["new", "open", "closed", "not_accepted", "parked", "withdrawn"]))
    begun = []
    if status in ("open", "closed") or (status == "withdrawn" and draw(st.booleans())):
        for number in range(draw(st.sampled_from([1, 2])), draw(st.sampled_from([1, 2, 3])) + 1):
            finding = draw(st.sampled_from([None, *FINDINGS]))
            begun.append(StageRun(number, received + timedelta(days=40 * (number - 1)), finding))
        begun = begun or [StageRun(1, received, None)]
    code = draw(st.sampled_from(REASON_CODES)) if status == "not_accepted" else None
    answered = bool(begun) and begun[0].number == 1 and begun[0].finding is not None
    return Contact(
        reference="",
        received_on=received,
        record_type=draw(st.sampled_from(["statutory", "corporate", "enquiry", "compliment", "suggestion"])),
        status=status,
        role=draw(st.sampled_from(sorted(allowed_values("complainant_role")))),
        brought_by=draw(st.sampled_from([None, *sorted(allowed_values("representative_kind"))])),
        channel=draw(st.sampled_from(["web", "sms"])),
        reason_code=code,
        category=draw(st.sampled_from([None, "delay", "a_category_of_long_ago"])),
        team=draw(st.sampled_from([None, "assessment", "=a_team_of_long_ago"])),
        is_demo=draw(st.booleans()),
        stages=tuple(begun),
        advocacy=draw(st.sampled_from(["not_offered", "no_answer", "accepted", "declined", "has_one", "later"])),
        stage1_days=draw(st.integers(0, 60)) if answered else None,
        overdue=draw(st.booleans()),
        further_reasons=tuple(sorted(draw(st.sets(st.sampled_from(REASON_CODES), max_size=3)) - {code})),
        elsewhere=tuple(draw(st.sets(st.sampled_from([*PROCEDURES, "passed_on"])))),
    )


@st.composite
def worries(draw):
    """Any safeguarding referral."""
    raised = datetime.combine(draw(days), datetime.min.time(), UTC) + timedelta(minutes=draw(st.integers(0, 1439)))
    steps = draw(st.integers(0, 3))
    outcome = draw(st.sampled_from(["accepted", "already_known", "no_further_action"])) if steps == 3 else None
    soon = raised + timedelta(minutes=draw(st.integers(0, 500)))
    return Worry(
        id="",
        level=draw(st.sampled_from(["immediate", "concern"])),
        raised_at=raised,
        due_at=raised + timedelta(minutes=draw(st.integers(1, 500))),
        acknowledged_at=soon if steps >= 1 else None,
        passed_at=soon if steps >= 2 else None,
        outcome=outcome,
        is_demo=draw(st.booleans()),
    )


@settings(deadline=None)
@given(st.lists(contacts(), max_size=30), st.lists(worries(), max_size=8))
def test_report_of_any_records_counts_each_once(found, raised):
    """Whatever the register holds, every table adds up, each figure opens what it counts, and tables agree."""
    found = [replace(each, reference=f"SU-{number}") for number, each in enumerate(found)]
    raised = [replace(each, id=f"R{number}") for number, each in enumerate(raised)]

    report = annual.report_of(found, raised, council=COUNCIL, span=SPAN, years=YEARS, first=date(2024, 4, 1))

    by_year = Counter(each.year for each in found)
    for year in YEARS:
        assert report.tables["volumes"].figure("total", year).count == by_year[year]
        assert report.tables["channels"].figure("total", year).count == by_year[year]
    answered = [each for each in found if each.is_complaint and each.stage(1) and each.year == YEARS[-1]]
    assert report.tables["stage1_outcomes"].figure("total", "total").count == len(answered)
    assert report.tables["response_times"].figure("total", YEARS[-1]).count == len(answered)
    for year in YEARS:
        reasons = report.tables["further_reasons"].figure("total", year)
        assert reasons.cases == report.tables["not_accepted"].figure("total", year).cases
        elsewhere = sum(len(each.elsewhere) for each in found if each.year == year)
        assert report.tables["other_procedures"].figure("total", year).count == elsewhere
    assert sum(report.tables["referrals"].figure("total", year).count for year in YEARS) == len(raised)
    for rate in report.rates:
        assert set(rate.part.cases) <= set(rate.base.cases)
        assert rate.percent is None or 0 <= rate.percent <= 100
    plain = json.loads(render.as_json(report))
    for shown in plain["tables"].values():
        for row in [*shown["rows"], shown["total"]]:
            assert all(cell["count"] == len(cell["cases"]) for cell in row["cells"])
    assert "\n=" not in render.as_csv(report)
    assert ",=" not in render.as_csv(report)
    assert render.as_html(report, council=COUNCIL).count("<table") == len(report.tables) + 2


def test_sentences_follow_the_figures():
    """Words such as "up from" are chosen by the counts: more, fewer, the same, a year not over, no earlier year."""
    whole, before = annual.sentences.coverage("2025-26", date(2020, 1, 1), TODAY), annual.sentences.coverage(
        "2024-25", date(2020, 1, 1), TODAY
    )  # fmt: skip
    running = annual.sentences.coverage("2026-27", date(2020, 1, 1), TODAY)
    change = annual.sentences.change

    assert change("Complaints", 15, 12, whole, before) == "Complaints: 15 in 2025-26, up from 12 in 2024-25."
    assert change("Complaints", 9, 12, whole, before) == "Complaints: 9 in 2025-26, down from 12 in 2024-25."
    assert change("Complaints", 12, 12, whole, before) == "Complaints: 12 in 2025-26, the same as in 2024-25."
    assert "15 so far in 2026-27" in change("Complaints", 15, 12, running, whole)
    assert "no earlier year" in change("Complaints", 15, 0, whole, None)
