"""Promises about the tree itself."""

import ast
import re
import subprocess
import tomllib

import pytest

from bot.settings import ROOT

TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()
PYTHON = [path for path in TRACKED if path.endswith(".py") and (ROOT / path).exists()]
PURE = ("bot/clocks.py", "bot/escalation.py", "bot/eligibility/", "bot/screening/", "bot/understanding/")


def imported(path):
    """Every module a file imports, by its full name."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", [path for path in PYTHON if path.startswith(("bot/", "actions/"))])
def test_service_never_imports_rasa(path):
    """The two environments meet over HTTP only."""
    assert not {module.partition(".")[0] for module in imported(path)} & {"rasa", "sealed"}


@pytest.mark.parametrize("path", [path for path in PYTHON if path.startswith("sealed/")])
def test_sealed_environment_never_imports_ours(path):
    """What Rasa loads knows nothing of the case store."""
    assert not {module.partition(".")[0] for module in imported(path)} & {"bot", "actions"}


@pytest.mark.parametrize("path", [path for path in PYTHON if path.startswith(PURE)])
def test_rules_are_pure(path):
    """Rules, clocks and screening reach no web, no store and no dialogue."""
    modules = set(imported(path))
    assert not {module.partition(".")[0] for module in modules} & {"flask", "sqlalchemy", "rasa_sdk", "httpx", "twilio"}
    assert not any(module.startswith(("bot.cases", "bot.conversation", "bot.service")) for module in modules)


@pytest.mark.parametrize("path", [path for path in PYTHON if path.startswith("bot/") and "settings" not in path])
def test_environment_is_read_in_one_place(path):
    """Only the settings and the environment handed to Rasa touch `os.environ`."""
    if path == "bot/training.py":
        return
    assert "os.environ" not in (ROOT / path).read_text()


def test_every_dependency_has_its_reason():
    """Each dependency of the service says beside it what it is for."""
    text = (ROOT / "pyproject.toml").read_text()
    groups = tomllib.loads(text)["dependency-groups"]
    for requirement in [*groups["service"], *groups["rasa"]]:
        [line] = [line for line in text.splitlines() if f'"{requirement}"' in line]
        assert re.search(r"#\s+\S+", line), f"{requirement} has no reason beside it"


def test_readme_names_commands_that_exist():
    """The verbs the README tells people to type are verbs of the Makefile or of `bot`."""
    readme = (ROOT / "README.md").read_text()
    verbs = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^(?:\$ )?make ([a-z]+)", readme, re.MULTILINE))
    assert named >= {"run", "test"}
    assert named <= verbs


def test_readme_shows_a_picture_that_is_there():
    """The screenshot in the README exists."""
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert pictures
    assert all((ROOT / picture).exists() for picture in pictures)


@pytest.mark.parametrize("path", [path for path in TRACKED if path.startswith("docs/decisions/")])
def test_decision_is_one_screen_and_names_what_was_turned_down(path):
    """A decision fits on a screen and says which option lost."""
    text = (ROOT / path).read_text()
    assert len(text.splitlines()) <= 60
    assert re.search(r"turned down", text, re.IGNORECASE)
