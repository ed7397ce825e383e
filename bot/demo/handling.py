"""What the invented staff do with a contact, each step on its own day and none of it on a day that has not come."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from bot import clocks, escalation
from bot.cases import advocacy, alerts, casework, safeguarding
from bot.cases.tables import Case, Referral
from bot.council import Council
from bot.demo.plan import LaterStage, Planned
from bot.demo.telling import sorting

LOOKS_EVERY = 5  # minutes; no step of a profile comes sooner after another
SLOWEST = 3  # working days to a decision; by then some young people want no advocate any more


class Desk:
    """A complaints team of two. `officer` and `manager` are ids of staff who cannot sign in."""

    def __init__(self, session: Session, council: Council, *, officer: str, manager: str, today: date) -> None:
        self.session = session
        self.council = council
        self.officer = officer
        self.manager = manager
        self.today = today

    def work_referral(self, referral: Referral, planned: Planned) -> None:
        """Acknowledge a referral, pass it on and record the answer, as far as that has happened."""
        if planned.alarm is None:
            return
        raised = referral.raised_at
        acknowledged = raised + timedelta(minutes=planned.alarm.acknowledged_after)
        self._alert(referral, acknowledged)
        safeguarding.acknowledge(self.session, referral.id, by=self.officer, now=acknowledged)
        safeguarding.pass_on(
            self.session, referral.id, to=self.council.front_door.name, by=self.officer,
            now=raised + timedelta(minutes=planned.alarm.passed_after),
        )  # fmt: skip
        answered = self._days_after(clocks.local_day(raised), 1)
        if answered < self.today:
            safeguarding.record_outcome(
                self.session, referral.id, outcome=planned.alarm.outcome, by=self.officer, now=_at(answered, 11)
            )

    def _alert(self, referral: Referral, acknowledged: datetime) -> None:
        """Those whom the profile names were told until somebody had it; nothing is really sent."""
        minutes = int((acknowledged - referral.raised_at).total_seconds() // 60)
        told: dict[alerts.Telling, datetime] = {}
        for moment in (referral.raised_at + timedelta(minutes=minute) for minute in range(0, minutes + 1, LOOKS_EVERY)):
            for telling in self._tellings(referral, moment):
                told.setdefault(telling, moment + timedelta(seconds=4))
        for telling, moment in told.items():
            alerts.keep_as_sent(self.session, telling, now=moment)

    def _tellings(self, referral: Referral, moment: datetime) -> Iterator[alerts.Telling]:
        for each in escalation.due_rounds(self.council, referral.level, referral.raised_at, moment):
            for route, where in (("text", each.step.phone), ("email", each.step.email)):
                if where and (route == "email" or referral.level == "immediate"):
                    yield alerts.Telling(referral.id, each.step.key, each.step.name, each.number, route)

    def work_advocacy(self, case: Case, planned: Planned) -> None:
        """Send a wish for an advocate to the provider, who takes most of them on within a few days."""
        for referral in advocacy.referrals_of_case(self.session, case):
            sent = referral.asked_at + timedelta(hours=1)
            advocacy.sent(self.session, referral, route="email", answer_within=timedelta(hours=48), now=sent)
            answered = self._days_after(clocks.local_day(sent), planned.fate.decided_after)
            if answered >= self.today:
                continue
            if planned.fate.decided_after == SLOWEST:
                advocacy.take_back(self.session, referral, now=_at(answered, 13))
            else:
                advocacy.conclude(self.session, referral, outcome="accepted", by=self.officer, now=_at(answered, 13))

    def work_case(self, case: Case, planned: Planned) -> None:
        """Decide, assign, acknowledge, answer, and go through further stages, as far as that has happened."""
        decided = self._days_after(case.received_on, planned.fate.decided_after)
        if decided >= self.today:
            return
        if planned.story.refuse:
            casework.refuse(
                self.session, case, reason_code=planned.story.refuse, reasons=planned.story.reasons,
                council=self.council, by=self.manager, now=_at(decided, 14),
            )  # fmt: skip
            return
        casework.accept(
            self.session, case, council=self.council, by=self.manager, now=_at(decided, 9), stage=planned.story.stage
        )
        team, category = sorting(planned, self.council)
        casework.assign(
            self.session, case, team=team, category=category, council=self.council, by=self.officer,
            now=_at(decided, 10),
        )  # fmt: skip
        casework.acknowledge(self.session, case, by=self.officer, now=_at(decided, 11))
        if planned.fate.note:
            casework.add_note(self.session, case, text=planned.fate.note, by=self.officer, now=_at(decided, 12))
        self._conclude(case, planned)

    def _conclude(self, case: Case, planned: Planned) -> None:
        fate = planned.fate
        if fate.withdrawn_because:
            taken_back = self._days_after(case.received_on, fate.decided_after + 2)
            if taken_back < self.today:
                casework.withdraw(
                    self.session, case, by=self.officer, now=_at(taken_back, 15), reason=fate.withdrawn_because
                )
            return
        answered = self._answer(case, case.received_on, fate.answered_after, fate.finding)
        for stage in fate.later:
            answered = self._go_on(case, stage, answered)

    def _go_on(self, case: Case, stage: LaterStage, answered: date | None) -> date | None:
        """Begin the next stage if the last has been answered; gives the day of its own answer."""
        if answered is None:
            return None
        asked = self._days_after(answered, stage.asked_after)
        if asked >= self.today:
            return None
        casework.begin_stage(
            self.session, case, number=stage.number, started_on=asked, council=self.council, by=self.manager,
            now=_at(asked, 10),
        )  # fmt: skip
        return self._answer(case, asked, stage.answered_after, stage.finding)

    def _answer(self, case: Case, started: date, after: int | None, finding: str) -> date | None:
        """Record the answer of the present stage; None if there is none yet."""
        day = None if after is None else self._days_after(started, after)
        if day is None or day >= self.today:
            return None
        findings = {element.number: finding for element in case.elements}
        casework.record_outcome(
            self.session, case, findings=findings, answered_on=day, by=self.officer, now=_at(day, 15)
        )
        return day

    def _days_after(self, day: date, count: int) -> date:
        return clocks.add_working_days(day, count, self.council.extra_holidays)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
