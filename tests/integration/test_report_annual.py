"""The annual report over small registers built through the real writer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import clocks
from bot.cases import advocacy as offers
from bot.cases import casework, conversations, intake, learning, procedures, safeguarding, staff
from bot.cases.tables import Conversation
from bot.errors import NotFound
from bot.reports import annual
from bot.reports.annual import YearError, cases_behind
from bot.reports.tables import ReportDoesNotAddUp
from tests.conftest import both_stores
from tests.factories import case_accepted, compliment_given

TODAY = date(2026, 11, 22)
THIS, LAST, BEFORE = "2026-27", "2025-26", "2024-25"
JUNE = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
JUNE_LAST_YEAR = datetime(2025, 6, 2, 10, 0, tzinfo=UTC)
TOLD = {
    "complainant_role": "looked_after_child",
    "what_happened": "My visits keep being cancelled",
    "name": "Poppy",
    "team": "contact",
    "category": "broken_promise",
    "nature": "complaint",
    "identity": "named",
    "responsible_body": "this_council",
    "subject": "part3_service",
}


@pytest.fixture
def officer(service):
    """The id of somebody who decides."""
    with service.database.write() as session:
        member, _ = staff.create_user(
            session, email="o@example.org", name="O", role="manager", now=JUNE_LAST_YEAR, by="test"
        )
        return member.id


@pytest.fixture
def register(service, officer):
    """Files and works cases through the real writer."""
    return Register(service, officer)


class Register:
    """Short names for what the writer does, each in a transaction of its own."""

    def __init__(self, service, officer):
        self.service = service
        self.officer = officer

    def file(self, now=JUNE, *, channel="web", is_demo=False, advocacy="none", **facts):
        with self.service.database.write() as session:
            conversation = conversations.open_conversation(session, channel=channel, now=now, is_demo=is_demo)
            intake.save_draft(session, conversation.id, TOLD | facts, now=now)
            if advocacy != "none":
                offers.offer(session, conversation.id, provider="Voices", now=now)
            if advocacy not in ("none", "no_answer"):
                offers.answer(session, conversation.id, answer=advocacy, provider="Voices", now=now)
            return intake.file_complaint(
                session, conversation_id=conversation.id, council=self.service.council, rules=self.service.rules,
                now=now,
            ).reference  # fmt: skip

    def accept(self, reference, *, stage=1, **refused):
        with self.service.database.write() as session:
            case = casework.get(session, reference)
            casework.accept(
                session, case, council=self.service.council, by=self.officer, now=case.received_at, stage=stage,
                **refused,
            )  # fmt: skip
        return reference

    def refuse(self, reference, code):
        with self.service.database.write() as session:
            case = casework.get(session, reference)
            casework.refuse(
                session,
                case,
                reason_code=code,
                reasons="Told why.",
                council=self.service.council,
                by=self.officer,
                now=case.received_at,
            )
        return reference

    def move(self, reference, procedure):
        with self.service.database.write() as session:
            case = casework.get(session, reference)
            procedures.move(
                session, case, procedure=procedure, council=self.service.council, by=self.officer, now=case.received_at
            )
        return reference

    def pass_on(self, reference, to="Anytown School"):
        with self.service.database.write() as session:
            case = casework.get(session, reference)
            procedures.pass_on(
                session, case, to=to, consent_by="complainant", consented_on=case.received_on,
                passed_on=case.received_on, council=self.service.council, by=self.officer, now=case.received_at,
            )  # fmt: skip
        return reference

    def answer(self, reference, after, finding="upheld"):
        """Answer the present stage so many working days after it began."""
        with self.service.database.write() as session:
            case = casework.get(session, reference)
            day = clocks.add_working_days(casework.present_stage(case).started_on, after)
            casework.record_outcome(
                session, case, findings={1: finding}, answered_on=day, by=self.officer,
                now=datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12),
            )  # fmt: skip
        return reference

    def escalate(self, reference, number, on):
        with self.service.database.write() as session:
            casework.begin_stage(
                session, casework.get(session, reference), number=number, started_on=on, council=self.service.council,
                by=self.officer, now=datetime.combine(on, datetime.min.time(), UTC),
            )  # fmt: skip
        return reference

    def withdraw(self, reference):
        with self.service.database.write() as session:
            case = casework.get(session, reference)
            casework.withdraw(session, case, by=self.officer, now=case.received_at, reason="resolved")
        return reference

    def worry(self, level, now=JUNE, *, acknowledged_after=None, is_demo=False):
        with self.service.database.write() as session:
            conversation = conversations.open_conversation(session, channel="web", now=now, is_demo=is_demo)
            message = conversations.keep_message(
                session, conversation, provider_id=f"test:{conversation.id}", text="…", now=now, screening=level,
                reasons=("unsafe",),
            )  # fmt: skip
            referral = safeguarding.raise_referral(session, conversation, message, now=now)
            if acknowledged_after is not None:
                later = now + timedelta(minutes=acknowledged_after)
                safeguarding.acknowledge(session, referral.id, by=self.officer, now=later)
            return referral.id

    def report(self, year=THIS, today=TODAY, **options):
        with self.service.database.read() as session:
            return annual.build(session, self.service.council, year, today, **options)


def cases_of(report, table, row, column=THIS):
    return set(cases_behind(report, table, row, column))


@both_stores
def test_compliments_are_counted_by_team_and_by_giver(service):
    """Each stands once in both tables and opens itself; whoever did not say is not known."""
    amy = compliment_given(service, now=JUNE, team="contact", from_role="parent")
    other = compliment_given(service, now=JUNE, team="gone", words="So kind")
    with service.database.read() as session:
        report = annual.build(session, service.council, THIS, TODAY)
    assert cases_behind(report, "compliments_teams", "contact", THIS) == (amy,)
    assert cases_behind(report, "compliments_givers", "parent", THIS) == (amy,)
    assert cases_behind(report, "compliments_givers", "not_known", THIS) == (other,)
    assert report.tables["compliments_teams"].figure("total", THIS).count == 2
    assert report.tables["volumes"].figure("total", THIS).count == 0
    assert report.tables["compliments_givers"].opens == "compliments"


def test_actions_are_counted_by_kind_and_by_whether_they_are_done(service):
    """Every action counts, several of one complaint too."""
    reference = case_accepted(service, by="o", now=JUNE)
    with service.database.write() as session:
        case = casework.get(session, reference)
        made = [
            learning.record_action(
                session, case, kind=kind, what="x", owner="y", due_on=TODAY, words="", by="o", now=JUNE
            )
            for kind in ("remedy", "improvement", "improvement")
        ]
        learning.finish(
            session, case, action_id=made[1].id, done_on=JUNE.date(), evidence="seen", words="", by="o", now=JUNE
        )
    with service.database.read() as session:
        report = annual.build(session, service.council, THIS, TODAY)
    assert cases_behind(report, "actions", "improvement_done", THIS) == (reference,)
    assert cases_behind(report, "actions", "total", THIS) == (reference,) * 3


@both_stores
def test_contacts_are_counted_once_by_what_became_of_them(register):
    """Each contact has one way it was handled, each number opens its cases, and the total is all of them."""
    answered = register.answer(register.accept(register.file()), 8)
    straight = register.accept(register.file(), stage=2)
    withdrawn = register.withdraw(register.accept(register.file()))
    refused = register.refuse(register.file(), "OTHER")
    waiting = register.file()
    earlier = register.answer(register.accept(register.file(JUNE_LAST_YEAR)), 5)

    report = register.report()

    assert cases_of(report, "volumes", "stage_1") == {answered}
    assert cases_of(report, "volumes", "straight_to_stage_2") == {straight}
    assert cases_of(report, "volumes", "withdrawn") == {withdrawn}
    assert cases_of(report, "volumes", "not_accepted") == {refused}
    assert cases_of(report, "volumes", "waiting") == {waiting}
    assert cases_of(report, "volumes", "total") == {answered, straight, withdrawn, refused, waiting}
    assert cases_of(report, "volumes", "total", LAST) == {earlier}
    assert report.rate("turned_away", THIS).percent == 20


@both_stores
def test_stages_are_counted_in_the_year_they_begin(register):
    """A complaint of last year that goes to Stage 2 this year is a Stage 2 of this year and a contact of last year."""
    carried = register.answer(register.accept(register.file(JUNE_LAST_YEAR)), 5, "not_upheld")
    register.escalate(carried, 2, date(2026, 4, 20))
    register.answer(carried, 30, "partially_upheld")
    register.escalate(carried, 3, date(2026, 7, 20))

    report = register.report()

    assert cases_of(report, "stages", "stage_1", LAST) == {carried}
    assert cases_of(report, "stages", "stage_2") == {carried}
    assert cases_of(report, "stages", "stage_3") == {carried}
    assert report.tables["stages"].figure("total", THIS).count == 2
    assert cases_of(report, "stage2_outcomes", "partially_upheld") == {carried}
    assert cases_of(report, "stage3_outcomes", "under_investigation") == {carried}
    assert report.tables["volumes"].figure("total", THIS).count == 0
    assert report.rate("escalated", LAST).percent == 100


def test_refusals_stand_by_reason_in_the_fixed_order(register):
    """The nine reasons are always there, in their order, with noughts; the share prints what it is a share of."""
    court = register.refuse(register.file(), "COURT_RELATED")
    register.accept(register.file())

    report = register.report()

    assert [row.key for row in report.tables["not_accepted"].rows][:2] == ["COURT_RELATED", "INSUFFICIENT_INTEREST"]
    assert len(report.tables["not_accepted"].rows) == 9
    assert cases_of(report, "not_accepted", "COURT_RELATED") == {court}
    share = report.rate("turned_away", THIS)
    assert (share.part.count, share.base.count, share.percent) == (1, 2, 50)


def test_whose_complaint_is_kept_apart_from_who_brought_it(register):
    """An advocate's complaint for a child in care is the child's, and was brought by an advocate."""
    own = register.accept(register.file())
    spoken_for = register.accept(
        register.file(
            complainant_role="representative", representative_kind="advocate", child_status="looked_after",
            child_name="Zak", consent="given", acting_for="child",
        )
    )  # fmt: skip
    gran = register.accept(register.file(complainant_role="relative"))
    refused = register.refuse(register.file(complainant_role="friend"), "INSUFFICIENT_INTEREST")

    report = register.report()

    assert cases_of(report, "who", "looked_after_child") == {own, spoken_for}
    assert cases_of(report, "who", "relative") == {gran}
    assert refused not in cases_of(report, "who", "total")
    assert cases_of(report, "brought_by", "advocate") == {spoken_for}
    assert cases_of(report, "brought_by", "themselves") == {own, gran}
    represented = report.rate("represented", THIS)
    assert (represented.part.cases, represented.base.count) == ((spoken_for,), 2)


def test_categories_not_yet_known_have_a_row_of_their_own(register):
    """A complaint nobody has sorted is shown as not yet known; one sorted under an older list keeps its own row."""
    sorted_one = register.accept(register.file(category="delay"))
    unknown = register.accept(register.file(category=None))
    of_old = register.accept(register.file(category="kinship_payments"))

    report = register.report()

    assert cases_of(report, "categories", "delay") == {sorted_one}
    assert cases_of(report, "categories", "not_known") == {unknown}
    assert cases_of(report, "categories", "kinship_payments") == {of_old}
    assert report.tables["categories"].rows[-1].label == "Not yet known"


def test_outcomes_by_team_add_up_across_and_down(register):
    """Each Stage 1 complaint of the year stands in its team's row under its finding, or is under investigation."""
    upheld = register.answer(register.accept(register.file(team="contact")), 8, "upheld")
    partly = register.answer(register.accept(register.file(team="contact")), 8, "partially_upheld")
    open_one = register.accept(register.file(team="leaving_care"))
    register.answer(register.accept(register.file(JUNE_LAST_YEAR, team="contact")), 8, "upheld")

    report = register.report()

    assert cases_of(report, "stage1_outcomes", "contact", "upheld") == {upheld}
    assert cases_of(report, "stage1_outcomes", "contact", "total") == {upheld, partly}
    assert cases_of(report, "stage1_outcomes", "leaving_care", "under_investigation") == {open_one}
    assert cases_of(report, "stage1_outcomes", "total", "total") == {upheld, partly, open_one}
    assert cases_of(report, "category_outcomes", "broken_promise", "partially_upheld") == {partly}
    fault = report.rate("fault_found", THIS)
    assert (fault.part.count, fault.base.count) == (2, 2)


