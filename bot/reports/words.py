"""The words of the reports, read from `words.yml`: titles, rows and sentences are data."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Titles, labels and sentences of the reports, by their stable keys."""
    read: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
    return read
