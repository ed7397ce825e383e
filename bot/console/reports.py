"""The yearly report inside the console, and the cases behind each of its numbers."""

from datetime import date

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import lookup
from bot.console.guard import now, page, seen, service
from bot.errors import NotFound
from bot.reports import annual, render

YEARS_OFFERED = 5
PRINTED = {"json": (render.as_json, "application/json"), "csv": (render.as_csv, "text/csv")}


def _today() -> date:
    return clocks.local_day(now())


@page("/reports", needs="read_reports")
def reports() -> ResponseReturnValue:
    """Which reports there are."""
    seen("list", "reports")
    present = clocks.financial_year(_today())
    return render_template(
        "console/reports.html", years=[present, *reversed(clocks.previous_years(present, YEARS_OFFERED - 1))]
    )


@page("/reports/annual", needs="read_reports")
def annual_report() -> ResponseReturnValue:
    """The report of a council year, every number a link to what it counts."""
    with service().database.read() as session:
        report = _built(session)
    seen("report", f"annual {report.year}")
    return render_template(
        "console/annual_report.html", **render.context(report, council=service().council, open_cases=True)
    )


@page("/reports/annual.<form>", needs="read_reports")
def annual_report_file(form: str) -> ResponseReturnValue:
    """The same figures for another program."""
    if form not in PRINTED:
        raise NotFound(f"The report is printed as {' or '.join(PRINTED)}.")
    with service().database.read() as session:
        report = _built(session)
    seen("report", f"annual {report.year}")
    printed, kind = PRINTED[form]
    answer = Response(printed(report), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="annual-report-{report.year}.{form}"'
    return answer


@page("/reports/annual/cases", needs="read_reports")
def cases_behind() -> ResponseReturnValue:
    """What one number of the report counts."""
    with service().database.read() as session:
        report = _built(session)
        found = annual.cases_behind(report, **{name: request.args.get(name, "") for name in ("table", "row", "column")})
        seen("report", f"annual {report.year}")
        return render_template(
            "console/cases_behind.html",
            report=report,
            cases=lookup.cases_of(session, found),
            referrals=lookup.referrals_of(session, found),
            offers=lookup.offers_of(session, found),
            compliments=lookup.compliments_of(session, found),
            advocates=lookup.advocacy_referrals_of(session, found),
        )


def _built(session: Session) -> annual.AnnualReport:
    year = request.args.get("year") or clocks.financial_year(_today())
    try:
        return annual.build(session, service().council, year, _today())
    except annual.YearError as error:
        raise NotFound(str(error)) from error
