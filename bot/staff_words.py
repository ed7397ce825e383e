"""What the service writes to staff outside the console's pages."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _all() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return words


def staff_words(name: str, *, level: str, **facts: str) -> dict[str, str]:
    """The subject and the text of a message to staff, with its blanks filled in."""
    return {part: text.format_map(facts) for part, text in _all()[name][level].items()}
