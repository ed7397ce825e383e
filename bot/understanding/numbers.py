"""Numbers as people write them in words."""

_UNITS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

NUMBER_WORDS: dict[str, int] = {word: number for number, word in enumerate(_UNITS, 1)}
NUMBER_WORDS |= {word: number * 10 for number, word in enumerate(_TENS, 2)}
NUMBER_WORDS |= {
    f"{ten}{joint}{unit}": NUMBER_WORDS[ten] + number
    for ten in _TENS
    for number, unit in enumerate(_UNITS[:9], 1)
    for joint in ("-", " ", "")
}
"""Whole numbers from one to ninety-nine, each also as "seventy two" and "seventytwo"."""
