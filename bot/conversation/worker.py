"""What the clock does: answers owed turns, sends owed texts, alerts and referrals, sweeps, replays the spool."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.exc import OperationalError
from twilio.rest import Client

from bot.advocates import referring, sweep
from bot.cases import jobs
from bot.conversation import alarm, doorstep, inbox, outbox, reminders, spool, turn
from bot.service import Service

logger = logging.getLogger(__name__)

LOOK = 0.1  # seconds between two looks for work that is owed
PAUSE = 0.2  # seconds between two looks of a lane that looks for itself
ROUND = 300.0  # seconds between two rounds of what the calendar brings, not a message

# What a lane does, over and over: it says whether there was anything to do.
Work = Callable[[], bool]


def run(service: Service, stop: threading.Event) -> None:
    """Work until told to stop. Each kind of work has a thread of its own: alarms never wait behind a slow Rasa."""
    client = outbox.twilio_client(service.settings) if service.settings.sms_on else None
    # Several of a kind: a mail server that does not answer must not hold up the text beside it.
    owed: list[tuple[str, Work]] = [
        *(("turn", lambda: turn.answer_next(service)) for _ in range(2)),
        *(("alert", lambda: alarm.send_next(service, client)) for _ in range(3)),
        ("advocate", lambda: referring.send_next(service, client)),
    ]
    if client is not None:
        owed.append(("text", lambda: outbox.send_next(service, client)))
    due = {kind: threading.Event() for kind, _ in owed}
    looked_for: list[Work] = [
        lambda: _see_what_is_due(service, due, stop),
        lambda: alarm.owe_due(service, now=datetime.now(UTC)),
        rounds(
            lambda: doorstep.take_out_codes(service, now=datetime.now(UTC)),
            lambda: reminders.remind_next(service, now=datetime.now(UTC)),
        ),
        lambda: replay(service, client),
        rounds(lambda: sweep.look(service, now=datetime.now(UTC)), every=sweep.EVERY),
    ]
    lanes = [*((work, None) for work in looked_for), *((work, due[kind]) for kind, work in owed)]
    threads = [
        threading.Thread(target=_lane, args=(work, stop, wake), name=f"lane-{n}")
        for n, (work, wake) in enumerate(lanes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _see_what_is_due(service: Service, due: dict[str, threading.Event], stop: threading.Event) -> bool:
    """Wake the lanes there is work for. One look for all: each claims in a transaction that keeps writers out."""
    with service.database.read() as session:
        kinds = jobs.kinds_due(session, now=datetime.now(UTC))
    for kind in kinds & due.keys():
        due[kind].set()
    return not stop.wait(LOOK)


def rounds(*works: Work, every: float = ROUND) -> Work:
    """Work that is looked for now and then: each is done until nothing of it is left, and then rests.

    Args:
        every: seconds between two rounds.
    """
    next_round = time.monotonic()

    def go_round() -> bool:
        nonlocal next_round
        if time.monotonic() < next_round:
            return False
        if any(work() for work in works):
            return True
        next_round = time.monotonic() + every
        return False

    return go_round


def replay(service: Service, client: Client | None) -> bool:
    """Handle what was spooled; while the store is still away, tell people of the dangers in it."""
    try:
        return (
            spool.replay(
                service.settings.home,
                lambda message: inbox.keep(service, message),
                lambda received, told: alarm.keep_what_was_told(service, received, told),
            )
            > 0
        )
    except OperationalError:
        alarm.raise_for_spooled(service, client)
        raise


def _lane(work: Work, stop: threading.Event, wake: threading.Event | None) -> None:
    """Work until told to stop.

    Args:
        wake: is set when there may be something to do; None for a lane that looks for itself.
    """
    while not stop.is_set():
        if wake is not None and not wake.wait(PAUSE):
            continue
        try:
            worked = work()
        except OperationalError as error:
            logger.warning("store away error=%s", type(error).__name__)
            worked = False
            stop.wait(1)
        except Exception as error:  # noqa: BLE001 -- a lane must outlive any one piece of work; the lease brings it back
            logger.error("work failed error=%s", type(error).__name__)  # noqa: TRY400 -- a traceback could quote words
            worked = False
            stop.wait(1)
        if worked:
            continue
        if wake is not None:
            wake.clear()
        else:
            stop.wait(PAUSE)
