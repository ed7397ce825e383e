"""Everything that is trained: the sealed Rasa's model and our own, once for each state of what they learn from."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from bot import keeping
from bot.council import load_council
from bot.errors import SettingsError
from bot.screening import learned_ready
from bot.settings import ROOT, Settings
from bot.understanding import categories, intents

# What a model depends on; a change in any of it asks for a new one.
SOURCES = ("config.yml", "domain.yml", "data/nlu", "data/rules")
KEPT = 2
# Rasa's own steps, among pages of other packages' warnings.
PROGRESS = re.compile(r"^\S+ \S+ INFO +rasa\.\S+ +- (.*)")


def digest_of_data() -> str:
    """A short name for the present state of everything Rasa learns from."""
    paths = [ROOT / source for source in SOURCES]
    files = [file for path in paths for file in (sorted(path.rglob("*.yml")) if path.is_dir() else [path])]
    return keeping.digest(keeping.contents(files, beneath=ROOT))


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
    keeping.forget_older(settings.models, "speak-up-*.tar.gz", most=KEPT)
    return path


def load_classifiers(settings: Settings) -> None:
    """Have screening and understanding ready for the present data and council: trained, if need be, within seconds."""
    council = load_council(settings.council)
    learned_ready()
    intents.classify("")
    categories.guess_category("", council)
    categories.guess_team("", council)


def prepare(settings: Settings, *, say: Callable[[str], None], anew: bool = False) -> Path:
    """Have everything trained for the present data; returns the path of Rasa's model.

    Args:
        say: told what takes long.
        anew: train Rasa's model even where there is one.

    Raises:
        SettingsError: as `train`.
    """
    say("Teaching screening and understanding, where something has changed (some minutes at first) …")
    load_classifiers(settings)
    path = model_path(settings)
    if path.exists() and not anew:
        return path
    say("Training the model (about half a minute) …")
    return train(settings, say=say)


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
