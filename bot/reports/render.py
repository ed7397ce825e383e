"""A report as a page, as JSON and as one tidy table.

JSON has this shape, with stable keys::

    {"council": "…", "year": "2026-27", "generated_on": "2026-11-22",
     "years": ["2024-25", "2025-26", "2026-27"],
     "coverage": [{"year", "from", "to", "recorded", "complete"}],
     "demo": {"included": true, "count": 120, "of": 180},
     "tables": {"volumes": {"title", "headed", "base", "across": "years" | "outcomes", "year",
                            "opens": "cases" | "referrals" | "offers" | "advocacy_referrals" | "compliments",
                            "columns": [{"key", "label"}],
                            "rows": [{"key", "label", "cells": [CELL]}],
                            "total": {"key": "total", "label", "cells": [CELL]}}},
     "rates": [{"key", "label", "year", "of", "numerator", "base", "percent": 25 | null, "opens", "cases": […]}],
     "averages": [{"key", "label", "year", "unit", "of", "value": 8.5 | null, "base", "opens", "cases": […]}],
     "sentences": ["…"], "notes": ["…"]}

A CELL is ``{"year": "2026-27", "count": 3, "cases": ["SU-…"]}`` in a table across years, and has "column" in place of
"year" in a table across outcomes. `cases` holds as many references as `count` says. The tables are volumes, stages,
not_accepted, further_reasons, other_procedures, points, point_outcomes, who, brought_by, categories, stage1_teams,
stage1_outcomes, category_outcomes, response_times, stage2_outcomes, stage3_outcomes, advocacy, advocacy_people,
advocacy_offers, advocacy_referrals, referrals, referral_times, referral_outcomes and channels. A row of further_reasons
is named by its codes, the first reason first, with "+" between them.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.council import Council
from bot.reports.annual import AnnualReport
from bot.reports.charts import bar_chart
from bot.reports.tables import Average, Rate, Row, Table
from bot.reports.words import words
from bot.settings import ROOT

CASES_PAGE = "/casework/reports/annual/cases"
CHARTED = ("volumes", "not_accepted", "who", "categories", "response_times")
CSV_HEADER = ("table", "row", "column", "year", "value", "base", "cases")
# A spreadsheet takes a cell that begins with one of these for a formula and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


# --- the page --------------------------------------------------------------------------------------------------------


def as_html(report: AnnualReport, *, council: Council, open_cases: bool = False) -> str:
    """The report as a whole page.

    Args:
        open_cases: true for staff in the console: every number leads to the cases behind it and the page uses the
            service's stylesheet. False for a page that stands alone as a file: no reference of any case is in it.
    """
    return (
        _pages().get_template("reports/annual.html").render(**context(report, council=council, open_cases=open_cases))
    )


def context(report: AnnualReport, *, council: Council, open_cases: bool) -> dict[str, Any]:
    """What the templates `reports/annual.html` and `reports/_report.html` need, for pages that include the second."""
    return {
        "report": report,
        "council": council,
        "open_cases": open_cases,
        "charts": {key: bar_chart(report.tables[key]) for key in CHARTED},
        "not_recorded": {each.year for each in report.coverage if not each.recorded},
        "words": words(),
        "link": lambda table, row, column: case_link(report, table, row, column),
    }


def case_link(report: AnnualReport, table: str, row: str, column: str) -> str:
    """The console's address for the cases behind one number."""
    return f"{CASES_PAGE}?{urlencode({'year': report.year, 'table': table, 'row': row, 'column': column})}"


@lru_cache(maxsize=1)
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "bot" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


# --- JSON ------------------------------------------------------------------------------------------------------------


def as_json(report: AnnualReport) -> str:
    """The report with every figure and the references behind it; the shape is in this module's docstring."""
    return json.dumps(_plain(report), ensure_ascii=False, indent=2)


def _plain(report: AnnualReport) -> dict[str, Any]:
    return {
        "council": report.council,
        "year": report.year,
        "generated_on": report.generated_on.isoformat(),
        "years": list(report.years),
        "coverage": [
            {
                "year": each.year,
                "from": each.first_day.isoformat(),
                "to": each.last_day.isoformat(),
                "recorded": each.recorded,
                "complete": each.complete,
            }
            for each in report.coverage
        ],
        "demo": {
            "included": report.includes_demo,
            "count": report.invented.count,
            "of": report.counted.count,
        },
        "tables": {key: _plain_table(table) for key, table in report.tables.items()},
        "rates": [_plain_rate(rate) for rate in report.rates],
        "averages": [_plain_average(average) for average in report.averages],
        "sentences": list(report.sentences),
        "notes": list(report.notes),
    }


def _plain_table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "headed": table.headed,
        "base": table.base,
        "across": table.across,
        "year": table.year,
        "opens": table.opens,
        "columns": [{"key": each.key, "label": each.label} for each in table.columns],
        "rows": [_plain_row(table, row) for row in table.rows],
        "total": _plain_row(table, table.total),
    }


def _plain_row(table: Table, row: Row) -> dict[str, Any]:
    place = "year" if table.across == "years" else "column"
    cells = [
        {place: column.key, "count": cell.count, "cases": list(cell.cases)}
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    return {"key": row.key, "label": row.label, "cells": cells}


def _plain_rate(rate: Rate) -> dict[str, Any]:
    return {
        "key": rate.key,
        "label": rate.label,
        "year": rate.year,
        "of": rate.of,
        "numerator": rate.part.count,
        "base": rate.base.count,
        "percent": rate.percent,
        "opens": rate.opens,
        "cases": list(rate.part.cases),
    }


def _plain_average(average: Average) -> dict[str, Any]:
    return {
        "key": average.key,
        "label": average.label,
        "year": average.year,
        "unit": average.unit,
        "of": average.of,
        "value": None if average.value is None else float(average.value),
        "base": average.base.count,
        "opens": average.opens,
        "cases": list(average.base.cases),
    }


# --- CSV -------------------------------------------------------------------------------------------------------------


def as_csv(report: AnnualReport) -> str:
    """Every figure on a line of its own: table, row, column, year, value, base, cases.

    `row` and `column` are the printed names; `base` is the total of the figure's column (for a share or an average,
    what it was taken of); `cases` are references with a space between. Cells that a spreadsheet would run as a formula
    have an apostrophe before them. The first line after the header says how many records are invented.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    for line in _lines(report):
        writer.writerow([guarded(str(cell)) for cell in line])
    return written.getvalue()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet will take for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _lines(report: AnnualReport) -> Iterator[Iterable[object]]:
    invented = report.invented
    yield "report", "Invented records", "", report.year, invented.count, report.counted.count, _joined(invented.cases)
    for table in report.tables.values():
        yield from _table_lines(table)
    for rate in report.rates:
        told = (rate.base.count, _joined(rate.part.cases))
        yield "rates", rate.label, "count", rate.year, rate.part.count, *told
        yield "rates", rate.label, "percent", rate.year, "" if rate.percent is None else rate.percent, *told
    for each in report.averages:
        value = "" if each.value is None else each.value
        yield "averages", each.label, each.unit, each.year, value, each.base.count, _joined(each.base.cases)


def _table_lines(table: Table) -> Iterator[Iterable[object]]:
    for row in (*table.rows, table.total):
        for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            by_year = table.across == "years"
            yield (
                table.key,
                row.label,
                "" if by_year else column.label,
                column.key if by_year else table.year,
                cell.count,
                table.total.cells[place].count,
                _joined(cell.cases),
            )


def _joined(cases: Iterable[str]) -> str:
    return " ".join(cases)
