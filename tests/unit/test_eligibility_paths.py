"""The listing of every path through the rules: complete, true to what is decided, and current."""

from datetime import date
from itertools import groupby

from bot.eligibility import Facts, decide, load_rules
from bot.eligibility.measures import MEASURES, Day, Seen
from bot.eligibility.paths import list_paths, newest_day, render_paths
from bot.eligibility.rules import RULES_FILE
from bot.settings import ROOT
from tests.unit.test_eligibility import ANY_FACTS, given

RULES = load_rules()
DAY = newest_day(RULES)
PATHS = list_paths(RULES)
LISTING = ROOT / "docs" / "eligibility-paths.md"


def test_path_listing_is_current():
    """The listing in docs is what the rules give, so that a changed rule shows in review as changed paths."""
    remedy = "run `python -m bot.eligibility.paths > docs/eligibility-paths.md` and review the difference"
    assert LISTING.read_text("utf-8") == render_paths(RULES), remedy


def test_path_listing_can_be_reviewed():
    """The listing stays short enough to read, and names every row in force."""
    assert len(PATHS) < 400
    assert {path.row for path in PATHS if path.row} == {row.id for row, _ in RULES.in_force(DAY)}


def test_paths_are_the_same_every_time():
    """The same rules give the same paths in the same order."""
    assert list_paths(load_rules(RULES_FILE)) == PATHS


def followed(seen):
    """Follow the listing, section by section, to the row where it ends; every section has exactly one line for it."""
    for section, lines in groupby(PATHS, key=lambda path: path.section):
        fitting = [path for path in lines if all(fits(step, seen[step.fact]) for step in path.steps)]
        assert len(fitting) == 1, section
        if fitting[0].row:
            return fitting[0].row
    raise AssertionError("The listing ends nowhere.")


def fits(step, value):
    # A number stands for the ones on its side of the bound; the listing names the nearest.
    numbers = [each for each in (*step.values, *step.others) if each is not None]
    if isinstance(value, int) and not isinstance(value, bool) and numbers:
        value = min(max(value, min(numbers)), max(numbers))
    return value in step.values


@given(facts=ANY_FACTS)
def test_paths_lead_where_the_decision_goes(facts):
    """Whatever the facts, one line in each section fits them, and they end at the row that decides."""
    assert followed(Seen(facts, Day(DAY, frozenset()))) == decide(facts, RULES, DAY).row


def test_paths_name_measures_and_facts_only():
    """Each step names a fact of the vocabulary or a measure worked out of facts."""
    names = {step.fact.partition(".")[0] for path in PATHS for step in path.steps}
    assert names <= set(Facts.model_fields) | set(MEASURES)


def test_paths_on_an_older_day_use_the_rows_of_that_day():
    """On a day before the newest rows the older ones are listed."""
    rows = {path.row for path in list_paths(RULES, date(2026, 6, 18))}
    assert "T5d.before" in rows
    assert "T5d" not in rows
