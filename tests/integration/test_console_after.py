"""What staff do after filing: pass compliments on, follow actions to their end, bring a stopped complaint back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.cases import casework, compliments, learning
from bot.cases.tables import Case
from bot.clocks import local_day
from tests.factories import case_accepted, case_filed, compliment_given, staff_user
from tests.integration.staff_browser import StaffBrowser, plain

TODAY = local_day(datetime.now(UTC))


def day(name, value):
    return {f"{name}-day": value.day, f"{name}-month": value.month, f"{name}-year": value.year}


@pytest.fixture
def officer(app, service):
    """An officer at a browser."""
    return StaffBrowser(app).sign_in_as(staff_user(service, "officer"))


def test_compliment_waits_in_the_list_until_it_is_passed_on(officer, service):
    """The words stand there with whom they are for; afterwards who has them, by whom, and nothing waits."""
    given = compliment_given(service, for_words="Amy", from_role="parent")
    assert "Compliments (1)" in officer.text("/casework/compliments")
    page = officer.text(f"/casework/compliments/{given}")
    assert "Amy at the contact centre was so kind to us." in page
    assert "Not answered. Leave out who said it." in page

    path = f"/casework/compliments/{given}"
    assert officer.send(f"{path}/passed-on", page=path, to="Amy and her manager").status_code == 303
    listed = officer.text("/casework/compliments")
    assert "Compliments (0)" in listed
    assert "To Amy and her manager, by" in listed
    again = officer.send(f"{path}/passed-on", page=path, to="Somebody else")
    assert (again.status_code, "passed on already" in plain(again)) == (409, True)


def test_compliment_passed_on_to_nobody_is_refused_on_the_page(officer, service):
    """The form says what is missing and nothing changes."""
    path = f"/casework/compliments/{compliment_given(service)}"
    answer = officer.send(f"{path}/passed-on", page=path, to="")
    assert (answer.status_code, "Enter who has it now." in plain(answer)) == (400, True)


def test_team_and_giver_of_a_compliment_are_put_right(officer, service):
    """The yearly report counts it by what staff confirm."""
    given = compliment_given(service)
    path = f"/casework/compliments/{given}"
    team = service.council.teams[0].key
    assert officer.send(f"{path}/sort", page=path, team=team, from_role="professional").status_code == 303
    with service.database.read() as session:
        found = compliments.get(session, given)
        assert (found.team, found.from_role) == (team, "professional")
    assert officer.send(f"{path}/sort", page=path, team="nobody", from_role="parent").status_code == 400


def test_name_of_the_giver_is_shown_only_with_their_leave(officer, service):
    """Who may be named is named, and who may not is left out in plain words."""
    given = compliment_given(service)
    with service.database.write() as session:
        found = compliments.get(session, given)
        compliments.add(session, found, now=datetime.now(UTC), tell="named", name="Kai")
    assert "Yes: Kai" in officer.text(f"/casework/compliments/{given}")


def test_action_is_recorded_listed_and_followed_to_its_end(officer, service):
    """It stands on the case and in the list, late in red, until somebody says how it is known to be done."""
    reference = case_accepted(service, by="officer", now=datetime.now(UTC) - timedelta(days=9))
    path = f"/casework/cases/{reference}"
    told = {"kind": "improvement", "what": "Ring back within a day", "owner": "Team manager",
            "words": "Workers must ring you back in a day."} | day("due_on", TODAY - timedelta(days=1))  # fmt: skip
    assert officer.send(f"{path}/action", **told).status_code == 303
    listed = officer.text("/casework/actions")
    assert "Actions (1 late)" in listed
    assert "Ring back within a day" in listed

    with service.database.read() as session:
        [action] = learning.all_under_way(session)
    done = {"action": action.id, "evidence": "New duty rota", "words": ""} | day("done_on", TODAY)
    assert officer.send(f"{path}/action-done", **done).status_code == 303
    page = officer.text(path)
    assert "New duty rota" in page
    assert "Workers must ring you back in a day." in page
    assert "Nothing is under way." in officer.text("/casework/actions")


def test_action_for_a_complaint_never_taken_is_not_offered(officer, service):
    """What was not accepted has nothing to learn from yet."""
    path = f"/casework/cases/{case_filed(service)}"
    assert "Record what will be done" not in officer.text(path)
    assert officer.send(f"{path}/action", kind="remedy", what="x", owner="y", **day("due_on", TODAY)).status_code == 409


@pytest.mark.parametrize("accepted", [True, False])
def test_stopped_complaint_is_brought_back(app, service, accepted):
    """An accepted one begins its stage anew the day they asked; another waits for its decision again."""
    then = datetime.now(UTC) - timedelta(days=20)
    reference = case_accepted(service, by="m", now=then) if accepted else case_filed(service, now=then)
    with service.database.write() as session:
        casework.withdraw(session, casework.get(session, reference), by="complainant", now=then, reason="own_choice")
    manager = StaffBrowser(app).sign_in_as(staff_user(service, "manager"))
    asked = day("asked_on", TODAY)
    assert manager.send(f"/casework/cases/{reference}/bring-back", **asked).status_code == 303
    with service.database.read() as session:
        case = session.scalars(select(Case)).one()
        stage = casework.present_stage(case)
        assert (case.status, case.closed_at) == ("open" if accepted else "new", None)
        assert (stage.started_on if stage else None) == (TODAY if accepted else None)
    assert manager.send(f"/casework/cases/{reference}/bring-back", page="/casework/", **asked).status_code == 409