@pytest.mark.parametrize(
    ("days", "row"), [(0, "within_10"), (10, "within_10"), (11, "within_20"), (20, "within_20"), (21, "later")]
)
def test_answer_times_fall_by_the_two_limits(register, days, row):
    """Ten working days is within ten and twenty within twenty; the day after is not (R31)."""
    reference = register.answer(register.accept(register.file()), days)

    report = register.report()

    assert cases_of(report, "response_times", row) == {reference}
    assert report.average("stage1_days", THIS).value == days
    assert report.rate("within_20", THIS).percent == (100 if days <= 20 else 0)


def test_open_complaints_past_their_last_day_are_shown(register):
    """What is not answered yet is counted as open, and of it what is past twenty working days; neither has a time."""
    overdue = register.accept(register.file())
    in_time = register.accept(register.file(datetime(2026, 11, 16, 9, 0, tzinfo=UTC)))

    report = register.report()

    assert cases_of(report, "response_times", "still_open") == {overdue, in_time}
    assert report.rate("overdue", THIS).part.cases == (overdue,)
    assert report.rate("within_10", THIS).percent is None
    assert report.average("stage1_days", THIS).value is None


def test_advocacy_is_counted_for_children_and_care_leavers(register):
    """Each child's complaint stands under the answer to the offer; no record of an offer is shown, not hidden."""
    answers = {
        answer: register.accept(register.file(advocacy=answer))
        for answer in ("accepted", "declined", "has_one", "later", "no_answer")
    }
    not_offered = register.accept(register.file())
    register.accept(register.file(complainant_role="parent"))

    report = register.report()

    for answer, reference in answers.items():
        assert cases_of(report, "advocacy", answer) == {reference}
    assert cases_of(report, "advocacy", "not_offered") == {not_offered}
    offered, helped = report.rate("advocacy_offered", THIS), report.rate("advocacy_supported", THIS)
    assert (offered.part.count, offered.base.count, offered.percent) == (5, 6, 83)
    assert (helped.part.count, helped.percent) == (2, 33)


