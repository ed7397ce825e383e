"""What the clock does: answers owed turns, sends owed texts, alerts and referrals, sweeps, replays the spool."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.exc import OperationalError
from twilio.rest import Client

from bot.advocates import referring, sweep
from bot.conversation import alarm, doorstep, inbox, outbox, reminders, spool, turn
from bot.service import Service

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between looks when there is nothing to do
ROUND = 300.0  # seconds between two rounds of what the calendar brings, not a message


def run(service: Service, stop: threading.Event) -> None:
    """Work until told to stop. Each kind of work has a thread of its own: alarms never wait behind a slow Rasa."""
    client = outbox.twilio_client(service.settings) if service.settings.sms_on else None
    lanes: list[Callable[[], bool]] = [
        lambda: turn.answer_next(service),
        lambda: turn.answer_next(service),
        # Several: a mail server that does not answer must not hold up the text beside it.
        lambda: alarm.raise_next(service, client),
        lambda: alarm.send_next(service, client),
        lambda: alarm.send_next(service, client),
        rounds(
            lambda: doorstep.take_out_codes(service, now=datetime.now(UTC)),
            lambda: reminders.remind_next(service, now=datetime.now(UTC)),
        ),
        lambda: replay(service, client),
        lambda: referring.send_next(service, client),
        rounds(lambda: sweep.look(service, now=datetime.now(UTC)), every=sweep.EVERY),
    ]
    if client is not None:
        lanes.append(lambda: outbox.send_next(service, client))
    threads = [threading.Thread(target=_lane, args=(work, stop), name=f"lane-{n}") for n, work in enumerate(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rounds(*works: Callable[[], bool], every: float = ROUND) -> Callable[[], bool]:
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


def _lane(work: Callable[[], bool], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            worked = work()
        except OperationalError as error:
            logger.warning("store away error=%s", type(error).__name__)
            worked = False
            time.sleep(1)
        except Exception as error:  # noqa: BLE001 -- a lane must outlive any one piece of work; the lease brings it back
            logger.error("work failed error=%s", type(error).__name__)  # noqa: TRY400 -- a traceback could quote words
            worked = False
            time.sleep(1)
        if not worked:
            stop.wait(PAUSE)
