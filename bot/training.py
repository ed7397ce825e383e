"""Training the sealed Rasa's model, once for each state of the data it learns from."""

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from bot.council import load_council
from bot.errors import SettingsError
from bot.settings import ROOT, Settings
from bot.understanding import categories, intents

# What a model depends on; a change in any of it asks for a new one.
SOURCES = ("config.yml", "domain.yml", "data/nlu", "data/rules")
KEPT = 2
# Rasa's own steps, among pages of other packages' warnings.
PROGRESS = re.compile(r"^\S+ \S+ INFO +rasa\.\S+ +- (.*)")


def digest_of_data() -> str:
    """A short name for the present state of everything Rasa learns from."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*.yml")) if path.is_dir() else [path]:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def model_path(settings: Settings) -> Path:
    """Where the model for the present data is, or will be."""
    return settings.models / f"speak-up-{digest_of_data()}.tar.gz"


def train(settings: Settings, *, say: Callable[[str], None]) -> Path:
    """Train the model for the present data and forget older ones; returns its path.

    Args:
        say: told each line of Rasa's progress.

    Raises:
        SettingsError: the sealed environment is not there, or the training failed; the message holds its last lines.
    """
    if not Path(settings.rasa_python).exists():
        raise SettingsError(f"The sealed Rasa is not installed at {settings.rasa_python}. Run `make setup`.")
    path = model_path(settings)
    settings.models.mkdir(parents=True, exist_ok=True)
    command = [settings.rasa_python, "-m", "rasa", "train", "--fixed-model-name", path.name.removesuffix(".tar.gz")]
    command += ["--out", str(settings.models), "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "data/nlu", "data/rules"]
    lines = []
    with subprocess.Popen(
        command, cwd=ROOT, env=sealed_environment(settings), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if step := PROGRESS.search(line):
                say(f"   {step[1]}")
    if process.returncode != 0 or not path.exists():
        raise SettingsError("Training failed. Rasa's last lines:\n" + "\n".join(lines[-15:]))
    _forget_older(settings.models)
    return path


def train_classifiers(settings: Settings) -> None:
    """Have our own classifiers ready for the present data and council: some seconds, or nothing to do."""
    council = load_council(settings.council)
    intents.classify("")
    categories.guess_category("", council)
    categories.guess_team("", council)


def _forget_older(models: Path) -> None:
    newest_first = sorted(models.glob("speak-up-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[KEPT:]:
        path.unlink()


def sealed_environment(settings: Settings) -> dict[str, str]:
    """The environment of Rasa's process: what its files name, and nothing of the case store's keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPEAKUP_")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_SECRET": settings.rasa_secret,
        "ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "ACTIONS_SECRET": settings.actions_secret,
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
