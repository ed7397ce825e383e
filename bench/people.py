"""What a complaint costs a person: `python bench/people.py` plays invented people and counts questions and segments.

The aims: at most 6 questions before filing where the first message tells everything, and at most 14 segments of texts
for the whole complaint of a child. The people are those of `tests/people/scripts/`, over the really running service.
"""

import logging
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the scripts and their player belong to the tests

from tests.people.player import Person, scripts
from tests.running import serving


def main() -> None:
    """Print a line for each person who is measured: questions asked, texts and segments sent."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as running:
        print("questions  texts  segments  who")
        for script in scripts().values():
            if "measured" in script:
                cost = Person(running, script).play_to_filing().cost()
                print(f"{cost.questions:9}  {cost.texts:5}  {cost.segments:8}  {script['who']}")


if __name__ == "__main__":
    main()
