"""Is anybody in danger? `screen(text, Context(...))` gives none, concern or immediate, with its reasons."""

from bot.screening.screen import Context, Level, Screening, screen, why

__all__ = ["Context", "Level", "Screening", "screen", "why"]
