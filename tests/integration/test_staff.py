"""Signing in: passwords, locks, sessions that end."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases import staff
from bot.errors import InvalidStep, NotAllowed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def officer(database):
    """An officer's e-mail and first password."""
    with database.write() as session:
        _, password = staff.create_user(
            session, email="Ana@example.org", name="Ana Price", role="officer", now=NOW, by="setup"
        )
    return "ana@example.org", password


def sign_in(database, email, password, now=NOW):
    with database.write() as session:
        return staff.sign_in(session, email=email, password=password, now=now)


def test_right_password_begins_a_session(database, officer):
    """The token belongs to the officer until they sign out."""
    token = sign_in(database, *officer)
    with database.write() as session:
        assert staff.of_token(session, token, now=NOW).name == "Ana Price"
        staff.sign_out(session, token)
        assert staff.of_token(session, token, now=NOW) is None


def test_wrong_password_or_unknown_person_is_refused_alike(database, officer):
    """Neither tells who exists."""
    assert sign_in(database, officer[0], "wrong") is None
    assert sign_in(database, "nobody@example.org", "wrong") is None


def test_five_wrong_passwords_lock_the_account_for_a_while(database, officer):
    """The right password is refused too until fifteen minutes have passed."""
    for _ in range(5):
        sign_in(database, officer[0], "wrong")

    assert sign_in(database, *officer) is None
    assert sign_in(database, *officer, now=NOW + timedelta(minutes=16)) is not None


@pytest.mark.parametrize("pause", [timedelta(hours=2, minutes=1), timedelta(hours=13)])
def test_idle_session_ends(database, officer, pause):
    """A browser left alone is signed out."""
    token = sign_in(database, *officer)
    with database.write() as session:
        assert staff.of_token(session, token, now=NOW + pause) is None


def test_password_change_ends_other_sessions(database, officer):
    """After a change every browser must sign in again, with the new password."""
    token = sign_in(database, *officer)
    with database.write() as session:
        held = staff.of_token(session, token, now=NOW)
        staff.change_password(session, held, old=officer[1], new="three quiet words", now=NOW)
        assert staff.of_token(session, token, now=NOW) is None
    assert sign_in(database, officer[0], "three quiet words") is not None


def test_short_or_same_password_and_wrong_old_one_are_refused(database, officer):
    """Each refusal says why."""
    with database.write() as session:
        held = staff.of_token(session, staff.sign_in(session, email=officer[0], password=officer[1], now=NOW), now=NOW)
        with pytest.raises(InvalidStep, match="12 characters"):
            staff.change_password(session, held, old=officer[1], new="short", now=NOW)
        with pytest.raises(InvalidStep, match="differs"):
            staff.change_password(session, held, old=officer[1], new=officer[1], now=NOW)
        with pytest.raises(NotAllowed):
            staff.change_password(session, held, old="wrong", new="three quiet words", now=NOW)


def test_same_email_twice_is_refused(database, officer):
    """One person, one account."""
    with database.write() as session, pytest.raises(InvalidStep, match="already"):
        staff.create_user(session, email=officer[0], name="Other", role="viewer", now=NOW, by="setup")
