"""Rasa's own test stories, run by Rasa in its sealed environment over the trained model."""

import os
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import yaml

from bot.settings import ROOT
from bot.training import model_path, sealed_environment, train

pytestmark = pytest.mark.slow

STORIES = ROOT / "tests/conversations/test_beginnings.yml"


@pytest.fixture(scope="session")
def model(settings, tmp_path_factory):
    """The model for the present data: given by SPEAKUP_TEST_MODEL, trained already, or trained now."""
    if given := os.environ.get("SPEAKUP_TEST_MODEL"):
        return Path(given)
    if model_path(settings).exists():
        return model_path(settings)
    return train(replace(settings, models=tmp_path_factory.mktemp("models")), say=lambda line: None)


def sealed(settings, *command):
    """Run Rasa and give what it printed, failing with it."""
    done = subprocess.run(
        [settings.rasa_python, "-m", "rasa", *command], cwd=ROOT, env=sealed_environment(settings),
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


def test_conversations_begin_as_told(settings, model, tmp_path):
    """Every test story is followed: for each intent the rule is chosen that should be."""
    # What words are for is found before Rasa is asked (tests/unit/test_intents.py), so Rasa is told the intents alone.
    told = yaml.safe_load(STORIES.read_text())
    for story in told["stories"]:
        for step in story["steps"]:
            step.pop("user", None)
    stories = tmp_path / "test_beginnings.yml"
    stories.write_text(yaml.safe_dump(told))
    sealed(
        settings, "test", "core", "--model", str(model), "--stories", str(stories), "--out", str(tmp_path),
        "--fail-on-prediction-errors",
    )  # fmt: skip
    failed = (tmp_path / "failed_test_stories.yml").read_text()
    assert "- story" not in failed, failed


def test_domain_rules_and_data_agree(settings):
    """Rasa finds no rule for an intent, action or slot that is not there."""
    sealed(settings, "data", "validate", "--max-history", "5", "--fail-on-warnings")


def test_repairs_of_rasa_fit(settings):
    """The private parts that the sealed channel repairs are those of this Rasa, and it refuses to start without."""
    check = (
        "from rasa.shared.core.events import Event, SlotSet, UserUttered\n"
        "from rasa.core.actions.action import RemoteAction\n"
        "import sealed.channel, jsonschema\n"
        "assert Event.resolve_by_type('user') is UserUttered and Event.resolve_by_type('slot') is SlotSet\n"
        "assert Event.resolve_by_type('nothing', SlotSet) is SlotSet\n"
        "action = RemoteAction('x', None)\n"
        "assert action._validate_action_result({'events': [], 'responses': []})\n"
        "try: action._validate_action_result({'events': [{'event': 'slot', 'secret': 'words'}]})\n"
        "except jsonschema.ValidationError as error: assert 'words' not in str(error)\n"
        "else: raise SystemExit('a wrong answer was taken')\n"
        "del RemoteAction._validate_action_result\n"
        "from sealed import patches\n"
        "try: patches.apply()\n"
        "except patches.PatchDoesNotFit: print('refused')\n"
    )
    done = subprocess.run(
        [settings.rasa_python, "-c", check], cwd=ROOT, env=sealed_environment(settings), capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("refused"), done.stderr[-2000:]


def test_log_of_the_sealed_process_holds_no_words(settings):
    """Whatever Rasa logs, with whatever arguments and exceptions, only place, level and class are left."""
    check = (
        "import logging, sys\n"
        "logging.basicConfig(stream=sys.stdout)\n"
        "from sealed.quiet import silence_words\n"
        "silence_words()\n"
        "log = logging.getLogger('rasa.core.processor')\n"
        "try: raise ValueError('Barnaby hit me')\n"
        "except ValueError: log.exception('failed on %s', 'Barnaby hit me')\n"
        "import structlog; structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())\n"
        "structlog.get_logger('rasa').error('rest.message', text='Barnaby hit me')\n"
    )
    done = subprocess.run(
        [settings.rasa_python, "-c", check], cwd=ROOT, env=sealed_environment(settings), capture_output=True,
        text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "ValueError" in done.stdout
    assert "Barnaby" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def alone(settings, model, tmp_path_factory):
    """A sealed Rasa whose action server is away: its address, and the file of its log."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    log = tmp_path_factory.mktemp("rasa") / "rasa.log"
    command = [settings.rasa_python, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)]
    command += ["--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    environment = sealed_environment(settings) | {"ACTIONS_URL": "http://127.0.0.1:9/webhook"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/webhooks/speakup/"
    try:
        _wait_for(url, process)
        yield url, log
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(url, process):
    for _ in range(240):
        assert process.poll() is None, "Rasa ended while starting"
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError("Rasa did not start")


def test_channel_refuses_strangers_and_says_what_is_wrong(settings, alone):
    """Without the secret nothing is heard; a wrong body gets a clear answer."""
    url, _ = alone
    known = {"X-Speak-Up-Secret": settings.rasa_secret}
    good = {"sender": "leg", "message": "hello", "channel": "web", "metadata": {}}

    assert httpx.post(url + "webhook", json=good).status_code == 403
    assert httpx.post(url + "webhook", json=good, headers={"X-Speak-Up-Secret": "x" * 40}).status_code == 403
    assert httpx.post(url + "webhook", content=b"{", headers=known).status_code == 400
    wrong = httpx.post(url + "webhook", json=good | {"channel": "fax"}, headers=known)
    assert (wrong.status_code, wrong.json()) == (400, {"error": "channel must be sms or web"})


def test_turn_that_failed_is_no_success_and_tells_no_words(settings, alone):
    """With the action server away the answer is 500, and no log holds what the person wrote."""
    url, log = alone
    said = {"sender": "leg2", "message": "Barnaby hit me with a shoe", "channel": "sms", "metadata": {}}
    answer = httpx.post(url + "webhook", json=said, headers={"X-Speak-Up-Secret": settings.rasa_secret}, timeout=30)

    assert answer.status_code == 500
    assert answer.json()["failures"]
    assert "Barnaby" not in answer.text + log.read_text()