def test_offers_and_referrals_of_advocates_are_counted_and_opened(register):
    """Each person once, each offer by its occasion, each referral by where it stands, and how long an advocate took."""
    helped = register.accept(register.file(advocacy="accepted"))
    with register.service.database.write() as session:
        case = casework.get(session, helped)
        told_in = case.advocacy[0].conversation_id
        offers.offer(session, told_in, provider="Voices", now=JUNE + timedelta(days=3), occasion="stage", once="s")
        held = session.get_one(Conversation, told_in)
        taken, turned_down = (_asked(session, held, state) for state in ("accepted", "declined"))
    brought = register.file(
        complainant_role="representative", representative_kind="advocate", child_status="looked_after",
        consent="given", acting_for="child",
    )  # fmt: skip

    report = register.report()

    assert report.tables["advocacy_people"].figure("accepted", THIS).count == 1
    assert report.tables["advocacy_people"].figure("total", THIS).count == 1
    assert report.tables["advocacy_offers"].figure("start", "accepted").count == 1
    assert report.tables["advocacy_offers"].figure("stage", "no_answer").count == 1
    assert cases_of(report, "advocacy_referrals", "accepted") == {taken}
    assert cases_of(report, "advocacy_referrals", "declined") == {turned_down}
    assert cases_of(report, "advocacy", "accepted") == {helped}, "a later offer without an answer hides no answer"
    waited = report.average("advocate_hours", THIS)
    assert (waited.value, waited.base.cases) == (30, (taken,))
    assert set(report.rate("with_advocate", THIS).part.cases) == {helped, brought}
    assert cases_of(report, "advocacy", "has_one") == {brought}, "an advocate who speaks need not be offered"


