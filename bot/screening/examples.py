"""The invented messages that screening learns from, and the held-out ones that it is measured with.

A file holds families of messages: a heading `== label: family`, then one message a line. Sentences are also put
together from the parts of a sheet, `composed.yml`.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import yaml

from bot import asked
from bot.understanding import intents
from bot.understanding.narratives import NARRATIVES, narratives

Label = Literal["immediate", "concern", "look-alike", "everyday"]
LABELS: tuple[str, ...] = get_args(Label)

FOLDER = Path(__file__).with_name("examples")
# What understanding learns from: questions, wishes, yes and no, and ordinary complaints. In one intent there is danger.
SAID_TO_US = (*sorted(intents.DATA.glob("*.yml")), asked.QUESTIONS, NARRATIVES)
DANGER_INTENT = "safeguarding"
COMPLAINTS = ("inform", "make_complaint", "new_complaint", "add_information")
COMPOSED = "composed.yml"
# How many different sentences a pattern gives: more teach the learned part nothing new and take longer.
SENTENCES_A_PATTERN = 50
# How many long messages are joined of ordinary ones; half as many hold one of danger.
JOINED = 2_000
_SEED = 20
_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Example:
    """An invented message. A family is one way of putting things; it stands on one side of a measurement only."""

    label: str
    family: str
    text: str


def read_examples(folder: Path) -> list[Example]:
    """Every message of a folder's text files.

    Raises:
        ValueError: a heading or a line cannot be read; the message names file and line.
    """
    return [example for file in sorted(folder.glob("*.txt")) for example in _of_file(file)]


def said_to_us() -> list[Example]:
    """What understanding learns to tell apart, talk about the talk and ordinary complaints: no danger is in it.

    What of it is worrying all the same stands among the written messages, under the label it has.
    """
    labelled = {each.text for each in read_examples(FOLDER)}
    told = [(_talk_or_complaint(intent), text) for intent, text in intents.examples() if intent != DANGER_INTENT]
    told += [("a complaint: told whole", each.text) for each in narratives()]
    return [Example("everyday", family, text) for family, text in dict.fromkeys(told) if text not in labelled]


def _talk_or_complaint(intent: str) -> str:
    return f"a complaint: {intent}" if intent in COMPLAINTS else f"said to us: {intent}"


def _of_file(file: Path) -> Iterator[Example]:
    label = family = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("=="):
            label, _, name = (part.strip() for part in line[2:].partition(":"))
            family = f"{file.stem}: {name}"
            if label not in LABELS or not name:
                raise ValueError(f"{file.name}, line {number}: expected `== label: family`, a label of {LABELS}.")
        elif line.strip() and not line.startswith("#"):
            if not label:
                raise ValueError(f"{file.name}, line {number}: a message before the first heading.")
            yield Example(label, family, line.strip())


def composed(folder: Path = FOLDER) -> list[Example]:
    """Sentences put together from the parts of `composed.yml`, the same ones each time.

    Raises:
        KeyError: a pattern names a part that is not there.
    """
    sheet = yaml.safe_load((folder / COMPOSED).read_bytes())
    parts = {name: written.split("|") for name, written in sheet["parts"].items()}
    chance = random.Random(_SEED)  # noqa: S311 -- the same sentences each time, no secret
    return [
        Example(label, f"composed: {pattern}", text)
        for label, patterns in sheet["sentences"].items()
        for pattern in dict.fromkeys(patterns)
        for text in _sentences(pattern, parts, chance)
    ]


def joined(examples: Sequence[Example]) -> list[Example]:
    """Long messages made of several: ordinary ones together, and one of danger among ordinary ones.

    They teach that a long message is no sign of danger, and that danger in a long message still is.
    """
    chance = random.Random(_SEED)  # noqa: S311 -- the same messages each time, no secret
    harmless = [each.text for each in examples if each.label in ("look-alike", "everyday")]
    raising = [each for each in examples if each.label in ("immediate", "concern")]
    around = [
        Example("everyday", "composed: joined", _run_on(chance.choices(harmless, k=chance.randint(2, 4)), chance))
        for _ in range(JOINED)
    ]
    within = [
        Example(
            each.label,
            "composed: joined",
            _run_on([*chance.choices(harmless, k=chance.randint(1, 2)), each.text], chance),
        )
        for each in chance.choices(raising, k=JOINED // 2)
    ]
    return [*around, *within]


def _run_on(texts: list[str], chance: random.Random) -> str:
    chance.shuffle(texts)
    joint = chance.choice((" and ", ", ", ". ", " ", " also ", " but "))
    return joint.join(text.rstrip(".!?") for text in texts)


def _sentences(pattern: str, parts: dict[str, list[str]], chance: random.Random) -> list[str]:
    found: dict[str, None] = {}
    for _ in range(SENTENCES_A_PATTERN * 3):
        if len(found) == SENTENCES_A_PATTERN:
            break
        found[_filled(pattern, parts, chance)] = None
    return list(found)


def _filled(pattern: str, parts: dict[str, list[str]], chance: random.Random) -> str:
    while "{" in pattern:
        pattern = _PART.sub(lambda part: chance.choice(parts[part[1]]), pattern)
    return pattern
