"""What words mean, in numbers: words that mean alike lie near one another.

A small sentence embedding (all-MiniLM-L6-v2) that was taught from a great deal of English, so that a word which none of
our examples holds still counts by what it means. It runs in this process and sends nothing anywhere.
"""

from bot.meaning.reader import WIDTH, Meaning, Vectors
from bot.meaning.weights import digest, meaning

__all__ = ["WIDTH", "Meaning", "Vectors", "digest", "meaning"]
