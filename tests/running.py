"""The whole service really running: supervisor, web, worker, action server and the sealed Rasa."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from bot.cases import staff
from bot.cases.database import open_vault
from bot.channels.twilio_stand_in import StandIn
from bot.service import Service
from bot.settings import ROOT, Settings
from bot.training import model_path, train
from tests.mailbox import Mailbox

READY_WITHIN = 180  # seconds; two slow cores, a cold disk


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@dataclass
class Running:
    """The running service: where it is, and what a test may do to it."""

    settings: Settings
    stand_in: StandIn
    mailbox: Mailbox
    process: subprocess.Popen
    environment: dict[str, str]
    log: Path
    http: httpx.Client
    store: Service

    @property
    def url(self):
        return self.settings.public_url

    def service(self):
        """A look into its store from outside, with its own keys: other tests of this process have theirs."""
        open_vault(self.settings.field_keys, self.settings.hash_key)
        return self.store

    def pid_of(self, name):
        """The process of one part, found by its command among the supervisor's children."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == self.process.pid and name in command:
                return int(folder.name)
        raise AssertionError(f"{name} is not running")

    def kill(self, name):
        """Kill one part outright."""
        os.kill(self.pid_of(name), signal.SIGKILL)

    def restart(self):
        """Stop every part as an installation is stopped, and start it again on the same store."""
        end(self.process)
        self.process = start(self.environment, self.log)
        self.wait_ready()

    def wait_ready(self, seconds=READY_WITHIN):
        """Wait until a message would be kept and answered."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if self.http.get("/readyz", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                pass
            assert self.process.poll() is None, f"the service ended: {self.log.read_text()[-2000:]}"
            time.sleep(0.5)
        raise AssertionError(f"not ready after {seconds} s: {self.log.read_text()[-2000:]}")


def start(environment, log):
    """The supervisor with all its parts."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )


def end(process):
    """Stop it and its parts."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """The service running for all tests of a session."""
    with serving(tmp_path_factory.mktemp("running")) as ready:
        yield ready


@contextmanager
def serving(home: Path) -> Iterator[Running]:
    """`bot serve` on free ports with a store of its own, texts going to the stand-in and e-mail to a mailbox.

    Args:
        home: an empty folder.
    """
    mailbox = Mailbox().start()
    web, rasa, actions = free_port(), free_port(), free_port()
    settings = Settings(
        home=home,
        secret_key=secrets.token_urlsafe(32),
        field_keys=Fernet.generate_key().decode(),
        hash_key=secrets.token_urlsafe(32),
        rasa_secret=secrets.token_urlsafe(32),
        actions_secret=secrets.token_urlsafe(32),
        public_url=f"http://127.0.0.1:{web}",
        web_port=web,
        rasa_url=f"http://127.0.0.1:{rasa}",
        actions_port=actions,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="journey-token",
        twilio_from="+447700900000",
        twilio_api_base="http://127.0.0.1:0",
        smtp_url=mailbox.url,
    )
    if not model_path(settings).exists():
        train(settings, say=lambda line: None)
    stand_in = StandIn(settings.twilio_account_sid, settings.twilio_auth_token, settings.public_url)
    listening = stand_in.start(0)
    environment = os.environ | {
        "SPEAKUP_" + name.upper(): str(value)
        for name, value in vars(settings).items()
        if name in CHANGED
    } | {"SPEAKUP_TWILIO_API_BASE": listening.address}  # fmt: skip
    log = home / "serve.log"
    process = start(environment, log)
    store = Service.load(settings)
    http = httpx.Client(base_url=settings.public_url, timeout=60)
    ready = Running(settings, stand_in, mailbox, process, environment, log, http, store)
    try:
        ready.wait_ready()
        yield ready
    finally:
        http.close()
        store.dialogue.close()
        store.database.engine.dispose()
        end(ready.process)
        listening.stop()
        mailbox.stop()


CHANGED = (
    "home", "secret_key", "field_keys", "hash_key", "rasa_secret", "actions_secret", "public_url", "web_port",
    "rasa_url", "actions_port", "twilio_account_sid", "twilio_auth_token", "twilio_from",
    "smtp_url",
)  # fmt: skip


@pytest.fixture(scope="session")
def officer(running):
    """Somebody who may work cases: e-mail and password."""
    from datetime import UTC, datetime

    with running.service().database.write() as session:
        person, password = staff.create_user(
            session, email="ana@example.org", name="Ana Price", role="manager", now=datetime.now(UTC), by="setup"
        )
        person.must_change_password = False
    return "ana@example.org", password
