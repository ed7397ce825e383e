"""The whole path of a message, raced against stock Rasa: `PYTHONPATH=. .venv/bin/python bench/whole_path.py`.

Starts the service as it really runs (web, worker, action server, sealed Rasa, its own store) and beside it stock Rasa
(`bench/stock.py` says what that has in common with ours), and lets invented people tell the conversations of
`bench/conversations.yml` to each in turn: one person alone, then several at once, round by round, so that whatever else
the machine does falls on both. The aims: one person answered within 60 ms at the median and 150 ms for 95 in 100
messages, three times as fast as stock Rasa and three times its throughput.
"""

import argparse
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import stock
import yaml

from bot.cases import conversations, database
from bot.conversation import inbox
from bot.evaluation.figures import table
from bot.service import Service
from bot.settings import ROOT, Settings, on_one_core
from tests.running import CHANGED, Running, free_port, serving

TOLD = Path(__file__).with_name("conversations.yml")
REFERENCE = re.compile(r"SU-[A-Z0-9-]+")
READY_WITHIN = 240  # seconds
Say = Callable[[str], list[dict[str, Any]]]


@dataclass
class Measured:
    """What one side was measured at: milliseconds a message alone and in a crowd, messages a second in a crowd."""

    alone: list[list[float]] = field(default_factory=list)
    crowd: list[list[float]] = field(default_factory=list)
    throughput: list[float] = field(default_factory=list)
    filed: int = 0
    told: int = 0


@dataclass(frozen=True)
class Side:
    """One of the two that are raced.

    Args:
        begin: begins a conversation; returns how one says something in it and hears the replies.
        processes: the ids of its processes, for the memory they hold.
    """

    name: str
    begin: Callable[[], Say]
    processes: Callable[[], list[int]]
    measured: Measured = field(default_factory=Measured)


# --- the two sides ---------------------------------------------------------------------------------------------------


def ours(running: Running) -> Side:
    """The service, over its JSON interface."""

    def begin() -> Say:
        handle, _ = inbox.begin(running.service(), now=datetime.now(UTC))
        client = httpx.Client(base_url=running.url, timeout=60)
        count = iter(range(1000))

        def say(text: str) -> list[dict[str, Any]]:
            body = {"id": f"m{next(count)}", "text": text}
            answer = client.post(f"/chat/api/conversations/{handle}/messages", json=body).raise_for_status().json()
            return list(answer["replies"])

        return say

    return Side("whole path", begin, lambda: [running.process.pid, *_children(running.process.pid)])


@contextmanager
def stock_side(folder: Path, home: Path, settings: Settings, *, examples: int, stories: bool) -> Iterator[Side]:
    """Stock Rasa over its REST channel, with an action server and a store of its own."""
    rasa, actions = free_port(), free_port()
    settings = replace(settings, home=home, actions_port=actions, rasa_url=f"http://127.0.0.1:{rasa}")
    service = Service.load(settings)
    database.upgrade(service.database)
    count = stock.write_project(
        folder, rasa_home=Path(settings.rasa_python).parents[1],
        known={name: service.words.in_words(each) for name, each in service.council.named_in_responses.items()},
        examples=examples, stories=stories,
    )  # fmt: skip
    progress(f"Stock Rasa learns from {count} examples (some minutes, unless a model is kept in {folder}) …")
    python = str(Path(settings.rasa_python).absolute())
    stock.train(folder, python=python, say=progress)
    with ExitStack() as started:
        acting = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "bot.wsgi:actions()", "--bind", f"127.0.0.1:{actions}",
             "--worker-class", "gthread", "--threads", "4", "--log-level", "warning"],
            cwd=ROOT, env=on_one_core(_environment(settings)),
        )  # fmt: skip
        started.callback(stock.end, acting)
        endpoint = {
            "url": f"http://127.0.0.1:{actions}/webhook",
            "headers": {"X-Speak-Up-Secret": settings.actions_secret},
        }
        talking = stock.start(folder, python=python, port=rasa, actions=endpoint, log=folder / "rasa.log")
        started.callback(stock.end, talking)
        _wait(f"http://127.0.0.1:{actions}/health", acting)
        _wait(f"http://127.0.0.1:{rasa}/webhooks/rest/", talking)

        def begin() -> Say:
            with service.database.write() as session:
                leg = conversations.open_conversation(session, channel="web", now=datetime.now(UTC)).leg
            client = httpx.Client(base_url=f"http://127.0.0.1:{rasa}", timeout=60)

            def say(text: str) -> list[dict[str, Any]]:
                body = {"sender": leg, "message": text, "input_channel": "web"}
                return list(client.post("/webhooks/rest/webhook", json=body).raise_for_status().json())

            return say

        both = (talking.pid, acting.pid)
        yield Side("stock Rasa", begin, lambda: [each for pid in both for each in (pid, *_children(pid))])


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {f"SPEAKUP_{name.upper()}": str(getattr(settings, name)) for name in CHANGED}


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"{address} ended before it was ready.")
        try:
            if httpx.get(address, timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"{address} was not ready within {READY_WITHIN} s.")


# --- measuring -------------------------------------------------------------------------------------------------------


def tell(side: Side, said: list[str]) -> list[float]:
    """Tell one conversation; returns the milliseconds each message took, and counts whether it was filed."""
    say, heard, took = side.begin(), "", []
    for text in said:
        begun = time.perf_counter()
        replies = say(text)
        took.append((time.perf_counter() - begun) * 1000)
        heard += " ".join(str(each.get("text")) for each in replies)
    side.measured.told += 1
    side.measured.filed += bool(REFERENCE.search(heard))
    return took


