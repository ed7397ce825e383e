"""The yearly report that regulation 13(3) of the Representations Procedure Regulations 2006 calls for (R55, R56).

Everything is counted from the register at the moment of asking; nothing is typed in and nothing is changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from bot import clocks
from bot.council import Council
from bot.errors import NotFound, SpeakUpError
from bot.reports import advocacy, lessons, sentences, shares
from bot.reports.advocacy import Advocacy
from bot.reports.lessons import Lessons
from bot.reports.records import COMPLAINTS, Contact, Span, StageRun, Worry, contacts, first_record, worries
from bot.reports.sentences import Coverage
from bot.reports.tables import (
    TOTAL,
    Average,
    Counted,
    Figure,
    Heading,
    Rate,
    ReportDoesNotAddUp,
    Table,
    tally,
)
from bot.reports.words import words

NOT_KNOWN = "not_known"
NO_ADVOCACY = Advocacy()
NO_LESSONS = Lessons()
Measure = TypeVar("Measure", Rate, Average)


class YearError(SpeakUpError, ValueError):
    """What was asked for is not a financial year; the message shows how one is written."""


@dataclass(frozen=True)
class AnnualReport:
    """The report: tables, shares and averages by key, and the sentences that follow from them.

    `counted` holds every record of the report (contacts, referrals, compliments), `invented` the demonstration.
    """

    council: str
    year: str
    generated_on: date
    coverage: tuple[Coverage, ...]
    includes_demo: bool
    counted: Figure
    invented: Figure
    tables: Mapping[str, Table]
    rates: tuple[Rate, ...]
    averages: tuple[Average, ...]
    sentences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def years(self) -> tuple[str, ...]:
        """The years side by side, oldest first; the last is the report's own."""
        return tuple(each.year for each in self.coverage)

    def rate(self, key: str, year: str) -> Rate:
        """One share.

        Raises:
            NotFound: the report has no such share for that year.
        """
        return _the_one(self.rates, key, year)

    def average(self, key: str, year: str) -> Average:
        """One average.

        Raises:
            NotFound: the report has no such average for that year.
        """
        return _the_one(self.averages, key, year)


def _the_one(measures: Iterable[Measure], key: str, year: str) -> Measure:
    for each in measures:
        if (each.key, each.year) == (key, year):
            return each
    raise NotFound(f"The report has no figure {key!r} for {year!r}.")


def cases_behind(report: AnnualReport, table: str, row: str, column: str) -> tuple[str, ...]:
    """What one number of the report counts: references of cases, or ids of what else the table says.

    Args:
        table: key of a table, or "rates" or "averages".
        row: key of a row or "total"; for a share its key, or its key and ".base" for what it is a share of.
        column: a year, or key of a column or "total".

    Raises:
        NotFound: the report has no such number.
    """
    if table == "rates":
        rate = report.rate(row.removesuffix(".base"), column)
        return (rate.base if row.endswith(".base") else rate.part).cases
    if table == "averages":
        return report.average(row, column).base.cases
    if table not in report.tables:
        raise NotFound(f"The report has no table {table!r}; it has {', '.join(report.tables)}, rates and averages.")
    return report.tables[table].figure(row, column).cases


def build(
    session: Session, council: Council, year: str, today: date, *, years: int = 3, include_demo: bool = True
) -> AnnualReport:
    """Count one council year, with the years before it beside it.

    Args:
        year: the council year, 1 April to 31 March, as "2026-27".
        today: the day of the report; a year that is not over is reported up to it.
        years: how many years side by side, this one included; at least 1.
        include_demo: whether invented records are counted. They never pass silently: the report says how many.

    Raises:
        YearError: `year` is not written as a council year.
        ReportDoesNotAddUp: the records contradict each other; nothing is published.
    """
    try:
        covered = (*clocks.previous_years(year, years - 1), year)
    except ValueError as error:
        raise YearError(str(error)) from None
    span = Span(
        start=clocks.year_bounds(covered[0])[0],
        end=clocks.year_bounds(year)[1],
        today=today,
        extra_holidays=council.extra_holidays,
        include_demo=include_demo,
    )
    first = first_record(session, include_demo=include_demo)
    return report_of(
        contacts(session, span), worries(session, span, council), council=council, span=span, years=covered,
        first=first, helped=advocacy.read(session, span), learned=lessons.read(session, span),
    )  # fmt: skip


