"""How many messages of danger screening raises, and how many harmless ones it flags, source by source."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SpeakUpError
from bot.screening import Level, screen
from bot.screening.examples import read_examples

# The files of a folder of outside texts: JSON lines with `text`, `label` and, if there are several, `source`.
OUTSIDE = ("screening.jsonl", "everyday-sms.jsonl")
RAISING = ("immediate", "concern")
# z of a two-sided 95% interval.
_Z = 1.96


class EvaluationError(SpeakUpError):
    """What was to be measured with cannot be read."""


@dataclass(frozen=True)
class Judged:
    """A labelled text of a source, and the level screening gave it."""

    source: str
    label: str
    text: str
    level: Level

    @property
    def wrong(self) -> bool:
        """Danger not raised, danger now not called so, or something harmless flagged."""
        if self.label == "immediate":
            return self.level != "immediate"
        return (self.level == "none") == (self.label in RAISING)


@dataclass(frozen=True)
class Share:
    """So many of so many, with the Wilson interval in which the true share lies with 95% confidence."""

    count: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, 0 to 1."""
        if not self.of:
            return (0.0, 1.0)
        share, spread = self.count / self.of, _Z**2 / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = _Z * math.sqrt(share * (1 - share) / self.of + spread / (4 * self.of)) / (1 + spread)
        return (max(0.0, middle - half), min(1.0, middle + half))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count}/{self.of} = {100 * self.count / max(1, self.of):.1f}% ({100 * low:.0f}-{100 * high:.0f})"


def judge_held_out(folder: Path) -> list[Judged]:
    """Screen our own held-out messages.

    Raises:
        EvaluationError: the folder holds none, or a line of it cannot be read.
    """
    try:
        examples = read_examples(folder)
    except ValueError as error:
        raise EvaluationError(str(error)) from error
    if not examples:
        raise EvaluationError(f"No held-out messages in {folder}. Run this in a checkout of the project.")
    return [Judged("held out", each.label, each.text, screen(each.text).level) for each in examples]


def judge_outside(folder: Path) -> list[Judged]:
    """Screen texts from elsewhere.

    Raises:
        EvaluationError: the folder has none of the files, or a line cannot be read; the message names it.
    """
    files = [folder / name for name in OUTSIDE if (folder / name).exists()]
    if not files:
        raise EvaluationError(f"{folder} has none of {', '.join(OUTSIDE)}.")
    return [each for file in files for each in _of_file(file)]


def _of_file(file: Path) -> Iterator[Judged]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            given = json.loads(line)
            source, label, text = given.get("source", file.stem), given.get("label", "none"), given["text"]
        except (ValueError, KeyError, AttributeError) as error:
            raise EvaluationError(f"{file.name}, line {number}: expected JSON with `text`.") from error
        if file.stem == "everyday-sms":
            source, label = file.stem, "none"
        yield Judged(source, label, text, screen(text).level)


def report(judged: Iterable[Judged], *, misses: bool) -> Iterator[str]:
    """The figures of each source and label, in lines; with `misses`, each text that was judged wrongly.

    Of danger: how many were raised at all, and how many called immediate. Of the harmless: how many were flagged.
    """
    groups: dict[tuple[str, str], list[Judged]] = {}
    for each in judged:
        groups.setdefault((each.source, each.label), []).append(each)
    yield f"{'source':22}{'label':12}{'raised (95% interval)':34}called immediate"
    for (source, label), group in sorted(groups.items()):
        raised = Share(sum(each.level != "none" for each in group), len(group))
        immediate = Share(sum(each.level == "immediate" for each in group), len(group))
        yield f"{source:22}{label:12}{raised!s:34}{immediate}"
    if misses:
        for (source, label), group in sorted(groups.items()):
            yield from (f"{source} | {label} -> {each.level} | {each.text}" for each in group if each.wrong)
