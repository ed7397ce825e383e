"""Numbers in the assistant's words made into links that ring them: only numbers of our own directory, never a guess."""

import re
from collections.abc import Iterable
from typing import Self

from markupsafe import Markup, escape

from bot.council import Council
from bot.eligibility import load_signposts

EMERGENCY = ("999", "101", "111")


class PhoneLinks:
    """A template filter: text in, the same text escaped out, with its known numbers as `tel:` links."""

    def __init__(self, numbers: Iterable[str]) -> None:
        longest_first = sorted({number for number in numbers if number}, key=len, reverse=True)
        self._known = re.compile(rf"(?<!\d)({'|'.join(map(re.escape, longest_first))})(?!\d)")

    @classmethod
    def of(cls, council: Council) -> Self:
        """The filter for the numbers this council may tell people."""
        contacts = (council.complaints_team, council.advocacy, council.front_door)
        own = [contact.phone or "" for contact in contacts]
        return cls((*EMERGENCY, *own, *(signpost.phone or "" for signpost in load_signposts().values())))

    def __call__(self, text: str) -> Markup:
        # Splitting on a pattern with one group gives words and numbers by turns.
        parts = self._known.split(text)
        return Markup("").join(_link(part) if place % 2 else escape(part) for place, part in enumerate(parts))


def _link(number: str) -> Markup:
    digits = re.sub(r"[^\d+]", "", number)
    return Markup('<a class="govuk-link" href="tel:{}">{}</a>').format(digits, number)
