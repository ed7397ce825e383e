"""One log, in which nothing a person wrote can appear."""

import logging
import re
import sys

OURS = ("bot", "actions")
# What may be filled into a line of ours: ids, numbers, codes, names of classes and places.
_SAFE = re.compile(r"^[\w.:/\-+,= \[\]()']{0,120}$")
_SPACES_AND_LETTERS = re.compile(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+")


class NoWords(logging.Filter):
    """Fails closed: what is not known to be safe is not written.

    Of our own lines the template is kept and every filled-in value must look like an id, a number or a code. Of
    other packages' lines only the logger, the level and the class of an exception are kept: their templates can hold
    requests, and requests hold people's words.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in OURS:
            if record.args and not isinstance(record.args, dict):
                record.args = tuple(_safe(value) for value in record.args)
        else:
            record.msg, record.args = "a line of this package is left out", ()
        if record.exc_info:
            kind = record.exc_info[0]
            record.msg = f"{record.msg} exception={kind.__name__ if kind else 'none'}"
            record.exc_info = record.exc_text = None
        record.stack_info = None
        return True


def _safe(value: object) -> object:
    if isinstance(value, int | float) or value is None:
        return value
    text = str(value)
    return text if _SAFE.match(text) and not _SPACES_AND_LETTERS.search(text) else "[left out]"


def start_logging(process: str) -> None:
    """Write everything to standard error in one form, through the filter.

    Args:
        process: the name of this process, at the beginning of each line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NoWords())
    handler.setFormatter(logging.Formatter(f"%(asctime)s {process} %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
