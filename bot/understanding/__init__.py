"""What people's own words mean for a complaint. No store, no Rasa, and the day is an argument."""

from bot.understanding.facts import understand
from bot.understanding.hearing import Heard, hear
from bot.understanding.questions import missing, questions
from bot.understanding.turn import Message, Taken, is_interruption, reopen, take

__all__ = [
    "Heard", "Message", "Taken", "hear", "is_interruption", "missing", "questions", "reopen", "take", "understand",
]  # fmt: skip
