"""The yearly report inside the console."""

import csv
import io
from datetime import UTC, datetime

import pytest

from bot import clocks
from tests.factories import REFUSABLE, case_accepted, case_filed
from tests.integration.staff_browser import plain

YEAR = clocks.financial_year(clocks.local_day(datetime.now(UTC)))


def test_report_of_the_year_is_counted_at_the_moment_and_opens_its_cases(browser, service, manager):
    """The page stands inside the console, and a number leads to the cases it counts."""
    accepted = case_accepted(service, by=manager.id)
    waiting = case_filed(service)

    assert YEAR in browser.text("/casework/reports")
    page = browser.see(f"/casework/reports/annual?year={YEAR}")
    assert page.status_code == 200
    assert "Signed in as" in plain(page)
    assert f"/casework/reports/annual/cases?year={YEAR}&amp;table=volumes" in page.text
    behind = browser.text(f"/casework/reports/annual/cases?year={YEAR}&table=volumes&row=total&column={YEAR}")
    assert accepted in behind
    assert waiting in behind


def test_report_is_given_to_other_programs(browser, service):
    """JSON and CSV carry the same figures, under a name that says what they are."""
    case_filed(service)
    as_json = browser.see(f"/casework/reports/annual.json?year={YEAR}")
    as_csv = browser.see(f"/casework/reports/annual.csv?year={YEAR}")

    assert as_json.json["year"] == YEAR
    assert f"annual-report-{YEAR}.csv" in as_csv.headers["Content-Disposition"]
    assert next(csv.reader(io.StringIO(as_csv.text)))[:2] == ["table", "row"]


@pytest.mark.parametrize(
    "path", ["annual?year=2026", "annual?year=2026-28", "annual.exe", "annual/cases?table=none", "annual/cases"]
)
def test_report_that_cannot_be_is_told_plainly(browser, path):
    """A year that is none, a form or a number the report has not: the page says so."""
    answer = browser.see(f"/casework/reports/{path}")
    assert answer.status_code == 404
    assert "We could not find that" in plain(answer)


def test_other_procedures_and_further_reasons_open_their_cases(browser, service, manager):
    """Both tables stand on the page, each number a link that works, and in the forms for other programs."""
    reference = case_filed(service, **REFUSABLE, months_since_grounds=20, continuing=False)
    browser.send(f"/casework/cases/{reference}/refuse", reason_code="COURT_RELATED", reasons="The court decides that.")
    browser.send(f"/casework/cases/{reference}/move", procedure="corporate")

    page = browser.see(f"/casework/reports/annual?year={YEAR}").text
    for table, row in (
        ("other_procedures", "corporate"), ("further_reasons", "COURT_RELATED%2BOUT_OF_TIME_JURISDICTION"),
    ):  # fmt: skip
        link = f"/casework/reports/annual/cases?year={YEAR}&table={table}&row={row}&column={YEAR}"
        assert link.replace("&", "&amp;") in page
        assert reference in browser.text(link)
    told = browser.see(f"/casework/reports/annual.json?year={YEAR}").json["tables"]
    assert told["other_procedures"]["rows"][0]["cells"][-1]["cases"] == [reference]
    printed = browser.see(f"/casework/reports/annual.csv?year={YEAR}").text
    assert "further_reasons,Court related; also Out of time or out of jurisdiction" in printed
