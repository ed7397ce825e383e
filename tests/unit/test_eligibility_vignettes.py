"""Short made-up cases, judged from the text of the rules, against what the table decides."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.eligibility import decide, load_rules, read_facts

RULES = load_rules()
TODAY = date(2026, 11, 23)
VIGNETTES = yaml.safe_load(Path(__file__).with_name("eligibility_vignettes.yml").read_text("utf-8"))


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette["id"])
def test_decide_vignette(vignette):
    """Each case gets the outcome and the code that the rules' text gives it; its facts contradict nothing."""
    decision = decide(read_facts(vignette["facts"], TODAY), RULES, TODAY)
    expected = vignette["expect"]
    assert (decision.outcome, decision.reason_code) == (expected["outcome"], expected.get("code")), vignette["because"]


def test_vignettes_reach_every_row_in_force():
    """There is a case for every row of the table, and each cites its rule."""
    reached = {decide(read_facts(each["facts"]), RULES, TODAY).row for each in VIGNETTES}
    assert reached == {row.id for row, _ in RULES.in_force(TODAY)}
    assert len({each["id"] for each in VIGNETTES}) == len(VIGNETTES) >= 120
    assert all(re.search(r"\b[RT]\d", each["because"]) for each in VIGNETTES)