def report_of(
    found: Sequence[Contact],
    raised: Sequence[Worry],
    *,
    council: Council,
    span: Span,
    years: tuple[str, ...],
    first: date | None,
    helped: Advocacy = NO_ADVOCACY,
    learned: Lessons = NO_LESSONS,
) -> AnnualReport:
    """The report of records already read.

    Args:
        years: the years side by side, oldest first.
        first: the day of the register's first record.
        helped: offers of an advocate and referrals to the provider.
        learned: compliments, and actions because of complaints.

    Raises:
        ReportDoesNotAddUp: the records contradict each other.
    """
    counting = _Count(found, raised, council, years, helped=helped, learned=learned)
    tables = {table.key: table for table in counting.tables()}
    _agree(tables, years)
    rates = tuple(shares.rates(found, raised, years))
    coverage = tuple(sentences.coverage(year, first, span.today) for year in years)
    received = [each for each in found if each.year in years]
    counted = [(each.reference, each.is_demo) for each in received] + [(each.id, each.is_demo) for each in raised]
    counted += [(each.id, each.is_demo) for each in learned.praise]
    invented = Figure(tuple(reference for reference, is_demo in counted if is_demo))
    return AnnualReport(
        council=council.name,
        year=years[-1],
        generated_on=span.today,
        coverage=coverage,
        includes_demo=span.include_demo,
        counted=Figure(tuple(reference for reference, _ in counted)),
        invented=invented,
        tables=tables,
        rates=rates,
        averages=tuple(shares.averages(found, raised, years, helped.wishes)),
        sentences=tuple(sentences.findings(tables, rates, coverage)),
        notes=tuple(
            sentences.notes(
                tables, coverage, first=first, today=span.today, includes_demo=span.include_demo,
                counted=len(counted), invented=invented.count,
            )
        ),
    )  # fmt: skip


