"""Logs of the sealed process: where something happened and of what class, never what a person wrote.

Rasa puts message texts, slots and whole requests of the action server into its log, at error level too. So nothing
of a record's text is let through, known or unknown: what is not asked for cannot leak.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

_original_factory = logging.getLogRecordFactory()


def _bare_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _original_factory(*args, **kwargs)
    error = record.exc_info[0] if record.exc_info and record.exc_info[0] else sys.exc_info()[0]
    record.msg = f"{record.levelname} {record.name}:{record.lineno}" + (f" {error.__name__}" if error else "")
    record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
    return record


def silence_words() -> None:
    """Strip every log record of this process, from now on, down to its place, level and class of exception."""
    logging.setLogRecordFactory(_bare_record)
    logging.getLogger("rasa").setLevel(logging.ERROR)
    # Rasa takes the braces of a choice's payload for a blank, reports an error, and keeps the payload, as it should.
    logging.getLogger("rasa.core.nlg").setLevel(logging.CRITICAL)
