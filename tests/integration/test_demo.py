"""The demonstration year: whole, marked as invented, owing nothing to anybody, and loaded once."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from bot import clocks, demo
from bot.cases import lookup, staff
from bot.cases.tables import Case, Conversation, Event, Job, Message, Referral, Staff
from bot.council import Category, Team
from bot.demo.plan import plan
from bot.demo.stories import load_material
from bot.eligibility import REASON_CODES
from bot.reports import annual
from bot.screening import screen
from bot.service import Service

TODAY = date(2026, 11, 22)
LEVELS = ("none", "concern", "immediate")


def a_service(settings, migrated_sqlite, folder):
    shutil.copy(migrated_sqlite, folder / "speakup.db")
    return Service.load(replace(settings, home=folder, database_url=f"sqlite:///{folder / 'speakup.db'}"))


@pytest.fixture(scope="module")
def loaded(settings, migrated_sqlite, tmp_path_factory):
    """A service with the demonstration year in it, and what loading said."""
    service = a_service(settings, migrated_sqlite, tmp_path_factory.mktemp("demo"))
    told = []
    summary = demo.load(service, today=TODAY, progress=told.append)
    yield service, summary, told
    service.database.engine.dispose()


@pytest.fixture
def session(loaded):
    with loaded[0].database.read() as session:
        yield session


def report_of(service):
    with service.database.read() as session:
        return annual.build(session, service.council, "2026-27", TODAY)


def test_demo_year_loads_and_shows_progress(loaded):
    """About 120 contacts are there this year and fewer in the two before it, and loading says how far it is."""
    service, summary, told = loaded
    volumes = report_of(service).tables["volumes"]

    assert [cell.count for cell in volumes.total.cells] == [40, 60, 120]
    assert summary.contacts == 220
    assert "220 contacts" in str(summary)
    assert told[-1] == "220 of 220 contacts"


def test_every_demo_record_is_marked_as_invented(session, loaded):
    """Each case and conversation carries the mark, and the report says that all of it is invented."""
    assert session.scalar(select(func.count()).select_from(Case).where(~Case.is_demo)) == 0
    assert session.scalar(select(func.count()).select_from(Conversation).where(~Conversation.is_demo)) == 0
    assert report_of(loaded[0]).notes[0].startswith("Every record in this report is invented")


def test_demo_year_reaches_nobody(session):
    """No text, alert or turn is owed and no conversation has a number, so nothing invented ever rings or texts."""
    assert Counter(session.scalars(select(Job.state))) == Counter(done=session.scalar(select(func.count(Job.id))))
    assert (
        session.scalar(select(func.count()).select_from(Conversation).where(Conversation.phone_key.is_not(None))) == 0
    )
    assert set(session.scalars(select(Message.delivery).distinct())) == {None, "delivered"}


def test_demo_year_shows_every_way_a_contact_can_go(loaded):
    """All nine reasons, every stage, every answer to the offer of an advocate, late and open complaints are there."""
    report = report_of(loaded[0])

    def counts(table, column="2026-27"):
        return {row.key: report.tables[table].figure(row.key, column).count for row in report.tables[table].rows}

    assert all(counts("not_accepted")[code] for code in REASON_CODES)
    volumes = counts("volumes")
    assert all(volumes[way] for way in ("stage_1", "straight_to_stage_2", "withdrawn", "waiting", "not_accepted"))
    assert all(counts("response_times")[speed] for speed in ("within_10", "within_20", "later", "still_open"))
    assert all(counts("advocacy")[answer] for answer in ("accepted", "declined", "has_one", "later"))
    assert all(counts("channels").values())
    assert report.tables["stages"].figure("stage_2", "2026-27").count >= 2
    assert sum(cell.count for cell in report.tables["stages"].rows[-1].cells) >= 1
    assert 45 <= report.rate("within_10", "2026-27").percent <= 75
    assert report.rate("overdue", "2026-27").part.count >= 1


def test_demo_dangers_are_seen_to_but_one_worry_of_last_night(session):
    """Six to twelve referrals this year; every immediate one is acknowledged, and one recent concern waits."""
    this_year = [
        each
        for each in session.scalars(select(Referral).order_by(Referral.raised_at))
        if clocks.financial_year(clocks.local_day(each.raised_at)) == "2026-27"
    ]

    assert 6 <= len(this_year) <= 12
    assert lookup.alarms(session) == 0
    unseen = [each for each in this_year if each.acknowledged_at is None]
    assert [(each.level, each.raised_at.date()) for each in unseen] == [("concern", date(2026, 11, 21))]


def test_nothing_in_the_demo_happens_today_or_later(session):
    """Every event of a case, conversation or referral lies before the day of loading, in the order of the procedure."""
    latest = session.scalar(select(func.max(Event.at)).where(Event.subject.in_(["case", "conversation", "referral"])))

    assert latest < datetime(2026, 11, 22, tzinfo=UTC)
    for case in session.scalars(select(Case).where(Case.decided_at.is_not(None))):
        assert case.received_at < case.decided_at
        assert case.closed_at is None or case.closed_at >= case.decided_at


def test_demo_staff_cannot_sign_in(session):
    """The two who decided are in the list of users, deactivated, and a new password is somebody's own doing."""
    members = list(session.scalars(select(Staff)))

    assert [member.active for member in members] == [False, False]
    assert {member.role for member in members} == {"officer", "manager"}
    assert staff.count_users(session) == 0
    deciders = set(session.scalars(select(Case.decided_by).where(Case.decided_by.is_not(None))))
    assert deciders == {member.id for member in members if member.role == "manager"}


