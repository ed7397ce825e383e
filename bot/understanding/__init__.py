"""What people's own words mean for a complaint. Pure: no store, no Rasa, and the day is an argument."""

from bot.understanding.facts import understand
from bot.understanding.questions import missing, questions
from bot.understanding.turn import Message, Taken, is_interruption, reopen, take

__all__ = ["Message", "Taken", "is_interruption", "missing", "questions", "reopen", "take", "understand"]
