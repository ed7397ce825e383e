"""How somebody can be reached, and whether that is safe: numbers, addresses and wishes out of their words."""

import re
from collections.abc import Iterator
from typing import Any

import phonenumbers

from bot.safe_texting import SafeHours, read_hours
from bot.understanding.cues import cues, found, plain, without
from bot.understanding.numbers import NUMBER_WORDS

_EMAIL = re.compile(r"[^\s@<>,;:()\"']+@[^\s@<>,;()\"']+\.[A-Za-z]{2,}")
_SPOKEN_EMAIL = re.compile(r"([\w.+-]+) (?:at|@) ([\w-]+(?: dot [\w-]+)+)", re.IGNORECASE)
_PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
_DIGITS = {**{word: str(number) for word, number in NUMBER_WORDS.items() if number < 10}, "o": "0", "oh": "0",
           "zero": "0", "nought": "0", "nil": "0"}  # fmt: skip
_REPEATS = {"double": 2, "treble": 3, "triple": 3}
_SPELT_NUMBER = re.compile(rf"\b(?:(?:{'|'.join([*_REPEATS, *_DIGITS])}|\d+)\b[ ,-]*){{6,}}", re.IGNORECASE)
WHOLE_NUMBER = 10  # digits of a British number, at least
LONGEST_HOURS = 10  # words that a wish for certain hours takes, within a story that goes on without a stop


def read_email(text: str) -> str | None:
    """An e-mail address, written or spelt out: "sam at example dot org"."""
    if match := _EMAIL.search(text):
        return match[0].rstrip(".!?")
    spoken = _SPOKEN_EMAIL.search(text)
    return f"{spoken[1]}@{re.sub(' dot ', '.', spoken[2], flags=re.IGNORECASE)}" if spoken else None


def read_phone(text: str) -> str | None:
    """A telephone number in the form +447700900123, written or spelt out in words."""
    numbers = (match for said in (_EMAIL.sub(" ", text), _spelt_out(text)) for match in _numbers(said))
    first = next(numbers, None)
    return phonenumbers.format_number(first.number, phonenumbers.PhoneNumberFormat.E164) if first else None


def _numbers(said: str) -> Iterator[phonenumbers.PhoneNumberMatch]:
    """The telephone numbers in a text; what is shorter than one is a day or a sum."""
    matches = phonenumbers.PhoneNumberMatcher(said, "GB", leniency=phonenumbers.Leniency.POSSIBLE)
    return (match for match in matches if len(re.sub(r"\D", "", match.raw_string)) >= WHOLE_NUMBER)


def beside_details(text: str) -> str:
    """What a message says beside a number or an address to be reached at: "dawn" in "dawn, text me on 07700 900123"."""
    rest = _SPOKEN_EMAIL.sub(_PLACE, _EMAIL.sub(_PLACE, text))
    for match in _numbers(rest):
        rest = rest.replace(match.raw_string, _PLACE)
    rest = _SPELT_NUMBER.sub(_PLACE, rest)
    return re.sub(cues()["around_details"].format(details=_PLACE), " ", rest, flags=re.IGNORECASE).strip(" ,.;:-")


def _spelt_out(text: str) -> str:
    digits, times = [], 1
    for word in re.findall(r"[a-z]+|\d+", text.lower()):
        if word in _REPEATS:
            times = _REPEATS[word]
            continue
        digits.append((_DIGITS.get(word) or (word if word.isdigit() else " ")) * times)
        times = 1
    return "".join(digits)


def route_named(text: str) -> str:
    """The route that a text about being reached is about: by itself a text message."""
    said = plain(text)
    return next((route for route, words in cues()["routes"].items() if found(words, said)), "sms")


def read_reaching(text: str) -> dict[str, Any]:
    """What a message tells of reaching its writer without having been asked."""
    details = {"email": read_email(text), "phone": read_phone(text)}
    facts: dict[str, Any] = {name: value for name, value in details.items() if value}
    asked = _asked_of_us(text)
    unsafe = {each["route"]: each["safety"] for each in cues()["safety_told"] if found(each["cues"], asked)}
    wished = (route for route, words in cues()["reach_me"].items() if found(words, asked))
    if route := next((route for route in wished if unsafe.get(route) != "not_safe"), None):
        facts["preferred_contact"] = route
    return facts | ({"safe_to_contact": unsafe} if unsafe else {})


def read_details(text: str) -> dict[str, Any]:
    """What `read_reaching` finds, where a number or an address is told; empty where there is none."""
    return read_reaching(text) if read_email(text) or read_phone(text) else {}


def wishes_hours(text: str) -> bool:
    """Whether somebody tells, among other things, that texts are safe at some times only."""
    return _wish_for_hours(_asked_of_us(text)) is not None


def read_texting_hours(text: str) -> SafeHours | None:
    """The hours for texts that are told in the middle of other things; None if they are not named."""
    said = _asked_of_us(text)
    wish = _wish_for_hours(said)
    if wish is None:
        return None
    sentence = re.split(r"[!?]|\.(?!\d)", said[wish.start() :].lstrip(".,!;: "))[0]
    return read_hours(" ".join(sentence.split()[:LONGEST_HOURS]))


def _asked_of_us(text: str) -> str:
    """A text made `plain`, without what others do: "they never ring me back" is no wish."""
    return without(cues()["done_by_others"], plain(text))


def _wish_for_hours(said: str) -> re.Match[str] | None:
    told = (each for each in cues()["safety_told"] if (each["route"], each["safety"]) == ("sms", "certain_times"))
    return next((match for each in told if (match := found(each["cues"], said))), None)
