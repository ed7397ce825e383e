"""Settings: what is wrong is said by name, with a remedy."""

import pytest

from bot.errors import SettingsError
from bot.settings import ROOT, Settings, read_env_file, write_first_env


def test_missing_secret_says_what_to_do(monkeypatch, tmp_path):
    """A service without its secrets names the setting and the command that writes them."""
    monkeypatch.setattr("bot.settings.ROOT", tmp_path)
    with pytest.raises(SettingsError, match=r"SPEAKUP_SECRET_KEY.*bot init"):
        Settings.load(field_keys="x" * 44)


def test_wrong_number_names_the_setting(monkeypatch):
    """A port that is no number is refused by its name."""
    monkeypatch.setenv("SPEAKUP_WEB_PORT", "eighty")
    with pytest.raises(SettingsError, match="SPEAKUP_WEB_PORT must be of type int"):
        Settings.load()


def test_first_env_file_is_written_once_and_private(tmp_path):
    """New secrets are written for the owner alone and never replaced."""
    path = tmp_path / ".env"
    assert write_first_env(path)
    first = path.read_text()
    assert not write_first_env(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o077 == 0
    assert len(read_env_file(path)["SPEAKUP_SECRET_KEY"]) >= 32


def test_broken_line_of_env_file_is_named(tmp_path):
    """A line that is no assignment is named by its number."""
    path = tmp_path / ".env"
    path.write_text("A=1\nbroken\n")
    with pytest.raises(SettingsError, match="line 2"):
        read_env_file(path)


def test_env_file_is_not_in_the_repository():
    """Secrets stay out of version control."""
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
