"""What the clock does: answers owed turns, sends owed texts, alerts and referrals, sweeps, replays the spool."""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from bot.advocates import referring
from bot.advocates.sweep import Sweep
from bot.conversation import alarm, inbox, outbox, spool, turn
from bot.service import Service

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between looks when there is nothing to do


def run(service: Service, stop: threading.Event) -> None:
    """Work until told to stop. Each kind of work has a thread of its own: alarms never wait behind a slow Rasa."""
    client = outbox.twilio_client(service.settings) if service.settings.sms_on else None
    lanes: list[Callable[[], bool]] = [
        lambda: turn.answer_next(service),
        lambda: turn.answer_next(service),
        lambda: alarm.raise_next(service, client),
        lambda: referring.send_next(service, client),
        Sweep(service).look,
        lambda: spool.replay(service.settings.home, lambda message: inbox.receive(service, message)) > 0,
    ]
    if client is not None:
        lanes.append(lambda: outbox.send_next(service, client))
    threads = [threading.Thread(target=_lane, args=(work, stop), name=f"lane-{n}") for n, work in enumerate(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


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
