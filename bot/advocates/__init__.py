"""Advocates: offered again when it matters, asked for a young person, and let in by a door of their own."""
