"""What Rasa must load in its own sealed environment. Nothing here may import `bot` or `actions`."""
