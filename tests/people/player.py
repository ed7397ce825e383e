"""Plays invented people over the running service: what they write, and what became of it in the store.

A script (`scripts/*.yml`) says who it is, on which channel, what they do (`says`) and how it must end (`ends`). Each
step of `says` is a line they write, or one of:

- `answers`: what they say to each question by the fact it asks for (a list is said one after another), until nothing
  more is asked;
- `burst`: several texts sent without waiting;
- `pick`: the value of a choice that is pressed instead of written;
- `wait`: so many hours, days or weeks pass ("3 days"), and what the calendar brings is done;
- `restart`: everything is stopped and started again;
- `code`: they write the code word they were given; `goes_on`: they go on in a browser with it;
- `staff`: somebody of the team "takes over", "hands back", "has the worry" or "answers"; `staff_writes`: and writes;
- `hears`: what the answer to the last step was.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import yaml
from sqlalchemy import select

from bot.advocates import offering
from bot.cases import casework, conversations, lookup, safeguarding
from bot.cases.database import vault
from bot.cases.tables import Case, Conversation, Draft, Job, Message, Stage
from bot.clocks import local_day
from bot.conversation import crisis, reminders
from bot.conversation.code_words import read_code
from tests.journeys.people import Web

SCRIPTS = Path(__file__).parent / "scripts"
OFFICER = "officer"
MOST_QUESTIONS = 40
ANSWERED_WITHIN = 60  # seconds; a turn that failed is tried again after up to 30
DONE = ("filed", "signposted")


def scripts():
    """Every script by its name."""
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(SCRIPTS.glob("*.yml"))}


@dataclass(frozen=True)
class Said:
    """One message of a conversation, as it lies in the store."""

    number: int
    ours: bool
    text: str
    response: str | None
    kind: str
    asking: str | None
    segments: int


@dataclass(frozen=True)
class Cost:
    """What a complaint cost a person up to its receipt: questions put, and texts and segments sent to them."""

    questions: int
    texts: int
    segments: int


@dataclass
class Person:
    """An invented person in front of the running service."""

    running: object
    script: dict
    web: Web | None = None
    code: str | None = None
    ids: set[str] = field(default_factory=set)
    seen: int = 0

    def __post_init__(self):
        if self.script["channel"] == "web":
            self._sit_down(Web(self.running))

    def play(self):
        """Do all that the script says."""
        number = self.script["phone"] if self.web is None else None
        assert not (number and self.running.stand_in.to(number)), f"{number} is another test's phone in this service"
        for step in self.script["says"]:
            self._do(step)
        return self

    def _do(self, step):
        ((does, what),) = step.items() if isinstance(step, dict) else (("write", step),)
        if does != "hears":
            self.seen = max((each.number for each in self.said()), default=0)
        getattr(self, f"_{does}")(what)

    def play_to_filing(self):
        """Do what the script says until the first complaint is filed."""
        for step in self.script["says"]:
            self._do(step)
            if isinstance(step, dict) and "answers" in step:
                return self
        return self

    # --- what they do --------------------------------------------------------------------------------------------

    def _write(self, text):
        self._send(text)
        self._settle()

    def _burst(self, texts):
        for text in texts:
            self._send(text)
        self._settle()

    def _send(self, text=None, choice=None):
        if self.web is None:
            assert self.running.stand_in.text(self.script["phone"], text).status_code == 200
            return
        self.web.say(text, choice=choice)

    def _pick(self, value):
        self._send(choice=value)
        self._settle()

    def _answers(self, answers):
        left = {fact: list(said) if isinstance(said, list) else [said] for fact, said in answers.items()}
        for _ in range(MOST_QUESTIONS):
            asking = self._open_question()
            if asking is None:
                return
            assert left.get(asking), f"nobody told this person what to say to {asking}\n{self.transcript()}"
            self._write(left[asking].pop(0) if len(left[asking]) > 1 else left[asking][0])
        raise AssertionError(f"no end after {MOST_QUESTIONS} answers\n{self.transcript()}")

    def _open_question(self):
        """The fact that the newest messages ask for; None once it is filed or nothing is asked."""
        with self._store().read() as session:
            if self._conversation(session).state in DONE and not self._draft(session):
                return None
        asked = [each for each in self.said() if each.ours and each.asking]
        return asked[-1].asking if asked else None

    def _code(self, _whose):
        self._write(self.code)

    def _goes_on(self, _where):
        self._sit_down(Web.back(self.running, number=self.script["phone"], code=self.code))

    def _sit_down(self, web):
        self.web = web
        self._settle()

    def _restart(self, _what):
        self.running.restart()

    def _wait(self, how_long):
        """Let time pass: everything of this person becomes older, and what the calendar brings is done."""
        count, unit = how_long.split()
        passed = timedelta(**{unit: int(count)})
        with self._store().write() as session:
            for each in self._all(session, Conversation, Conversation.id):
                _age(each, passed, "started_at", "last_message_at", "phone_since")
                for stage in session.scalars(select(Stage).where(Stage.case_id == each.case_id)):
                    _age(stage, passed, "answered_on")
            for each in self._all(session, Message, Message.conversation_id):
                _age(each, passed, "at")
            for each in self._all(session, Draft, Draft.conversation_id):
                _age(each, passed, "updated_at", "reminded_at")
        self._calendar()
        self._settle()

    def _calendar(self):
        service, now = self.running.service(), datetime.now(UTC)
        while reminders.remind_next(service, now=now):
            pass
        offering.make_what_is_owed(service, now=now)

    def _staff(self, does):
        act = {
            "takes over": conversations.take_over, "hands back": conversations.hand_back,
            "has the worry": self._have_worry, "answers": self._answer,
        }[does]  # fmt: skip
        with self._store().write() as session:
            act(session, self._conversation(session), by=OFFICER, now=datetime.now(UTC))
        self._settle()

    def _staff_writes(self, text):
        with self._store().write() as session:
            conversations.say_as_staff(session, self._conversation(session), text, by=OFFICER, now=datetime.now(UTC))

    def _have_worry(self, session, conversation, *, by, now):
        for worry in lookup.referrals_about(session, case_id=None, conversation_id=conversation.id):
            taken = safeguarding.acknowledge(session, worry.id, by=by, now=now)
            crisis.tell_seen(self.running.service(), session, taken, now=now)

    def _answer(self, session, conversation, *, by, now):
        case, council = conversation.case, self.running.service().council
        casework.accept(session, case, council=council, by=by, now=now, reasons="It is about our service.")
        findings = {each.number: "not_upheld" for each in case.elements}
        casework.record_outcome(session, case, findings=findings, answered_on=local_day(now), by=by, now=now)

    def _hears(self, expected):
        wrong = what_differs_in_words([each for each in self.said() if each.ours and each.number > self.seen], expected)
        assert not wrong, "\n".join([*wrong, self.transcript()])

    # --- what is in the store ------------------------------------------------------------------------------------

    def said(self):
        """Everything said, by the person and to them, in order."""
        with self._store().read() as session:
            self._conversation(session)
            return [
                Said(
                    each.number, each.direction == "out", each.text, each.response, each.kind, each.asking,
                    each.segments or 0,
                )
                for each in sorted(self._all(session, Message, Message.conversation_id), key=lambda each: each.number)
            ]  # fmt: skip

    def questions(self):
        """The facts asked for, in order, each as often as it was."""
        return [each.asking for each in self.said() if each.ours and each.asking]

    def cost(self):
        """What their first complaint cost them, up to and with its receipt."""
        said = self.said()
        receipt = next((place for place, each in enumerate(said) if each.kind == "receipt"), len(said))
        end = next((place for place, each in enumerate(said) if place > receipt and not each.ours), len(said))
        ours = [each for each in said[:end] if each.ours]
        return Cost(
            questions=sum(bool(each.asking) for each in ours),
            texts=sum(each.segments > 0 for each in ours),
            segments=sum(each.segments for each in ours),
        )

    def cases(self, session):
        """The cases filed by this person, oldest first."""
        filed = {each.case_id for each in self._all(session, Conversation, Conversation.id)}
        known = [each.text for each in self.said() if each.kind == "receipt"]
        everything = session.scalars(select(Case).order_by(Case.received_at))
        return [case for case in everything if case.id in filed or any(case.reference in text for text in known)]

    def transcript(self):
        """All of it, to be read when something is wrong."""
        return "\n".join(f"{'<' if each.ours else '>'} {each.response or ''} {each.text!r}" for each in self.said())

    def conversation(self, session):
        """The conversation they are in now."""
        return self._conversation(session)

    def draft(self, session):
        """What they have told and not sent."""
        return self._draft(session)

    def _draft(self, session):
        return conversations.draft_facts(session, self._conversation(session).id)

    def _store(self):
        return self.running.service().database

    def _conversation(self, session):
        if self.web is None:
            here = conversations.of_number(session, vault().fingerprint(self.script["phone"]))
        else:
            here = conversations.by_handle(session, self.web.handle)
        if here is not None:
            self.ids.add(here.id)
        return here

    def _all(self, session, table, column):
        return list(session.scalars(select(table).where(column.in_(self.ids))))

    def _settle(self):
        """Wait until nothing is owed to this person any more; a text that waits for a safe hour is not."""
        until = time.monotonic() + ANSWERED_WITHIN
        while time.monotonic() < until:
            if not self._is_owed():
                self._note_code()
                return
            time.sleep(0.05)
        raise AssertionError(f"not answered within {ANSWERED_WITHIN} s\n{self.transcript()}")

    def _is_owed(self):
        soon = datetime.now(UTC) + timedelta(seconds=5)
        with self._store().read() as session:
            self._conversation(session)
            owed = [each for each in self._all(session, Job, Job.conversation_id) if each.state == "ready"]
            texts = sorted((each for each in owed if each.kind == "text"), key=lambda each: each.id)
            # Texts leave in their order: behind one that waits for a safe hour nothing is owed either.
            return any(each.kind == "turn" for each in owed) or bool(texts and texts[0].run_at < soon)

    def _note_code(self):
        given = [each.text for each in self.said() if each.response == "utter_code_word"]
        for text in given:
            words = text.replace(".", "").replace(",", "").split()
            pairs = (f"{one} {other}" for one, other in pairwise(words))
            self.code = next((pair for pair in pairs if read_code(pair) == pair.casefold()), self.code)


def _age(row, passed, *times):
    for name in times:
        if (at := getattr(row, name)) is not None:
            setattr(row, name, at - passed)


def what_differs_in_words(said, expected):
    """What is not as expected in what was said to a person, a line each."""
    words = "\n".join(each.text for each in said).casefold()
    responses = {each.response for each in said}
    asked = {each.asking for each in said if each.asking}
    wrong = [f"never said {name}" for name in expected.get("responses", ()) if name not in responses]
    wrong += [f"never told {each!r}" for each in expected.get("words", ()) if each.casefold() not in words]
    wrong += [f"told {each!r}" for each in expected.get("never_words", ()) if each.casefold() in words]
    wrong += [f"asked {fact}" for fact in expected.get("never_asked", ()) if fact in asked]
    wrong += [f"nothing of kind {each}" for each in expected.get("kinds", ()) if each not in {one.kind for one in said}]
    if expected.get("nothing") and said:
        wrong.append(f"was answered {words!r}")
    if "asking" in expected and expected["asking"] not in asked:
        wrong.append(f"was not asked {expected['asking']}")
    return wrong
