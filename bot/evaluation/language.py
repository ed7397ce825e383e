"""Intents, questions, facts, categories and teams measured on held-out sets (`tests/language/`) and on outside ones."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot import asked
from bot.council import Council
from bot.evaluation.figures import Share, table
from bot.settings import ROOT
from bot.understanding import hear
from bot.understanding.categories import guess_category, guess_team
from bot.understanding.intents import classify, told_outside

HELD_OUT = ROOT / "tests/language"
OUTSIDE_FILE = "intents.jsonl"
# What the sources outside call by other names, or less finely, than we do.
ALSO_RIGHT = {"unsure": {"dont_know"}, "stop": {"stop_optout", "goodbye", "withdraw_complaint"}}
NEAR = 3  # days by which the ends of an interval may differ and still tell the same time


@dataclass(frozen=True)
class Miss:
    """A text that was taken for something else."""

    text: str
    wanted: str
    taken: str


@dataclass(frozen=True)
class Labelled:
    """One text and what it should be taken for; `source` keeps sets apart."""

    source: str
    text: str
    label: str


# --- intents ---------------------------------------------------------------------------------------------------------


def held_out_intents() -> list[Labelled]:
    """The frozen messages of `tests/language/`; those written after the last example are a source of their own."""
    return _labelled(("held-out", "intents.yml"), ("held-out, written last", "intents-last.yml"))


def _labelled(*files: tuple[str, str]) -> list[Labelled]:
    return [
        Labelled(source, str(text), label)
        for source, file in files
        for label, texts in yaml.safe_load((HELD_OUT / file).read_text(encoding="utf-8")).items()
        for text in texts
    ]


def outside_intents(folder: Path) -> list[Labelled]:
    """The messages of a folder's intents.jsonl: `source`, `text` and `intent` a line.

    Raises:
        OSError: there is no such file.
    """
    lines = (folder / OUTSIDE_FILE).read_text(encoding="utf-8").splitlines()
    return [Labelled(each["source"], each["text"], each["intent"]) for each in map(json.loads, lines)]


def intents_report(labelled: Sequence[Labelled], *, misses: bool) -> Iterator[str]:
    """Precision, recall and F1 of every intent of each source, the macro average, and what was confused with what."""
    for source in sorted({each.source for each in labelled}):
        of_source = [each for each in labelled if each.source == source]
        taken = [told_outside(each.text).name for each in of_source]
        yield from _of_labels(source, of_source, taken)
        wrong = [
            Miss(each.text, each.label, guess)
            for each, guess in zip(of_source, taken, strict=True)
            if not _right(each.label, guess)
        ]
        yield from _confusions(wrong, misses=misses)


def _right(label: str, guess: str) -> bool:
    return guess in ALSO_RIGHT.get(label, {label})


def _of_labels(source: str, of_source: Sequence[Labelled], taken: Sequence[str]) -> Iterator[str]:
    rows = [_of_label(label, of_source, taken) for label in sorted({each.label for each in of_source})]
    right = sum(_right(each.label, guess) for each, guess in zip(of_source, taken, strict=True))
    yield f"== intents, {source}: {len(of_source)} messages"
    yield from table(("intent", "n", "precision", "recall", "F1"), rows)
    yield f"macro F1 {sum(f1 for *_, f1 in rows) / len(rows):.3f}; right {Share(right, len(of_source))}"


def _of_label(label: str, of_source: Sequence[Labelled], taken: Sequence[str]) -> tuple[str, int, float, float, float]:
    wanted = [each.label == label for each in of_source]
    guessed = [_right(label, guess) for guess in taken]
    hits = sum(w and g for w, g in zip(wanted, guessed, strict=True))
    precision, recall = hits / max(sum(guessed), 1), hits / sum(wanted)
    return label, sum(wanted), precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def _confusions(wrong: Sequence[Miss], *, misses: bool) -> Iterator[str]:
    pairs = Counter((each.wanted, each.taken) for each in wrong)
    for (wanted, taken), times in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:25]:
        yield f"  {times:4} x {wanted} taken for {taken}"
    if misses:
        yield from (f"  miss: {each.wanted} taken for {each.taken}: {each.text}" for each in wrong)


# --- facts -----------------------------------------------------------------------------------------------------------


def facts_report(council: Council, *, misses: bool, file: Path = HELD_OUT / "facts.yml") -> Iterator[str]:
    """How many of the facts that messages tell are taken right, given the question asked."""
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    tally: dict[str, list[bool]] = defaultdict(list)
    wrong = []
    for asking, text, wanted in told["lines"]:
        facts = hear(text, asking=asking, council=council, today=told["today"]).facts
        for fact, value in _checks(wanted):
            right = fact not in facts if value is NEVER else matches(facts.get(fact), value)
            tally[fact].append(right)
            if not right:
                wrong.append(Miss(text, f"{fact}={_shown(value)}", _shown(facts.get(fact))))
    yield f"== facts, held-out: {len(told['lines'])} messages"
    shares = {fact: Share(sum(rights), len(rights)) for fact, rights in sorted(tally.items())}
    yield from table(("fact", "right", "n"), [(fact, share.right, share.whole) for fact, share in shares.items()])
    every = shares.values()
    yield f"right {Share(sum(each.right for each in every), sum(each.whole for each in every))}"
    if misses:
        yield from (f"  miss: {each.wanted} taken as {each.taken}: {each.text}" for each in wrong)


NEVER = object()


def _checks(wanted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((fact, NEVER) for fact in wanted.get("never", ()))
    yield from ((fact, value) for fact, value in wanted.items() if fact != "never")


def _shown(value: Any) -> str:
    return "nothing" if value is NEVER else str(value)


def matches(taken: Any, wanted: Any) -> bool:
    """Whether a fact was taken as wanted: part of a group, the same words, or the same days give or take a few."""
    if isinstance(wanted, date):
        return _days(taken) == (wanted, wanted)
    if isinstance(wanted, Mapping) and "earliest" in wanted:
        days = _days(taken)
        return days is not None and all(
            abs((got - day).days) <= NEAR for got, day in zip(days, (wanted["earliest"], wanted["latest"]), strict=True)
        )
    if isinstance(wanted, Mapping):
        return isinstance(taken, Mapping) and all(matches(taken.get(name), value) for name, value in wanted.items())
    return bool(taken == wanted)


def _days(taken: Any) -> tuple[date, date] | None:
    if isinstance(taken, str):
        return date.fromisoformat(taken), date.fromisoformat(taken)
    if isinstance(taken, Mapping) and "earliest" in taken:
        return date.fromisoformat(taken["earliest"]), date.fromisoformat(taken["latest"])
    return None


# --- categories and teams --------------------------------------------------------------------------------------------


def held_out_narratives() -> list[tuple[str, str | None, str]]:
    """Category, team or None, and words of each story of `tests/language/narratives.txt`."""
    lines = (HELD_OUT / "narratives.txt").read_text(encoding="utf-8").splitlines()
    split = (line.split(" | ", 2) for line in lines if line.strip() and not line.startswith("#"))
    return [(category, None if team == "-" else team, words) for category, team, words in split]


def categories_report(council: Council, *, misses: bool) -> Iterator[str]:
    """How often the right category and team is the first guess, and among the first three."""
    categories, teams = [], []
    for category, team, words in held_out_narratives():
        categories.append((category, [guess.key for guess in guess_category(words, council)], words))
        if team:
            teams.append((team, [guess.key for guess in guess_team(words, council)], words))
    yield from _of_guesses("category", categories, misses=misses)
    yield from _of_guesses("team", teams, misses=misses)


def _of_guesses(what: str, guessed: Sequence[tuple[str, list[str], str]], *, misses: bool) -> Iterator[str]:
    yield f"== {what}, held-out: {len(guessed)} stories"
    rows = []
    for label in sorted({wanted for wanted, _, _ in guessed}):
        own = [guesses for wanted, guesses, _ in guessed if wanted == label]
        within = (sum(label in guesses[:most] for guesses in own) / len(own) for most in (1, 3))
        rows.append((label, len(own), *within))
    yield from table((what, "n", "first", "in three"), rows)
    yield f"first guess {Share(sum(g[0] == wanted for wanted, g, _ in guessed), len(guessed))}"
    yield f"within three {Share(sum(wanted in g[:3] for wanted, g, _ in guessed), len(guessed))}"
    wrong = [Miss(words, wanted, g[0]) for wanted, g, words in guessed if g[0] != wanted]
    yield from _confusions(wrong, misses=misses)


# --- questions -------------------------------------------------------------------------------------------------------


def held_out_questions() -> list[Labelled]:
    """The frozen questions of `tests/language/`; those that no way was written in view of are sources of their own."""
    return _labelled(
        ("held-out", "questions.yml"),
        ("held-out, written last", "questions-last.yml"),
        ("held-out, by a stranger", "questions-strangers.yml"),
    )


def questions_report(held_out: Sequence[Labelled], *, misses: bool) -> Iterator[str]:
    """How often a question finds its answer, and how often one that has none is given another's, source by source."""
    for source in sorted({each.source for each in held_out}):
        taken = [Miss(each.text, each.label, _answered(each.text)) for each in held_out if each.source == source]
        known = [each for each in taken if each.wanted != asked.SOMETHING_ELSE]
        other = [each for each in taken if each.wanted == asked.SOMETHING_ELSE]
        yield f"== questions, {source}: {len(known)} that have an answer, {len(other)} that have none"
        asked_for = Counter(each.wanted for each in known)
        found = Counter(each.wanted for each in known if each.taken == each.wanted)
        yield from table(("question", "n", "right"), [(name, n, found[name] / n) for name, n in asked_for.items()])
        yield f"right {Share(sum(found.values()), len(known))}"
        yield f"another question's answer {Share(sum(map(_misled, known)), len(known))}"
        yield f"an answer where there is none {Share(sum(map(_misled, other)), len(other))}"
        yield from _confusions([each for each in taken if each.taken != each.wanted], misses=misses)


def _answered(text: str) -> str:
    """The question whose answer is given; for what is taken for no question, the intent."""
    intent = classify(text)
    return intent.question or intent.name


def _misled(each: Miss) -> bool:
    return each.taken != each.wanted and each.taken in asked.questions() and each.taken != asked.SOMETHING_ELSE
