"""Settings and profiles: what is wrong is said by name, with a remedy."""

import pytest
import yaml

from bot.council import COUNCILS, load_council
from bot.errors import ProfileError, SettingsError
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


def test_default_profile_is_marked_as_invented():
    """The neutral profile says that it is made up."""
    assert load_council("default").invented


def test_unknown_profile_lists_the_known_ones():
    """A misspelt council is answered with those there are."""
    with pytest.raises(ProfileError, match="default"):
        load_council("defualt")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda profile: profile.pop("duty"), "duty: .*add it"),
        (lambda profile: profile.update(colour="blue"), "colour: .*remove it"),
        (lambda profile: profile["teams"].append(profile["teams"][0]), "stands twice"),
        (lambda profile: profile["advocacy"].update(email="nowhere"), "advocacy.email"),
        (lambda profile: profile.update(teams=[]), "teams"),
    ],
)
def test_faulty_profile_names_file_field_and_remedy(tmp_path, change, told):
    """Each fault of a profile is told with the file, the field and what to do."""
    profile = yaml.safe_load((COUNCILS / "default.yml").read_text())
    change(profile)
    (tmp_path / "mine.yml").write_text(yaml.safe_dump(profile))
    with pytest.raises(ProfileError, match=f"mine.yml: (.|\n)*{told}"):
        load_council("mine", tmp_path)


def test_unreadable_profile_says_where(tmp_path):
    """A profile that is no YAML names the line."""
    (tmp_path / "mine.yml").write_text("name: [")
    with pytest.raises(ProfileError, match="line"):
        load_council("mine", tmp_path)


def test_unverified_number_is_not_told(tmp_path):
    """A number nobody has checked lately is kept from people."""
    from datetime import date

    contact = load_council("default").advocacy
    assert contact.told(date(2026, 11, 22)) == contact.phone
    assert contact.told(date(2029, 1, 1)) is None


def test_env_file_is_not_in_the_repository():
    """Secrets stay out of version control."""
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
