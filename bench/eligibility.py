"""How many decisions a second on one core: `python bench/eligibility.py`.

Decides the vignettes of the tests over and over and counts processor time, so that other work on the machine does
not matter much. Reading facts from JSON is measured apart: a conversation reads them once and decides many times.
"""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import yaml

from bot.eligibility import decide, load_rules, read_facts

VIGNETTES = Path(__file__).parents[1] / "tests" / "unit" / "eligibility_vignettes.yml"
TODAY = date(2026, 11, 23)
ROUNDS = 9
SECONDS = 0.4


def per_second(work: Callable[[], object], count: int) -> float:
    """How often a second `work`, which does `count` things, gets one done: the median of several rounds."""
    rates = []
    for _ in range(ROUNDS):
        done, started = 0, time.process_time()
        while time.process_time() - started < SECONDS:
            work()
            done += count
        rates.append(done / (time.process_time() - started))
    return median(rates)


def main() -> None:
    """Print decisions a second, and readings with decisions a second."""
    rules = load_rules()
    written = [vignette["facts"] for vignette in yaml.safe_load(VIGNETTES.read_text("utf-8"))]
    read = [read_facts(each) for each in written]
    decisions = per_second(lambda: [decide(facts, rules, TODAY) for facts in read], len(read))
    both = per_second(lambda: [decide(read_facts(each), rules, TODAY) for each in written], len(written))
    print(f"{decisions:10,.0f} decisions a second, over {len(read)} vignettes and {len(rules.rows)} rows")
    print(f"{both:10,.0f} a second with the facts read from a mapping each time")


if __name__ == "__main__":
    main()
