"""The annual report as a page, as JSON and as one tidy table."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime

import pytest

from bot.cases import conversations, intake
from bot.reports import annual, render

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
TOLD = {"complainant_role": "parent", "what_happened": "Nobody rang back", "nature": "complaint", "identity": "named"}


@pytest.fixture
def reference(service):
    """One case, sorted under a category that looks like a formula."""
    with service.database.write() as session:
        conversation = conversations.open_conversation(session, channel="web", now=NOW)
        intake.save_draft(session, conversation.id, TOLD | {"category": "=SUM(A1)<b>"}, now=NOW)
        return intake.file_complaint(
            session, conversation_id=conversation.id, council=service.council, rules=service.rules, now=NOW
        ).reference


@pytest.fixture
def report(service, reference):
    with service.database.read() as session:
        return annual.build(session, service.council, "2026-27", date(2026, 11, 22))


def test_page_for_a_file_names_no_case_and_needs_no_server(report, reference, service):
    """The page that is published carries its own styles, and no reference, link or script leads anywhere."""
    page = render.as_html(report, council=service.council)

    assert reference not in page
    assert "<style>" in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "<script" not in page


def test_page_for_staff_opens_every_number(report, reference, service):
    """In the console each number above nought leads to the cases behind it, and the same numbers are shown."""
    page = render.as_html(report, council=service.council, open_cases=True)

    links = re.findall(r'href="(/casework/reports/annual/cases\?[^"]+)"', page)
    assert "/casework/reports/annual/cases?year=2026-27&amp;table=volumes&amp;row=waiting&amp;column=2026-27" in links
    assert 'href="/static/app.css"' in page
    assert "<style" not in page
    assert " style=" not in page


def test_page_shows_a_name_from_the_records_as_text(report, service):
    """What looks like markup in a record is shown as text."""
    page = render.as_html(report, council=service.council)

    assert "=SUM(A1)&lt;b&gt;" in page
    assert "<b>" not in page


def test_page_says_that_a_year_is_not_recorded(report, service):
    """A column of a year before the register shows a dash that is read out as "not recorded", and not a nought."""
    page = render.as_html(report, council=service.council)

    assert page.count("not recorded") > 50


def test_json_has_stable_keys_and_every_case(report, reference):
    """The JSON form has the documented shape; a count is as long as its list of cases."""
    plain = json.loads(render.as_json(report))

    assert plain["years"] == ["2024-25", "2025-26", "2026-27"]
    assert plain["generated_on"] == "2026-11-22"
    assert plain["demo"] == {"included": True, "count": 0, "of": 1}
    assert list(plain["tables"]) == [
        "volumes", "stages", "not_accepted", "further_reasons", "other_procedures", "points", "point_outcomes",
        "who", "brought_by", "categories", "stage1_teams", "stage1_outcomes",
        "category_outcomes", "response_times", "stage2_outcomes", "stage3_outcomes", "advocacy", "advocacy_people",
        "advocacy_offers", "advocacy_referrals", "compliments_teams", "compliments_givers",
        "actions", "referrals", "referral_times", "referral_outcomes", "channels",
    ]  # fmt: skip
    waiting = next(row for row in plain["tables"]["volumes"]["rows"] if row["key"] == "waiting")
    assert waiting["cells"][-1] == {"year": "2026-27", "count": 1, "cases": [reference]}
    outcomes = plain["tables"]["stage1_outcomes"]
    assert [cell["column"] for cell in outcomes["total"]["cells"]][-1] == "total"
    share = next(rate for rate in plain["rates"] if (rate["key"], rate["year"]) == ("turned_away", "2026-27"))
    assert (share["numerator"], share["base"], share["percent"]) == (0, 1, 0)


def test_csv_is_one_tidy_table_that_no_spreadsheet_runs(report, reference):
    """Every line has the same seven cells, the cases of a number stand beside it, and no cell begins a formula."""
    lines = list(csv.DictReader(io.StringIO(render.as_csv(report))))

    assert list(lines[0]) == ["table", "row", "column", "year", "value", "base", "cases"]
    assert all(None not in line and None not in line.values() for line in lines)
    found = [line for line in lines if line["row"] == "'=SUM(A1)<b>" and line["value"] == "1"]
    assert [(line["table"], line["year"], line["base"], line["cases"]) for line in found] == [
        ("categories", "2026-27", "1", reference)
    ]
    assert not [cell for line in lines for cell in line.values() if cell.startswith(("=", "+", "-", "@"))]
