"""Several matters in one story: proposed as a numbered list, and corrected in the person's own words.

Each matter is decided by itself (R15). A matter is only taken for another one where the person says so ("another
thing is …", a numbered list), where it belongs under another procedure than what stands beside it, or where it is
about another child: what is wrongly kept together a member of staff can part, but a story wrongly parted grates.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from bot.council import Council
from bot.understanding.cues import cues, found, plain
from bot.understanding.people import read_child_age, read_child_name
from bot.understanding.stories import LEAST_WORDS, other_body, read_place, read_subject, tells
from bot.understanding.when import read_when

MOST = 9
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_BULLET = re.compile(r"^\s*(?:\(?[1-9][.):]|[-*\u2022])\s+")
_INLINE_NUMBER = re.compile(r"\s+(?=\(?[1-9][.)]\s)")
_COUNTS = re.compile(r"(?:^|\s)\(?1[.)]\s.*\s\(?2[.)]\s")
_CLAUSE = re.compile(r",?\s+(?:and|but|plus)\s+")
_NUMBER = r"(?<![\w/:.£])([1-9])(?![\w/:%]|\.\d)"
_TEXT_FOR = (
    r"^(?:point |number |no\.? ?|change |make )*[1-9](?: (?:to|should (?:be|say)|is(?: really)?))?[\s:.)=-]+(.{8,})$"
)


@dataclass
class _Matter:
    """Sentences that belong together, what they are about, and whether the person set them apart."""

    parts: list[str] = field(default_factory=list)
    subject: str | None = None
    child: str | None = None
    ours: bool = False
    set_apart: bool = False

    @property
    def words(self) -> str:
        return " ".join(self.parts)

    @property
    def tells(self) -> bool:
        """Whether there is a matter in it; in a numbered list three words can be one."""
        if self.set_apart:
            return len(self.words.split()) > 1
        return tells(self.words) and not found(cues()["points"]["preambles"], plain(self.words))

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.subject = self.subject or read_subject(part)
        self.child = self.child or read_child_name(part)
        self.ours = self.ours or _is_ours(part)


def points_in(story: str, council: Council, today: date) -> list[dict[str, Any]]:
    """The matters of a story, each with its own words and the facts only it has; none where the story is one matter.

    Args:
        story: everything told so far, in the person's words.

    Returns:
        At most nine mappings with `words` and `facts`.
    """
    matters: list[_Matter] = []
    for part, set_apart in _parts(story):
        if matters and set_apart and not matters[-1].tells:
            matters.pop()  # "I have two complaints:" is none of them
        if not matters or set_apart or _is_another(part, matters[-1]):
            matters.append(_Matter(set_apart=set_apart))
        _home_of(part, matters, set_apart=set_apart).add(part)
    told = [matter.words for matter in matters if matter.tells]
    return [point(words, council, today) for words in told] if 1 < len(told) <= MOST else []


def point(words: str, council: Council, today: date) -> dict[str, Any]:
    """One matter: its words, and the facts its words tell of it alone."""
    # The kind of matter is never taken over from the whole story, which may have named it for another point.
    facts: dict[str, Any] = {"subject": read_subject(words), **read_place(words, council)}
    told = {"responsible_body": other_body(words), "child_name": read_child_name(words)}
    facts |= {name: value for name, value in told.items() if value is not None}
    if "child_name" in facts and (age := read_child_age(words)) is not None:
        facts["child_age"] = age
    when = read_when(words, today).facts(today)
    if "grounds_on" in when:
        facts |= {"months_since_grounds": None, "continuing": None, **when}
    return {"words": words.strip(), "facts": facts}


def corrected(points: list[dict[str, Any]], text: str, council: Council, today: date) -> list[dict[str, Any]] | None:
    """The list as the person wants it: points joined, left out, put in other words, or one more; None if unclear."""
    said = plain(text)
    numbers = _numbers(said, len(points))
    if len(numbers) > 1 and found(cues()["points"]["join"], said):
        return _joined(points, numbers, council, today)
    if found(cues()["points"]["all_one"], said):
        return []
    if numbers and found(cues()["points"]["leave_out"], said):
        return [each for number, each in enumerate(points, 1) if number not in numbers]
    reworded = re.match(_TEXT_FOR, text.strip(), re.IGNORECASE | re.DOTALL)
    if numbers and reworded:
        new = point(reworded[1], council, today)
        return [new if number == numbers[0] else each for number, each in enumerate(points, 1)]
    return _with_one_more(points, text, council, today)


def only_answers(text: str) -> bool:
    """Whether an answer to the list neither names a point nor adds one."""
    said = plain(text)
    return not _numbers(said, MOST) and not found(cues()["points"]["adding"], said)


def _with_one_more(
    points: list[dict[str, Any]], text: str, council: Council, today: date
) -> list[dict[str, Any]] | None:
    words = _strip_opening(text)
    if len(words.split()) < LEAST_WORDS or len(points) >= MOST:
        return None
    return [*points, point(words, council, today)]


def _joined(points: list[dict[str, Any]], numbers: list[int], council: Council, today: date) -> list[dict[str, Any]]:
    first, others = numbers[0], numbers[1:]
    whole = point(" ".join(points[number - 1]["words"] for number in numbers), council, today)
    kept = [whole if number == first else each for number, each in enumerate(points, 1) if number not in others]
    return kept if len(kept) > 1 else []


def _numbers(said: str, most: int) -> list[int]:
    for word, number in cues()["points"]["numbers"].items():
        said = re.sub(rf"(?<!\w){word}(?!\w)", str(number), said)
    found_ones = [int(each) for each in re.findall(_NUMBER, said)]
    return sorted({number for number in found_ones if number <= most})


def _parts(story: str) -> Iterator[tuple[str, bool]]:
    """Sentence by sentence, and whether the person set it apart as another matter."""
    for line in story.splitlines():
        for piece in _INLINE_NUMBER.split(line) if _COUNTS.search(line) else [line]:
            numbered = bool(_BULLET.match(piece))
            for sentence in _sentences(_BULLET.sub("", piece)):
                for part, marked in _marked(sentence):
                    yield part, numbered or marked
                    numbered = False


def _sentences(text: str) -> Iterable[str]:
    for sentence in filter(None, (each.strip() for each in _SENTENCE.split(text))):
        yield from _two_procedures(sentence)


def _two_procedures(sentence: str) -> list[str]:
    """A sentence in two where its halves belong under two procedures: a school plan and short breaks."""
    for joint in _CLAUSE.finditer(sentence):
        halves = sentence[: joint.start()], sentence[joint.end() :]
        known = [read_subject(half) for half in halves]
        apart = [_has_its_own_procedure(subject) for subject in known]
        if apart[0] != apart[1] and _is_ours(halves[apart.index(False)]) and all(map(tells, halves)):
            return list(halves)
    return [sentence]


def _marked(sentence: str) -> Iterator[tuple[str, bool]]:
    """A sentence in pieces where "another thing" or "also my …" stands in it."""
    end_of_last, marked = 0, False
    for marker in [*_markers().finditer(sentence), None]:
        words = sentence[end_of_last : marker.start() if marker else None].strip(" ,;")
        if words:
            yield words, marked
        end_of_last, marked = (marker.end() if marker else 0), True


@lru_cache(maxsize=1)
def _markers() -> re.Pattern[str]:
    sheet = cues()["points"]
    anywhere, openings = "|".join(sheet["another_thing"]), "|".join(sheet["also"])
    return re.compile(
        rf"(?<!\w)(?:(?:{anywhere})(?!\w)|(?:{openings}) (?=(?:{'|'.join(sheet['about_whom'])})(?!\w)))", re.IGNORECASE
    )


def _strip_opening(text: str) -> str:
    """Without "add:" or "no, also" before what is to be added."""
    opening = "|".join(cues()["points"]["adding"])
    return re.sub(rf"^(?:(?:no|yes)[\s,]+)?(?:{opening})[\s:,-]+", "", text.strip(), flags=re.IGNORECASE)


def _is_another(part: str, present: _Matter) -> bool:
    child, subject = read_child_name(part), read_subject(part)
    if child and present.child and child != present.child:
        return True
    if _has_its_own_procedure(subject) and subject != present.subject:
        return present.ours or _has_its_own_procedure(present.subject)
    return _has_its_own_procedure(present.subject) and subject != present.subject and _is_ours(part)


def _home_of(part: str, matters: list[_Matter], *, set_apart: bool) -> _Matter:
    """The last matter, or an earlier one about the same thing that the story comes back to."""
    subject = read_subject(part)
    if not set_apart and _has_its_own_procedure(subject):
        return next((each for each in matters if each.subject == subject), matters[-1])
    return matters[-1]


def _has_its_own_procedure(subject: str | None) -> bool:
    return subject in cues()["points"]["own_procedure"]


def _is_ours(part: str) -> bool:
    subject = read_subject(part)
    return bool(found(cues()["ours"], plain(part))) or (subject is not None and not _has_its_own_procedure(subject))
