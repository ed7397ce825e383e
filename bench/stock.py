"""The same assistant as a stock Rasa project, for `bench/whole_path.py` to race against.

Taken over as they are: intents with their examples, slots, form, rules, responses in English, and the action server
with every action of ours. From Rasa: its default pipeline and policies, its REST channel, its trackers in memory, and
its own way of putting responses into words. Two things differ from the default: `RulePolicy` falls back on our action,
without which no free text begins a complaint, and examples are thinned to a number an intent, to train in minutes.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT
from bot.training import PROGRESS

DEFAULT = "lib/python3.10/site-packages/rasa/engine/recipes/config_files/default_config.yml"
FALLBACK = {"core_fallback_action_name": "action_take_message"}
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def write_project(folder: Path, *, rasa_home: Path, known: Mapping[str, str], examples: int, stories: bool) -> int:
    """Write the project of the stock assistant; returns how many examples it learns from.

    Args:
        rasa_home: the sealed environment, which holds Rasa's own default configuration.
        known: the blanks of responses that are the same for everybody.
        examples: how many of each intent; 0 for all.
        stories: give the machine-learning policies something to learn from.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load((rasa_home / DEFAULT).read_text(encoding="utf-8"))
    for policy in config["policies"]:
        if policy["name"] == "RulePolicy":
            policy.update(FALLBACK)
    _write(folder / "config.yml", config)
    domain = (ROOT / "domain.yml").read_text(encoding="utf-8")
    for name, words in known.items():
        domain = domain.replace(f"{{{name}}}", words)
    (folder / "domain.yml").write_text(domain, encoding="utf-8")
    for file in sorted((ROOT / "data/rules").glob("*.yml")):
        (folder / "data" / f"rules-{file.name}").write_bytes(file.read_bytes())
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    if stories:
        _write_stories(folder / "data/stories.yml")
    return _write_examples(folder / "data/nlu.yml", examples)


def _write_stories(file: Path) -> None:
    """Stories of three turns outside a complaint, each turn as a rule has it.

    The machine-learning policies of the default have nothing to learn from rules; `rasa init` gives every project some
    stories, and from these they learn and take part in each prediction as they would there.
    """
    turns = []
    for source in sorted((ROOT / "data/rules").glob("*.yml")):
        for rule in yaml.safe_load(source.read_text(encoding="utf-8"))["rules"]:
            if {"active_loop": None} in rule["condition"] and len(rule["steps"]) == 2:
                first, action = rule["steps"]
                turns += [[intent, action] for intent in first.get("or", [first])]
    threes = zip(turns, turns[1:] + turns[:1], turns[2:] + turns[:2], strict=True)
    stories = [{"story": f"story {n}", "steps": [*one, *two, *three]} for n, (one, two, three) in enumerate(threes, 1)]
    _write(file, {"version": "3.1", "stories": stories})


def _write_examples(file: Path, most: int) -> int:
    entries, count = [], 0
    for source in sorted((ROOT / "data/nlu").glob("*.yml")):
        for entry in yaml.safe_load(source.read_text(encoding="utf-8"))["nlu"]:
            lines = entry["examples"].splitlines()
            kept = lines[:: max(1, len(lines) // most)][:most] if most else lines
            count += len(kept)
            entries.append({"intent": entry["intent"], "examples": "\n".join(kept) + "\n"})
    _write(file, {"version": "3.1", "nlu": entries})
    return count


def _write(file: Path, content: Any) -> None:
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def train(folder: Path, *, python: str, say: Callable[[str], None]) -> None:
    """Train the project with stock Rasa, unless a model is there.

    Raises:
        RuntimeError: the training failed; the message holds its last lines.
    """
    if list((folder / "models").glob("*.tar.gz")):
        return
    lines = []
    with subprocess.Popen(
        [python, "-m", "rasa", "train", "--fixed-model-name", "stock"],
        cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if step := PROGRESS.search(line):
                say(f"   {step[1]}")
    if process.returncode != 0:
        raise RuntimeError("Stock Rasa could not be trained. Its last lines:\n" + "\n".join(lines[-15:]))


def start(folder: Path, *, python: str, port: int, actions: Mapping[str, Any], log: Path) -> subprocess.Popen[bytes]:
    """Run the trained project on loopback.

    Args:
        actions: `url` and `headers` of the action server, as endpoints.yml has them.
    """
    _write(folder / "endpoints.yml", {"action_endpoint": dict(actions)})
    command = [python, "-m", "rasa", "run", "--quiet", "--endpoints", "endpoints.yml", "--credentials"]
    command += ["credentials.yml", "--interface", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        return subprocess.Popen(command, cwd=folder, env=_environment(), stdout=out, stderr=out)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SPEAKUP_")} | ENVIRONMENT