def _asked(session, held, state):
    begun = offers.AdvocacyReferral(
        conversation_id=held.id, case_id=held.case_id, provider="Voices", asked_at=JUNE, share=[], state=state,
        answered_at=JUNE + timedelta(hours=30), answered_by="officer",
    )  # fmt: skip
    session.add(begun)
    session.flush()
    return begun.id


def test_referrals_are_counted_apart_from_complaints(register):
    """A worry is no complaint: it has tables of its own, with the median time until a named person had it."""
    soon = register.worry("immediate", acknowledged_after=4)
    later = register.worry("concern", acknowledged_after=60)
    unseen = register.worry("concern")

    report = register.report()

    assert report.tables["volumes"].figure("total", THIS).count == 0
    assert report.tables["referrals"].opens == "referrals"
    assert cases_of(report, "referrals", "immediate") == {soon}
    assert cases_of(report, "referrals", "concern") == {later, unseen}
    assert cases_of(report, "referral_outcomes", "concern", "not_acknowledged") == {unseen}
    assert report.average("acknowledged_minutes", THIS).value == 32
    assert report.rate("referrals_acknowledged", THIS).percent == 67


def test_referrals_are_counted_by_how_fast_somebody_had_them(register):
    """By level: in the council's own time or later, the median and the longest, and each number opens its referrals."""
    fast, slow = register.worry("immediate", acknowledged_after=4), register.worry("immediate", acknowledged_after=40)
    same_day, unseen = register.worry("concern", acknowledged_after=90), register.worry("concern")

    report = register.report()

    assert cases_of(report, "referral_times", "immediate", "in_time") == {fast}
    assert cases_of(report, "referral_times", "immediate", "late") == {slow}
    assert cases_of(report, "referral_times", "concern", "in_time") == {same_day}
    assert cases_of(report, "referral_times", "concern", "not_acknowledged") == {unseen}
    assert report.rate("immediate_in_time", THIS).percent == 50
    assert cases_of(report, "rates", "immediate_in_time.base") == {fast, slow}
    assert report.average("immediate_minutes", THIS).value == 22
    assert report.average("immediate_longest", THIS).value == 40
    assert cases_of(report, "averages", "immediate_longest") == {fast, slow}
    assert report.average("concern_longest", THIS).value == 90


