"""Fixtures of what is tried through the console: who is signed in, unless a module has somebody of its own."""

import pytest

from tests.factories import staff_user
from tests.integration.staff_browser import StaffBrowser


@pytest.fixture
def manager(service):
    """A manager."""
    return staff_user(service, "manager", name="Mina Rowe")


@pytest.fixture
def browser(app, manager):
    """A manager's browser, signed in."""
    return StaffBrowser(app).sign_in_as(manager)
