"""Everything under one supervisor: web, worker, action server and the sealed Rasa, with one log."""

import ctypes
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.service import Service
from bot.settings import ROOT, Settings, on_one_core
from bot.training import model_path, sealed_environment

RESTART_WAITS = (1, 2, 5, 10, 30)  # seconds; a process that keeps dying is tried ever more seldom
STEADY = 60  # seconds after which a process counts as well again
# Rasa's process is not ours: of all it prints only a level, a place and the class of an error may pass.
RASA_SPEAKS = re.compile(r"(?:(?:WARNING|ERROR|CRITICAL) [\w.]+:\d+(?: \w+)?|^[\w.]+(?:Error|Exception)\b)")
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True)
class Part:
    """One process of the service.

    Args:
        name: what the log calls it.
        command: how it is started.
        environment: if not ours.
        spoken: which of its lines may stand in our log; None for a process that filters its own.
    """

    name: str
    command: list[str]
    environment: dict[str, str] | None = None
    spoken: re.Pattern[str] | None = None


def parts(settings: Settings) -> list[Part]:
    """The four processes. Rasa and the action server listen on loopback only."""
    rasa = urlsplit(settings.rasa_url)
    model = str(model_path(settings))
    return [
        Part("actions", _gunicorn("bot.wsgi:actions()", f"127.0.0.1:{settings.actions_port}", threads=4)),
        Part(
            "rasa",
            [
                *(settings.rasa_python, "-m", "rasa", "run", "--quiet", "--model", model),
                *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
                *("--interface", "127.0.0.1", "--port", str(rasa.port)),
            ],
            sealed_environment(settings),
            RASA_SPEAKS,
        ),
        Part("web", _gunicorn("bot.wsgi:web()", f"{settings.web_host}:{settings.web_port}", settings.web_threads)),
        Part("worker", [sys.executable, "-m", "bot.cli", "worker"]),
    ]


def _gunicorn(app: str, bind: str, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", app, "--bind", bind, "--worker-class", "gthread"),
        *("--threads", str(threads), "--log-level", "warning", "--timeout", "60", "--graceful-timeout", "5"),
        "--no-control-socket",
    ]


class Supervisor:
    """Starts the parts, starts again what dies, and stops all of them together.

    One part's death must not take the others along: the web and the screening go on without Rasa.
    """

    def __init__(self, wanted: list[Part]) -> None:
        self._parts = wanted
        self._stopping = threading.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> None:
        """Keep every part running until told to stop; returns when all have ended."""
        threads = [threading.Thread(target=self._keep, args=(part,), name=part.name) for part in self._parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Ask every part to end; those that do not within ten seconds are killed."""
        self._stopping.set()
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()

    def _keep(self, part: Part) -> None:
        deaths = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run_once(part)
            if self._stopping.is_set():
                return
            deaths = 1 if time.monotonic() - started > STEADY else deaths + 1
            wait = RESTART_WAITS[min(deaths, len(RESTART_WAITS)) - 1]
            print(f"{part.name} ended with code {code}; starting it again in {wait} s", file=sys.stderr, flush=True)
            self._stopping.wait(wait)

    def _run_once(self, part: Part) -> int:
        heard = subprocess.PIPE if part.spoken else None
        process = subprocess.Popen(
            part.command, cwd=ROOT, env=on_one_core(part.environment),
            stdout=heard, stderr=subprocess.STDOUT if heard else None,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 -- one prctl call, made before any thread of the child exists
        )  # fmt: skip
        self._running[part.name] = process
        if part.spoken:
            threading.Thread(target=_repeat, args=(process, part.name, part.spoken), daemon=True).start()
        if self._stopping.is_set():
            process.terminate()
        while True:
            try:
                return process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                if self._stopping.is_set():
                    return _end(process)


def _repeat(process: subprocess.Popen[bytes], name: str, spoken: re.Pattern[str]) -> None:
    """Pass on the part of each line that may be in our log, and nothing else."""
    for line in process.stdout or ():
        if said := spoken.search(line.decode(errors="replace")):
            print(f"{name} {said[0]}", file=sys.stderr, flush=True)


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _end_with_parent() -> None:
    """Should the supervisor be killed outright, Linux ends its children too; nothing is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def check_ports(settings: Settings) -> None:
    """See that the ports are free, so that a second start says so instead of dying piece by piece.

    Raises:
        SettingsError: a port is taken; the message names it and the setting.
    """
    rasa = urlsplit(settings.rasa_url).port or 0
    wanted = {"SPEAKUP_WEB_PORT": settings.web_port, "SPEAKUP_ACTIONS_PORT": settings.actions_port}
    for name, port in {**wanted, "SPEAKUP_RASA_URL": rasa}.items():
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                raise SettingsError(
                    f"Port {port} is in use. Stop what uses it (another `make run`?), or set {name} to another."
                ) from None


def serve(service: Service, *, say: Callable[[str], None]) -> None:
    """Run everything until interrupted.

    Args:
        say: told when the service is ready, and where.

    Raises:
        SettingsError: something else has one of our ports.
    """
    check_ports(service.settings)
    supervisor = Supervisor(parts(service.settings))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.stop())
    announcer = threading.Thread(target=_announce, args=(service, say), daemon=True)
    announcer.start()
    supervisor.run()


def _announce(service: Service, say: Callable[[str], None]) -> None:
    started = time.monotonic()
    next_word = 10.0
    while not service.dialogue.ready():
        if time.monotonic() - started > next_word:
            say(f"   … Rasa is starting ({next_word:.0f} s)")
            next_word += 10
        time.sleep(0.3)
    where = service.settings.public_url
    say(f"Ready after {time.monotonic() - started:.0f} s.")
    say(f"   Chat           {where}/chat")
    say(f"   Casework       {where}/casework")
    if service.settings.twilio_api_base:
        say("   By text        in another terminal: .venv/bin/bot talk --channel sms")
    say("   Stop with Ctrl-C.")