def round_of(side: Side, told: Mapping[str, list[str]], *, people: int) -> None:
    """One round: every conversation by one person after another, then by several people at once."""
    side.measured.alone.append([ms for said in told.values() for ms in tell(side, said)])
    crowd = [said for _ in range(-(-people // len(told))) for said in told.values()][:people]
    begun = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        took = [ms for each in pool.map(lambda said: tell(side, said), crowd) for ms in each]
    side.measured.throughput.append(len(took) / (time.perf_counter() - begun))
    side.measured.crowd.append(took)


def by_text(running: Running, said: list[str], number: str) -> tuple[list[float], list[float]]:
    """A conversation by text: milliseconds until the carrier was answered, and until the reply reached it."""
    accepted, arrived = [], []
    for text in said:
        before = len(running.stand_in.to(number))
        begun = time.perf_counter()
        running.stand_in.text(number, text).raise_for_status()
        accepted.append((time.perf_counter() - begun) * 1000)
        running.stand_in.wait_for(number, before + 1, seconds=30)
        arrived.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.5)  # the rest of the answer
    return accepted, arrived


def memory(pids: list[int]) -> float:
    """Megabytes that processes hold, shared pages counted once."""
    lines = (line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    own = [int(each) for thread in listed.parents[1].glob("*/children") for each in thread.read_text().split()]
    return [each for child in own for each in (child, *_children(child))]


# --- telling ---------------------------------------------------------------------------------------------------------


def progress(line: str) -> None:
    """A line while it runs."""
    print(line, file=sys.stderr, flush=True)


def share_below(values: list[float], share: float) -> float:
    """The value that this share of values does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def report(sides: list[Side], people: int) -> Iterator[str]:
    """The figures of both sides, and how many times faster ours is, with the least and most of any round."""
    rows = []
    for side in sides:
        alone, crowd = (list(chain(*each)) for each in (side.measured.alone, side.measured.crowd))
        times = (f"{ms:.1f} ms" for each in (alone, crowd) for ms in (median(each), share_below(each, 0.95)))
        filed = f"{side.measured.filed} of {side.measured.told}"
        rows.append((side.name, *times, round(median(side.measured.throughput), 1), memory(side.processes()), filed))
    yield from table(
        ("", "alone", "95 in 100", f"{people} at once", "95 in 100", "messages a second", "MB", "filed"), rows
    )
    one, other = (side.measured for side in sides)
    rounds = list(zip(one.alone, other.alone, strict=True))
    yield times_faster("median alone", [median(slow) / median(fast) for fast, slow in rounds])
    yield times_faster("95 in 100 alone", [share_below(slow, 0.95) / share_below(fast, 0.95) for fast, slow in rounds])
    yield times_faster("throughput", [a / b for a, b in zip(one.throughput, other.throughput, strict=True)])


def times_faster(what: str, ratios: list[float]) -> str:
    """A ratio with its spread over the rounds."""
    spread = f"{min(ratios):.1f} to {max(ratios):.1f} in {len(ratios)} rounds"
    return f"{what}: {median(ratios):.1f} times stock Rasa ({spread})"


SAME = """\
The same on both sides: messages, intents, slots, form, rules, responses, the action server with our actions, and a
store. Only on our path: every message kept encrypted and screened for danger, replies kept, the intent found by our
classifier from all examples. Only in stock Rasa: its default pipeline (DIET) and policies."""
RULES_ALONE = "It learnt from rules alone, so its machine-learning policies predict nothing, which is to its advantage."
STORIES = "It learnt from stories as well (three turns each, made of the rules), so all its default policies predict."


def race(sides: list[Side], running: Running, given: argparse.Namespace) -> tuple[list[float], list[float]]:
    """Every round, the order of the sides changing; returns what texts took, as `by_text` does."""
    told = yaml.safe_load(TOLD.read_text(encoding="utf-8"))
    for side in sides:
        progress(f"Warming up: {side.name} …")
        for said in told.values():
            tell(side, said)
        if side.measured.filed < side.measured.told:
            raise SystemExit(f"{side.name} files not every conversation: it would race with less work.")
        side.measured.told = side.measured.filed = 0
    accepted: list[float] = []
    arrived: list[float] = []
    for number in range(given.rounds):
        for side in sides if number % 2 == 0 else sides[::-1]:
            round_of(side, told, people=given.people)
        answered, replied = by_text(running, next(iter(told.values())), f"+4477009{number + 500:05d}")
        accepted += answered
        arrived += replied
        shown = (f"{each.name} {median(each.measured.alone[-1]):.1f} ms" for each in sides)
        progress(f"Round {number + 1} of {given.rounds}: {', '.join(shown)}")
    return accepted, arrived


def main() -> None:
    """Run the race and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=8, help="how many at once")
    parser.add_argument("--examples", type=int, default=60, help="of each intent, for stock Rasa to learn; 0: all")
    parser.add_argument(
        "--stories", action="store_true", help="give stock Rasa's machine-learning policies stories to learn from"
    )
    parser.add_argument("--stock", type=Path, help="a folder that keeps the stock project and its model between runs")
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each text sent
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        progress("Starting the service …")
        (folder / "ours").mkdir()
        running = started.enter_context(serving(folder / "ours"))
        project = (given.stock or folder / "stock").absolute()
        beside = stock_side(project, folder / "store", running.settings, examples=given.examples, stories=given.stories)
        sides = [ours(running), started.enter_context(beside)]
        accepted, arrived = race(sides, running, given)
        print("\n".join([SAME, STORIES if given.stories else RULES_ALONE, *report(sides, given.people)]))
    print(
        f"By text: the carrier answered in {median(accepted):.1f} ms, 95 in 100 {share_below(accepted, 0.95):.1f} ms; "
        f"the reply with the carrier after {median(arrived):.1f} ms, 95 in 100 {share_below(arrived, 0.95):.1f} ms"
    )


if __name__ == "__main__":
    main()