def test_loading_the_demo_twice_changes_nothing(loaded):
    """A second load says that the year is there and writes nothing, not even an event."""
    service = loaded[0]

    def everything():
        with service.database.read() as session:
            return [session.scalar(select(func.count()).select_from(table)) for table in (Case, Message, Event, Staff)]

    before = everything()
    summary = demo.load(service, today=TODAY)

    assert summary.there_already
    assert "already" in str(summary)
    assert everything() == before


def test_demo_load_that_was_cut_off_is_finished_by_the_next(settings, migrated_sqlite, tmp_path):
    """Killed half-way, a load goes on where it stopped and no contact is there twice."""
    service = a_service(settings, migrated_sqlite, tmp_path)
    may = date(2026, 4, 8)

    class Cut(Exception):
        """The process ends here."""

    def cut(_):
        raise Cut

    with pytest.raises(Cut):
        demo.load(service, today=may, progress=cut)
    with service.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == demo.EVERY

    demo.load(service, today=may)

    with service.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == len(plan(load_material(), today=may, seed=7))
    service.database.engine.dispose()


def test_demo_fits_another_councils_teams(settings, migrated_sqlite, tmp_path):
    """Under a profile with other teams and categories the demonstration uses that profile's own."""
    service = a_service(settings, migrated_sqlite, tmp_path)
    council = service.council.model_copy(
        update={"teams": (Team(key="north", name="North"), Team(key="south", name="South")),
                "categories": (Category(key="late", name="Late"),)}
    )  # fmt: skip
    service = replace(service, council=council)

    demo.load(service, today=date(2026, 4, 3))

    with service.database.read() as session:
        assert set(session.scalars(select(Case.team).distinct())) <= {"north", "south", None}
        report = annual.build(session, council, "2026-27", date(2026, 4, 3))
    assert [row.key for row in report.tables["stage1_teams"].rows] == ["north", "south", "not_known"]
    service.database.engine.dispose()


def test_same_seed_is_the_same_year_and_another_is_not():
    """Who writes what and when follows from the seed."""
    material = load_material()

    assert plan(material, today=TODAY, seed=7) == plan(material, today=TODAY, seed=7)
    assert plan(material, today=TODAY, seed=7) != plan(material, today=TODAY, seed=8)


@pytest.mark.parametrize("today", [date(2026, 4, 1), date(2026, 4, 2), date(2027, 3, 31), date(2028, 2, 29)])
def test_plan_on_any_day_lies_before_it(today):
    """On the first day of a council year as on its last, nothing is planned for today or later."""
    planned = plan(load_material(), today=today, seed=3)

    assert all(each.received_at.date() < today for each in planned)
    assert len({each.key for each in planned}) == len(planned)


STORIES = [each for kind in load_material().stories.values() for each in kind]


def level_of(story):
    words = [text.format(child="Kian", worker="Jan") for text in (*story.text, story.wish)]
    return LEVELS.index(max((screen(text).level for text in words), key=LEVELS.index))


@pytest.mark.parametrize("story", [each for each in STORIES if each.danger != "none"], ids=lambda each: each.key)
def test_danger_in_a_story_is_seen(story):
    """A story told as a danger is seen as one at least as grave."""
    assert level_of(story) >= LEVELS.index(story.danger)


def test_ordinary_stories_hardly_ever_raise_a_worry():
    """Of the ordinary stories no more than one in twenty-five raises a concern, and none the alarm."""
    levels = {each.key: level_of(each) for each in STORIES if each.danger == "none"}
    assert "immediate" not in {LEVELS[level] for level in levels.values()}
    assert len([key for key, level in levels.items() if level]) <= len(levels) / 25


def test_stories_are_many_and_differ():
    """At least forty different complaints, over every role that can bring one."""
    stories = load_material().stories
    everyone = [story for kind in stories.values() for story in kind]

    assert len({story.text for story in everyone}) == len(everyone) >= 40
    assert len({story.role for story in everyone}) >= 15
    assert {story.refuse for story in everyone} >= set(REASON_CODES)


def test_proposals_and_decisions_of_the_demo_agree(session):
    """What the officer refuses the rules had proposed to refuse, or to look at, under the same code."""
    for case in session.scalars(select(Case).where(Case.status == "not_accepted")):
        proposal, decision = case.decisions
        assert proposal.outcome in ("ineligible", "needs_human_decision", "safeguarding_referral")
        assert proposal.reason_code == decision.reason_code
        assert decision.reasons