def test_arrival_is_counted_by_channel(register):
    """Web and text stand apart."""
    by_text, on_web = register.file(channel="sms"), register.file()

    report = register.report()

    assert cases_of(report, "channels", "sms") == {by_text}
    assert cases_of(report, "channels", "web") == {on_web}


def test_message_late_on_the_last_of_march_belongs_to_the_english_day(register):
    """A complaint at 23:30 UTC on 31 March is received on 1 April in England, and so in the next year."""
    reference = register.file(datetime(2026, 3, 31, 23, 30, tzinfo=UTC))

    assert cases_of(register.report(), "volumes", "total", THIS) == {reference}


def test_invented_records_never_pass_silently(register):
    """The report says how many of its records are invented, and leaves them out when asked to."""
    real = register.file()
    invented = register.file(is_demo=True)
    register.worry("concern", is_demo=True)

    report, without = register.report(), register.report(include_demo=False)

    assert invented in report.invented.cases
    assert report.invented.count == 2
    assert "2 of the 3 records in this report are invented" in report.notes[0]
    assert cases_of(without, "volumes", "total") == {real}
    assert without.tables["referrals"].figure("total", THIS).count == 0
    assert "left out" in without.notes[0]


def test_report_of_an_empty_register_is_a_proper_report(register):
    """No records: every table is there with noughts, no share is made up, and the report says nothing was recorded."""
    report = register.report()

    assert all(cell.count == 0 for table in report.tables.values() for cell in table.total.cells)
    assert all(rate.percent is None for rate in report.rates)
    assert f"Nothing was recorded in {THIS}." in report.notes
    assert "The register holds no records yet." in report.notes


def test_year_before_the_register_says_that_it_holds_none_of_it(register):
    """A year wholly before the first record is not a year of nought complaints, and the report says so."""
    register.file(JUNE_LAST_YEAR)

    report = register.report()

    assert [each.recorded for each in report.coverage] == [False, True, True]
    assert any(
        note.startswith(f"{BEFORE} is before the register’s first record (2 June 2025)") for note in report.notes
    )
    assert any(note.startswith("The register’s first record is of 2 June 2025") for note in report.notes)


def test_year_that_is_not_over_is_not_compared_as_if_it_were(register):
    """So far this year is set beside the whole of last year in words that say so; a year to come has not begun."""
    register.file()
    register.file(JUNE_LAST_YEAR)

    report = register.report()

    assert "Contacts received: 1 so far in 2026-27. In the whole of 2025-26 there were 1." in report.sentences
    assert "2027-28 has not begun: it starts on 1 April 2027." in register.report("2027-28").notes


