"""The doors of the console: who gets in, who gets where, and that every look is on record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.app import create_app
from bot.cases import authority, staff
from bot.cases.tables import Event
from bot.clocks import financial_year, local_day
from bot.console import access
from bot.console.guard import NEEDS, PUBLIC
from bot.console.steps import STEPS
from tests.conftest import both_stores
from tests.factories import (
    advocate_wished_for,
    alert_failed,
    case_filed,
    compliment_given,
    conversation_with,
    letter_drafted,
    referral_raised,
    staff_user,
)  # fmt: skip
from tests.integration.staff_browser import TOKEN, StaffBrowser, plain

ROLES = ("manager", "officer", "viewer")
# Pages about oneself show no record of anybody else.
ABOUT_ONESELF = {"console.sign_out", "console.change_password"}

# One number of the report, to open what it counts.
FIGURE = {"table": "volumes", "row": "total", "column": financial_year(local_day(datetime.now(UTC)))}


@pytest.fixture
def addresses(app, service):
    """Every door of the console, as (endpoint, permission needed, address, methods), leading to real records."""
    other = staff_user(service, "viewer", name="Olu Other")
    with service.database.write() as session:
        session.merge(other).email = "other@example.org"
    reference, letter_id = letter_drafted(service)
    known = {
        "reference": reference,
        "letter_id": letter_id,
        "referral_id": referral_raised(service),
        "alert_id": alert_failed(service),
        "advocacy_referral_id": advocate_wished_for(service),
        "conversation_id": conversation_with(service, "hello"),
        "compliment_id": compliment_given(service),
        "staff_id": other.id,
        "form": "json",
        "door_id": _door(service),
    }
    return list(_doors(app, known))


def _door(service):
    with service.database.write() as session:
        return authority.make_door(
            session, organisation="Voices", by="officer", now=datetime.now(UTC), open_for=timedelta(days=1)
        )[0].id


def _doors(app, known):
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if not rule.endpoint.startswith("console."):
                continue
            for key in STEPS if "key" in rule.arguments else [None]:
                values = {name: known[name] for name in rule.arguments - {"key"}} | ({"key": key} if key else {})
                if "advocacy" in rule.rule and "referral_id" in values:
                    values["referral_id"] = known["advocacy_referral_id"]
                values |= FIGURE if rule.endpoint == "console.cases_behind" else {}
                needs = STEPS[key].needs if key else NEEDS.get(rule.endpoint)
                path = app.url_for(rule.endpoint, **values, _external=False)
                yield rule.endpoint, needs, path, rule.methods


def test_every_address_under_casework_is_guarded(app):
    """An address leads to a page with a declared permission, or is on the short public list."""
    under = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/casework")]

    assert len(under) > 20
    assert {rule.endpoint for rule in under} - set(NEEDS) == PUBLIC == {"console.sign_in"}


def test_signed_out_browser_reaches_nothing_but_the_sign_in_page(app, service, addresses):
    """Every other address, opened or posted to, leads there and changes and shows nothing."""
    browser, before = StaffBrowser(app), _changes(service)
    for endpoint, _, path, methods in addresses:
        if endpoint in PUBLIC:
            continue
        if "GET" in methods:
            answer = browser.see(path)
            assert answer.status_code == 303, path
            assert answer.location.startswith("/casework/sign-in?next=/casework"), path
        if "POST" in methods:
            answer = browser.send(path, page="/casework/sign-in")
            assert (answer.status_code, "Sign in to casework" in plain(answer)) == (401, True), path
    assert _changes(service) == before


def test_words_typed_after_the_session_ran_out_are_given_back(app, service):
    """Nobody has to write a long text twice; signing in leads back to the form."""
    staff_user(service, "manager")
    reference = case_filed(service)
    browser = StaffBrowser(app)

    answer = browser.send(f"/casework/cases/{reference}/note", page="/casework/sign-in", text="Long & careful note.")

    assert "Long & careful note." in plain(answer)
    assert f'name="next" value="/casework/cases/{reference}/note"' in answer.text
    conversation_id = conversation_with(service, "hello")
    answer = browser.send(f"/casework/conversations/{conversation_id}/write", page="/casework/sign-in", text="Hello")
    assert f'name="next" value="/casework/conversations/{conversation_id}"' in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_allows_and_nothing_else(app, service, addresses, role):
    """A page a role may not see answers 403 and says why; every other page opens."""
    browser = StaffBrowser(app).sign_in_as(staff_user(service, role))
    for endpoint, needs, path, methods in addresses:
        if endpoint in PUBLIC or "GET" not in methods:
            continue
        answer = browser.see(path)
        if access.can(role, needs):
            assert answer.status_code in (200, 302, 303), path
        else:
            assert answer.status_code == 403, path
            assert f"Your role ({role}) does not allow this." in plain(answer)


@pytest.mark.parametrize("role", ["officer", "viewer"])
def test_forbidden_forms_change_nothing(app, service, addresses, role):
    """Posting where a role may not post is refused before the form is read."""
    browser = StaffBrowser(app).sign_in_as(staff_user(service, role))
    forbidden = [door for door in addresses if door[1] and not access.can(role, door[1]) and "POST" in door[3]]

    assert forbidden
    before = _changes(service)
    for _, _, path, _ in forbidden:
        assert browser.send(path, page="/casework/sign-in").status_code == 403, path
    assert _changes(service) == before


def test_deciding_is_the_managers_alone_and_viewers_change_nothing():
    """The table says what the law says of the complaints manager (regulation 10)."""
    for key in ("accept", "refuse", "next-stage"):
        assert not access.can("officer", STEPS[key].needs)
        assert access.can("manager", STEPS[key].needs)
    assert not any(access.can("viewer", step.needs) for step in STEPS.values())
    assert not access.can("viewer", "handle_referrals")
    assert not access.can("viewer", "talk_to_people")
    assert not access.can("officer", "manage_staff")


@both_stores
def test_every_view_is_an_event(app, service, addresses):
    """Each page that opens leaves a record of who looked at what, written before the page was shown."""
    manager = staff_user(service, "manager")
    browser = StaffBrowser(app).sign_in_as(manager)
    for endpoint, _, path, methods in addresses:
        if endpoint in PUBLIC | ABOUT_ONESELF or "GET" not in methods:
            continue
        before = _views(service, manager)
        browser.see(path)
        assert _views(service, manager) == before + 1, path


def _changes(service):
    with service.database.read() as session:
        return session.scalar(select(func.count()).select_from(Event).where(Event.kind != "viewed"))


def _views(service, member):
    with service.database.read() as session:
        return session.scalar(
            select(func.count()).select_from(Event).where(Event.by == member.id, Event.kind == "viewed")
        )


def test_case_view_names_the_case_and_stands_in_its_history(app, service):
    """Who looked at a case is told on the case."""
    reference = case_filed(service)
    viewer = staff_user(service, "viewer", name="Vera Lyle")
    StaffBrowser(app).sign_in_as(viewer).see(f"/casework/cases/{reference}")

    told = StaffBrowser(app).sign_in_as(staff_user(service, "manager")).text(f"/casework/cases/{reference}")

    assert "Vera Lyle Looked at" in told


def test_signing_in_leads_to_the_page_that_was_wanted(app, service):
    """The cookie is the browser's own, for the console only, and out of reach of scripts and other sites."""
    staff_user(service, "officer")
    browser = StaffBrowser(app)

    answer = browser.send(
        "/casework/sign-in", email="Officer@example.org", password="three quiet words", next="/casework/new"
    )

    assert (answer.status_code, answer.location) == (303, "/casework/new")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("speakup_staff="))
    assert {"HttpOnly", "Path=/casework", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # the tests' address is plain http
    assert "New cases" in browser.text("/casework/new")


def test_cookie_is_only_for_encrypted_connections_where_the_address_is(service):
    """With a public address of https the cookie never travels in the open."""
    staff_user(service, "officer")
    app = create_app(replace(service, settings=replace(service.settings, public_url="https://speakup.example.org")))
    browser = StaffBrowser(app)
    token = TOKEN.search(browser.client.get("/casework/sign-in", base_url="https://localhost").text)[1]
    typed = {"csrf_token": token, "email": "officer@example.org", "password": "three quiet words"}

    answer = browser.client.post("/casework/sign-in", base_url="https://localhost", data=typed)

    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("speakup_staff="))
    assert "Secure" in cookie.split("; ")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://example.org/",
        "javascript:alert(1)",
        "//example.org",
        "/\\example.org",
        "/chat",
        "/caseworker",
        "",
        "/casework/\\x",
    ],
)
def test_signing_in_never_leads_out_of_the_console(app, service, wanted):
    """A link made by somebody else cannot carry a signed-in person away."""
    staff_user(service, "officer")
    answer = StaffBrowser(app).send(
        "/casework/sign-in", email="officer@example.org", password="three quiet words", next=wanted
    )
    assert (answer.status_code, answer.location) == (303, "/casework/")
    refused = StaffBrowser(app).send("/casework/sign-in", email="officer@example.org", password="wrong", next=wanted)
    assert 'href="/casework/">Go on to the page' in refused.text