class _Count:
    """One counting: the records of the years asked for, put into tables."""

    def __init__(
        self, found: Sequence[Contact], raised: Sequence[Worry], council: Council, years: tuple[str, ...],
        *, helped: Advocacy, learned: Lessons,
    ) -> None:  # fmt: skip
        self.received = [each for each in found if each.year in years]
        self.complaints = [each for each in self.received if each.is_complaint]
        self.stage1 = [each for each in self.complaints if each.stage(1)]
        self.runs = [(each, run) for each in found for run in each.stages if run.year in years]
        self.worries = raised
        self.helped = helped
        self.learned = learned
        self.years = years
        self.teams = self._local([(each.key, each.name) for each in council.teams], "team")
        self.categories = self._local([(each.key, each.name) for each in council.categories], "category")

    def tables(self) -> Iterable[Table]:
        """Every table, in print order."""
        complaints, received = self.complaints, self.received
        yield self._yearly("volumes", received, lambda each: each.handling, _rows("handling"))
        yield self._stages()
        refused = [each for each in received if each.handling == "not_accepted"]
        yield self._yearly("not_accepted", refused, lambda each: each.reason_code or "", _rows("reasons"))
        yield self._yearly("further_reasons", refused, _reasons_of, self._reasons(refused))
        elsewhere = (Counted(each.reference, where, each.year) for each in received for where in each.elsewhere)
        yield self._by_year("other_procedures", _rows("other_procedures"), elsewhere, repeats=True)
        yield self._points()
        yield self._point_outcomes()
        yield self._yearly("who", complaints, lambda each: each.who, _rows("who"))
        yield self._yearly("brought_by", complaints, lambda each: each.brought_by or "themselves", _rows("brought_by"))
        yield self._yearly("categories", complaints, lambda each: each.category or NOT_KNOWN, self.categories)
        yield self._yearly("stage1_teams", self.stage1, lambda each: each.team or NOT_KNOWN, self.teams)
        yield self._stage1_outcomes("stage1_outcomes", lambda each: each.team or NOT_KNOWN, self.teams)
        yield self._stage1_outcomes("category_outcomes", lambda each: each.category or NOT_KNOWN, self.categories)
        yield self._yearly("response_times", self.stage1, lambda each: each.speed, _rows("response_times"))
        yield self._later_outcomes(2)
        yield self._later_outcomes(3)
        childrens = [each for each in complaints if each.is_childs]
        yield self._yearly("advocacy", childrens, lambda each: each.advocacy, _rows("advocacy"))
        yield from self._advocates()
        yield from self._compliments()
        actions = (Counted(each.reference, each.standing, each.year) for each in self.learned.promises)
        yield self._by_year("actions", _rows("actions"), actions, repeats=True)
        yield self._referrals()
        yield self._referral_times()
        yield self._referral_outcomes()
        yield self._yearly("channels", received, lambda each: each.channel, _rows("channels"))

    def _yearly(
        self, key: str, of: Iterable[Contact], row_of: Callable[[Contact], str], rows: tuple[Heading, ...]
    ) -> Table:
        """Contacts by row and by the year they were received."""
        return self._by_year(key, rows, (Counted(each.reference, row_of(each), each.year) for each in of))

    def _by_year(
        self,
        key: str,
        rows: tuple[Heading, ...],
        counted: Iterable[Counted],
        *,
        opens: str = "cases",
        repeats: bool = False,
    ) -> Table:
        columns = tuple(Heading(year, year) for year in self.years)
        return tally(
            key=key, **words()["tables"][key], across="years", year=self.years[-1], rows=rows, columns=columns,
            counted=counted, total=words()["total"], opens=opens, repeats=repeats,
        )  # fmt: skip

    def _by_outcome(
        self,
        key: str,
        rows: tuple[Heading, ...],
        columns: str,
        counted: Iterable[Counted],
        opens: str = "cases",
        *,
        repeats: bool = False,
    ) -> Table:
        return tally(
            key=key, **words()["tables"][key], across="outcomes", year=self.years[-1], rows=rows,
            columns=_rows(columns), counted=counted, total=words()["total"], opens=opens, repeats=repeats,
        )  # fmt: skip

    def _local(self, listed: list[tuple[str, str]], name: str) -> tuple[Heading, ...]:
        """The council's own list, then what the records hold beyond it, then "not yet known"."""
        held = {getattr(each, name) for each in self.received}
        if name == "category":
            held |= {point.category for each in self.received for point in each.points}
        beyond = held - {None, NOT_KNOWN} - dict(listed).keys()
        strays = [(key, key) for key in sorted(beyond)]
        labels = dict([*listed, *strays]) | {NOT_KNOWN: words()["not_known"]}
        return tuple(Heading(key, label) for key, label in labels.items())

    def _reasons(self, refused: Iterable[Contact]) -> tuple[Heading, ...]:
        """Each of the nine reasons alone, then with the others it was found beside."""
        names = words()["rows"]["reasons"]
        found = {(each.reason_code or "", *each.further_reasons) for each in refused}
        in_order = sorted(
            found | {(code,) for code in names}, key=lambda codes: [[*names].index(code) for code in codes]
        )
        return tuple(
            Heading("+".join(codes), words()["also"].join(names[code] for code in codes)) for codes in in_order
        )

    def _points(self) -> Table:
        decided = (each for each in self.received if each.handling != "not_a_complaint")
        counted = (Counted(each.reference, point.decided, each.year) for each in decided for point in each.points)
        return self._by_year("points", _rows("points"), counted, repeats=True)

    def _point_outcomes(self) -> Table:
        counted = (
            Counted(each.reference, point.category or NOT_KNOWN, each.standing_of(point))
            for each in self.complaints
            if each.year == self.years[-1]
            for point in each.points
            if point.decided == "accepted"
        )
        return self._by_outcome("point_outcomes", self.categories, "findings", counted, repeats=True)

    def _stages(self) -> Table:
        counted = (Counted(each.reference, _kind_of_stage(each, run), run.year) for each, run in self.runs)
        return self._by_year("stages", _rows("stages"), counted, repeats=True)

    def _stage1_outcomes(self, key: str, row_of: Callable[[Contact], str], rows: tuple[Heading, ...]) -> Table:
        counted = (
            Counted(each.reference, row_of(each), each.standing(run))
            for each in self.stage1
            if each.year == self.years[-1] and (run := each.stage(1))
        )
        return self._by_outcome(key, rows, "findings", counted)

    def _later_outcomes(self, number: int) -> Table:
        counted = (
            Counted(each.reference, each.standing(run), run.year) for each, run in self.runs if run.number == number
        )
        return self._by_year(f"stage{number}_outcomes", _rows("findings"), counted)

    def _advocates(self) -> Iterable[Table]:
        yield self._by_year("advocacy_people", _rows("answers"), advocacy.people(self.helped.offers), opens="offers")
        made = [each for each in self.helped.offers if each.year == self.years[-1]]
        by_answer = (Counted(each.id, each.occasion, each.answer or "no_answer") for each in made)
        yield self._by_outcome("advocacy_offers", _rows("occasions"), "answers", by_answer, "offers")
        asked = (Counted(each.id, each.state, each.year) for each in self.helped.wishes)
        yield self._by_year("advocacy_referrals", _rows("advocate_states"), asked, opens="advocacy_referrals")

    def _compliments(self) -> Iterable[Table]:
        known = {each.key for each in self.teams}
        teams = (
            Counted(each.id, each.team if each.team in known else NOT_KNOWN, each.year)
            for each in self.learned.praise
        )  # fmt: skip
        yield self._by_year("compliments_teams", self.teams, teams, opens="compliments")
        givers = (Counted(each.id, each.giver, each.year) for each in self.learned.praise)
        yield self._by_year("compliments_givers", _rows("givers"), givers, opens="compliments")

    def _referrals(self) -> Table:
        counted = (Counted(each.id, each.level, each.year) for each in self.worries)
        return self._by_year("referrals", _rows("levels"), counted, opens="referrals")

    def _referral_times(self) -> Table:
        counted = (Counted(each.id, each.level, each.speed) for each in self.worries if each.year == self.years[-1])
        return self._by_outcome("referral_times", _rows("levels"), "referral_times", counted, "referrals")

    def _referral_outcomes(self) -> Table:
        counted = (Counted(each.id, each.level, each.standing) for each in self.worries if each.year == self.years[-1])
        return self._by_outcome("referral_outcomes", _rows("levels"), "referral_outcomes", counted, "referrals")


def _rows(name: str) -> tuple[Heading, ...]:
    return tuple(Heading(key, label) for key, label in words()["rows"][name].items())


def _reasons_of(contact: Contact) -> str:
    return "+".join((contact.reason_code or "", *contact.further_reasons))


def _kind_of_stage(contact: Contact, run: StageRun) -> str:
    if run.number == 2 and contact.stage(1) is None:
        return "straight_to_stage_2"
    return f"stage_{run.number}"


def _agree(tables: Mapping[str, Table], years: tuple[str, ...]) -> None:
    """Tables of the same records must have the same total, each counted in its own way."""
    for year in years:
        whole = sum(tables["volumes"].figure(row, year).count for row in COMPLAINTS)
        for key in ("who", "brought_by", "categories"):
            total = tables[key].figure(TOTAL, year).count
            if total != whole:
                raise ReportDoesNotAddUp(
                    f"The table {tables[key].title!r} ({key}) counts {total} complaints in {year}, but"
                    f" {tables['volumes'].title!r} (volumes) counts {whole}. The report is not published."
                )
