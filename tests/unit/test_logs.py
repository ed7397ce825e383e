"""The log holds no words of people, whoever writes to it."""

import logging

import pytest

from bot.logs import NoWords


def written(name, message, *args, error=None):
    """What one record looks like after the filter."""
    info = (type(error), error, None) if error else None
    record = logging.LogRecord(name, logging.ERROR, "file.py", 1, message, args, info)
    assert NoWords().filter(record)
    return logging.Formatter("%(name)s %(message)s").format(record)


def test_our_line_keeps_ids_and_codes():
    """Ids, numbers and codes are what a log is for."""
    assert written("bot.x", "turn job=%s error=%s", 7, "ConnectError") == "bot.x turn job=7 error=ConnectError"


@pytest.mark.parametrize("words", ["my foster carer shouts", "I'm scared!", "i hate it here", "line\nbreak"])
def test_sentence_in_our_line_is_left_out(words):
    """A person's sentence that slips into a value is replaced."""
    assert words not in written("bot.x", "handled %s", words)


def test_line_of_another_package_loses_its_words():
    """Other packages' lines can hold whole requests: only who wrote and how bad it is remain."""
    line = written("twilio.http_client", "POST Body=%s", "my foster carer shouts at me")
    assert "foster" not in line


def test_traceback_is_reduced_to_its_class():
    """An exception's text can quote what was being handled: only its class is kept."""
    line = written("bot.x", "work failed", error=ValueError("my foster carer shouts at me"))
    assert "foster" not in line
    assert "ValueError" in line