def test_refused_sign_in_says_the_same_to_everybody(app, service):
    """Wrong password, unknown person and locked account read alike; the lock is explained to all of them."""
    staff_user(service, "officer")
    browser = StaffBrowser(app)
    tried = [browser.send("/casework/sign-in", email="nobody@example.org", password="a wrong password")]
    tried += [
        browser.send("/casework/sign-in", email="officer@example.org", password="a wrong password") for _ in range(5)
    ]
    tried.append(browser.send("/casework/sign-in", email="officer@example.org", password="three quiet words"))

    assert {answer.status_code for answer in tried} == {401}
    told = {plain(answer).partition("There is a problem")[2].partition("Sign in to casework")[0] for answer in tried}
    assert len(told) == 1
    assert "Five wrong tries lock an account for 15 minutes" in told.pop()


def test_sign_in_page_is_braked(app, service):
    """A script that tries passwords is stopped after some tries a minute."""
    browser = StaffBrowser(app)
    answers = [
        browser.send("/casework/sign-in", email=f"n{number}@example.org", password="wrong") for number in range(21)
    ]
    assert answers[-1].status_code == 429
    assert browser.see("/casework/sign-in").status_code == 200


def test_form_without_its_token_is_refused(app, service):
    """A forged form cannot sign anybody in or change anything."""
    browser = StaffBrowser(app).sign_in_as(staff_user(service, "manager"))
    reference = case_filed(service)

    answer = browser.client.post(f"/casework/cases/{reference}/note", data={"text": "forged"})

    assert answer.status_code == 400
    assert "forged" not in browser.text(f"/casework/cases/{reference}")


