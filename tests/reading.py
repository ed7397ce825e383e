"""How old a reader must be for a text, by the usual formula."""

import re

# Reading age 9 is the fourth school year. The formula knows no familiar long words ("complaint", "Ombudsman",
# "person"), of which many sentences here have one, so half a year is allowed for them.
READING_AGE = 9.5


def syllables(word):
    """Groups of vowels, less a silent ending: `-e`, `-es` and `-ed` where they are not sounded."""
    word = re.sub(r"[^a-z]", "", word.lower())
    if len(word) > 3:
        word = re.sub(r"(?<=[^aeiouytdl])ed$|(?<=[^aeiouylsxzgc])es$|(?<=[^aeiouyl])e$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def reading_age(text):
    """Flesch-Kincaid grade plus five: the age at which a school year is begun."""
    sentences = [part for part in re.split(r"[.?!]", text) if part.strip()]
    words = re.findall(r"[A-Za-z']+", text)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return grade + 5
