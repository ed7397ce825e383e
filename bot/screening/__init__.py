"""Is anybody in danger? `screen(text, Context(...))` gives none, concern or immediate, with its reasons."""

from bot.screening.cues import Level
from bot.screening.screen import Context, Screening, learned_ready, screen, why

__all__ = ["Context", "Level", "Screening", "learned_ready", "screen", "why"]
