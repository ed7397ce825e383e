"""How many messages of danger screening raises, and how many harmless ones it flags, source by source."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SpeakUpError
from bot.evaluation.figures import Share, table
from bot.screening import Level, screen
from bot.screening.examples import read_examples

# The files of a folder of outside texts: JSON lines with `text`, `label` and, if there are several, `source`.
OUTSIDE = ("screening.jsonl", "everyday-sms.jsonl")
RAISING = ("immediate", "concern")


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


def judge_held_out(folder: Path) -> list[Judged]:
    """Screen our own held-out messages.

    Args:
        folder: holds a folder for each set.

    Raises:
        EvaluationError: the folder holds none, or a line of it cannot be read.
    """
    sets = [each for each in sorted(folder.glob("*")) if each.is_dir()]
    try:
        examples = [(each.name, example) for each in sets for example in read_examples(each)]
    except ValueError as error:
        raise EvaluationError(str(error)) from error
    if not examples:
        raise EvaluationError(f"No held-out messages in {folder}. Run this in a checkout of the project.")
    return [Judged(f"held out, {name}", each.label, each.text, screen(each.text).level) for name, each in examples]


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
    rows = [
        (source, label, *(Share(sum(map(shows, group)), len(group)) for shows in (_is_raised, _is_immediate)))
        for (source, label), group in sorted(groups.items())
    ]
    yield from table(("source", "label", "raised", "called immediate"), rows)
    if misses:
        for (source, label), group in sorted(groups.items()):
            yield from (f"{source} | {label} -> {each.level} | {each.text}" for each in group if each.wrong)


def _is_raised(judged: Judged) -> bool:
    return judged.level != "none"


def _is_immediate(judged: Judged) -> bool:
    return judged.level == "immediate"