def test_register_that_contradicts_itself_is_not_published(register):
    """A case called closed that never went through a stage belongs in no row: nothing is printed, and it says why."""
    reference = register.file()
    with register.service.database.write() as session:
        casework.get(session, reference).status = "closed"

    with pytest.raises(ReportDoesNotAddUp, match=r"volumes.*not published"):
        register.report()


@pytest.mark.parametrize("year", ["2026", "2026-28", "2026/27", "", "next year"])
def test_year_written_wrongly_is_answered_with_how_to_write_it(register, year):
    """What is not a council year gets a clear answer, with an example of one."""
    with pytest.raises(YearError, match="2026-27"):
        register.report(year)


def test_number_that_is_not_in_the_report_is_not_found(register):
    """Opening a number the report does not have is answered plainly; a share opens its part and its base."""
    reference = register.refuse(register.file(), "OTHER")
    report = register.report()

    assert cases_of(report, "rates", "turned_away.base") == {reference}
    for asked in [("nonsense", "total", THIS), ("volumes", "nonsense", THIS), ("rates", "nonsense", THIS)]:
        with pytest.raises(NotFound):
            cases_behind(report, *asked)


@both_stores
def test_points_are_counted_apart_from_their_complaint(register):
    """One complaint of two points is one in the volumes and two among the points, each where its decision puts it."""
    points = [
        {"words": "Short breaks stopped", "facts": {"category": "denial"}},
        {"words": "The plan is wrong", "facts": {"subject": "send", "category": "delay"}},
    ]
    two = register.file(points=points, points_agreed="yes")
    register.accept(two, refused={2: casework.Refusal("ALTERNATIVE_PROCESS", "For the Tribunal.")})
    one = register.file()

    report = register.report()

    assert cases_of(report, "points", "accepted") == cases_of(report, "points", "not_accepted") == {two}
    assert cases_of(report, "points", "undecided") == {one}
    assert report.tables["points"].figure("total", THIS).count == 3
    assert report.tables["point_outcomes"].figure("denial", "under_investigation").cases == (two,)
    assert cases_of(report, "volumes", "stage_1") == {two}


@both_stores
def test_contacts_that_went_on_elsewhere_are_counted_by_where_they_went(register):
    """Each procedure and each body passed on to has its row; the contact stays counted once as not accepted."""
    both = register.move(register.move(register.refuse(register.file(), "OTHER"), "corporate"), "data_protection")
    school = register.move(register.pass_on(register.refuse(register.file(), "ALTERNATIVE_PROCESS")), "school")
    learning = register.move(register.refuse(register.file(JUNE_LAST_YEAR), "OTHER"), "education")
    passed = register.pass_on(register.accept(register.file()))

    report = register.report()

    expected = {"corporate": {both}, "data_protection": {both}, "school": {school}, "passed_on": {school, passed}}
    for row, cases in expected.items():
        assert cases_of(report, "other_procedures", row) == cases
    assert cases_of(report, "other_procedures", "education", LAST) == {learning}
    assert report.tables["other_procedures"].figure("total", THIS).count == 5
    assert cases_of(report, "volumes", "not_accepted") == {both, school}


@both_stores
def test_contacts_not_accepted_are_shown_with_every_reason(register):
    """Beside the reason the officer gave stand the others the rules had found; nothing is counted twice."""
    court = {"responsible_body": "court"}
    alone = register.refuse(register.file(**court), "COURT_RELATED")
    late = register.refuse(register.file(months_since_grounds=20, continuing=False, **court), "COURT_RELATED")
    other = register.refuse(register.file(subject="data_protection", **court), "ALTERNATIVE_PROCESS")

    report = register.report()

    assert cases_of(report, "further_reasons", "COURT_RELATED") == {alone}
    assert cases_of(report, "further_reasons", "COURT_RELATED+OUT_OF_TIME_JURISDICTION") == {late}
    assert cases_of(report, "further_reasons", "ALTERNATIVE_PROCESS") == {other}
    assert cases_of(report, "further_reasons", "total") == cases_of(report, "not_accepted", "total")
    labels = [row.label for row in report.tables["further_reasons"].rows]
    assert labels[:2] == ["Court related", "Court related; also Out of time or out of jurisdiction"]
    assert len(labels) == 10
