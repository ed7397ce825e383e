"""Every setting of the service, read once from the environment and from `.env`."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from bot.errors import SettingsError

PREFIX = "SPEAKUP_"
ROOT = Path(__file__).resolve().parent.parent


def setting(default: Any, why: str) -> Any:
    """A field of `Settings`: its default and the line of help `bot check --settings` prints."""
    return field(default=default, metadata={"why": why})


@dataclass(frozen=True)
class Settings:
    """What can differ from one installation to the next. Each field is `SPEAKUP_<NAME>` in the environment."""

    home: Path = setting(ROOT / "var", "folder for the SQLite store, the spool and the log")
    models: Path = setting(ROOT / "models", "folder of trained models")
    database_url: str = setting("", "SQLAlchemy address of the case store; empty: SQLite in the home folder")
    council: str = setting("default", "which profile of councils/ this service is for")
    secret_key: str = setting("", "signs sessions and links; at least 32 characters")
    field_keys: str = setting("", "Fernet keys, comma-separated; the first encrypts, all decrypt")
    hash_key: str = setting("", "keys the hashes by which phone numbers and names are found")
    public_url: str = setting("http://127.0.0.1:8080", "the address people and Twilio use, without a slash at the end")
    web_host: str = setting("127.0.0.1", "address the web server listens on")
    web_port: int = setting(8080, "port of the web server")
    web_threads: int = setting(8, "threads of the web server")
    behind_proxy: bool = setting(False, "true behind one reverse proxy that sets X-Forwarded-For and -Proto")
    rasa_url: str = setting("http://127.0.0.1:5005", "where the sealed Rasa listens")
    rasa_secret: str = setting("", "shared with the sealed Rasa's input channel")
    rasa_timeout: float = setting(15.0, "seconds to wait for an answer from Rasa")
    rasa_python: str = setting(str(ROOT / ".venv-rasa/bin/python"), "the interpreter of the sealed environment")
    actions_port: int = setting(5055, "port of the action server, on loopback")
    actions_secret: str = setting("", "shared between Rasa and the action server")
    twilio_account_sid: str = setting("", "empty: SMS is off and /sms answers 503")
    twilio_auth_token: str = setting("", "signs Twilio's requests and authorises ours")
    twilio_from: str = setting("", "our number, E.164")
    twilio_api_base: str = setting("", "another address for Twilio's REST API: the stand-in, or a proxy")
    advocacy_secret: str = setting("", "signs referrals sent to the advocacy provider's webhook; empty: none is sent")
    smtp_url: str = setting("", "mail server for alerts, smtp://user:password@host:port or smtps://…; empty: no e-mail")
    alert_webhook: str = setting("", "address that alerts are posted to as JSON, such as a pager's; empty: none")

    @classmethod
    def load(cls, **overrides: Any) -> "Settings":
        """Settings from keyword arguments, the environment, `.env` beside the code, defaults: the first that has it.

        Raises:
            SettingsError: a value cannot be read, or a secret is missing or too short.
        """
        written = {**read_env_file(ROOT / ".env"), **os.environ}
        values: dict[str, Any] = {}
        for each in fields(cls):
            name = PREFIX + each.name.upper()
            if each.name in overrides:
                values[each.name] = overrides[each.name]
            elif name in written:
                values[each.name] = _parse(name, written[name], each.type)
        loaded = cls(**values)
        loaded._check_secrets()
        return loaded

    def _check_secrets(self) -> None:
        for name in SECRETS:
            if len(getattr(self, name)) < 32:
                raise SettingsError(
                    f"{PREFIX}{name.upper()} is missing or shorter than 32 characters. "
                    "Run `bot init` to write a .env file with new secrets, or set it in the environment."
                )

    @property
    def store_url(self) -> str:
        """The case store's address, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'speakup.db'}"

    @property
    def sms_on(self) -> bool:
        """Whether texts can be taken and sent."""
        return bool(self.twilio_account_sid and self.twilio_auth_token and self.twilio_from)


SECRETS = ("secret_key", "field_keys", "hash_key", "rasa_secret", "actions_secret")

# Until a council puts its own account here, texts go to the stand-in of `bot talk --channel sms`.
STAND_IN = (
    "# Texts: what follows is for the stand-in of `bot talk --channel sms`. Put your Twilio account in its place and",
    "# remove SPEAKUP_TWILIO_API_BASE.",
    f"SPEAKUP_TWILIO_ACCOUNT_SID=AC{'0' * 32}",
    "SPEAKUP_TWILIO_FROM=+447700900000",
    "SPEAKUP_TWILIO_API_BASE=http://127.0.0.1:8090",
)


def _parse(name: str, text: str, kind: Any) -> Any:
    try:
        if kind is bool:
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]
        return {int: int, float: float, Path: Path}.get(kind, str)(text)
    except (ValueError, KeyError):
        expected = getattr(kind, "__name__", kind)
        raise SettingsError(f"{name} must be of type {expected}; it is set to {text!r}.") from None


def read_env_file(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of an environment file; none if there is no such file.

    Raises:
        SettingsError: a line is neither a comment nor an assignment.
    """
    if not path.exists():
        return {}
    values = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise SettingsError(f"{path}, line {number}: expected NAME=value. Correct or remove the line.")
        values[name.strip()] = value.strip()
    return values


def on_one_core(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a process that answers people; what it says itself of cores stays as it is.

    One message is never spread over several cores: sums so small wait longer for the other core than they take.

    Args:
        environment: if not ours.
    """
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {**alone, **(os.environ if environment is None else environment)}


def models_folder() -> Path:
    """Where trained models are kept, for what needs no other setting.

    Raises:
        SettingsError: a line of the `.env` file is neither a comment nor an assignment.
    """
    written = {**read_env_file(ROOT / ".env"), **os.environ}
    return Path(written.get(f"{PREFIX}MODELS", ROOT / "models"))


def write_first_env(path: Path) -> bool:
    """Write a `.env` with new secrets unless one is there; true if written."""
    if path.exists():
        return False
    lines = ["# Secrets of this installation. Keep a copy: without SPEAKUP_FIELD_KEYS the store cannot be read."]
    for name in SECRETS:
        value = Fernet.generate_key().decode() if name == "field_keys" else secrets.token_urlsafe(32)
        lines.append(f"{PREFIX}{name.upper()}={value}")
    lines += [*STAND_IN, f"{PREFIX}TWILIO_AUTH_TOKEN={secrets.token_urlsafe(24)}"]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return True