def test_first_password_must_be_changed_before_anything_else(app, service):
    """Every page leads to the change; afterwards the console opens and the first password is gone."""
    staff_user(service, "officer", password="the first one", first_password=True)
    browser = StaffBrowser(app)
    browser.send("/casework/sign-in", email="officer@example.org", password="the first one")

    assert browser.see("/casework/new").location == "/casework/password"
    answer = browser.send("/casework/password", old="the first one", new="my own long one", again="my own long one")
    assert answer.location == "/casework/"
    assert "Your password is changed." in browser.text("/casework/")
    refused = StaffBrowser(app).send("/casework/sign-in", email="officer@example.org", password="the first one")
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"old": "wrong", "new": "my own long one", "again": "my own long one"}, "present password is not right"),
        ({"old": "the first one", "new": "short", "again": "short"}, "at least 12 characters"),
        ({"old": "the first one", "new": "my own long one", "again": "my own long two"}, "two new passwords differ"),
        ({"old": "the first one", "new": "the first one", "again": "the first one"}, "differs from the present"),
    ],
)
def test_password_that_cannot_be_taken_is_explained(app, service, typed, told):
    """Each refusal says what is wrong and keeps the person signed in."""
    staff_user(service, "officer", password="the first one")
    browser = StaffBrowser(app)
    browser.send("/casework/sign-in", email="officer@example.org", password="the first one")

    assert told in plain(browser.send("/casework/password", **typed))
    assert browser.see("/casework/").status_code == 200


def test_signing_out_ends_the_session_on_the_server(app, service):
    """The old cookie is worth nothing afterwards, even to somebody who kept it."""
    browser = StaffBrowser(app).sign_in_as(staff_user(service, "officer"))
    kept = browser.client.get_cookie("speakup_staff", path="/casework").value

    assert browser.send("/casework/sign-out").location == "/casework/sign-in"

    browser.client.set_cookie("speakup_staff", kept, path="/casework")
    assert browser.see("/casework/").status_code == 303


def test_deactivated_user_is_out_at_once(app, service):
    """Their open browser is signed out with the next click."""
    officer, manager = staff_user(service, "officer"), staff_user(service, "manager")
    theirs = StaffBrowser(app).sign_in_as(officer)
    assert theirs.see("/casework/").status_code == 200

    StaffBrowser(app).sign_in_as(manager).send(f"/casework/staff/{officer.id}/deactivate")

    assert theirs.see("/casework/").status_code == 303
    with service.database.read() as session:
        assert not staff.get(session, officer.id).active


def test_unknown_records_are_told_plainly_inside_the_console(app, service):
    """A wrong reference or id leads to a page of the console, not to the public one."""
    browser = StaffBrowser(app).sign_in_as(staff_user(service, "manager"))
    for path in ("/cases/SU-XXXX-XXXX", "/referrals/nothing", "/conversations/nothing", "/staff/nothing/deactivate"):
        answer = browser.see(f"/casework{path}")
        assert answer.status_code == 404
        assert "We could not find that" in plain(answer)
        assert "Signed in as" in plain(answer)
