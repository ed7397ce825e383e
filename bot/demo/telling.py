"""One invented person tells their story: kept, screened, offered an advocate, read back and filed as any other."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import advocacy, conversations, intake, jobs, safeguarding
from bot.cases.conversations import Reply
from bot.cases.tables import Job, Message, Referral
from bot.conversation import crisis
from bot.council import Council
from bot.demo.plan import Planned
from bot.demo.stories import Material
from bot.eligibility import CHILDREN
from bot.screening import Context, screen
from bot.service import Service
from bot.understanding.sharing import SHARES

# Responses that name help lines.
OF_DANGER = ("utter_crisis", "utter_concern")
# What is not the story's own, and true of all of them unless the story says otherwise.
USUAL = {
    "subject": "part3_service",
    "nature": "complaint",
    "responsible_body": "this_council",
    "identity": "named",
    "prior": "none",
}


def marker(planned: Planned) -> str:
    """The provider's id of a planned contact's first message: it tells whether the contact was loaded before."""
    return f"demo:{planned.key}:1"


class Telling:
    """One conversation, told in one transaction. `referrals` holds what the person's words raised."""

    def __init__(self, session: Session, service: Service, material: Material, planned: Planned) -> None:
        self.session = session
        self.service = service
        self.material = material
        self.planned = planned
        self.now = planned.received_at
        self.levels: list[str] = []
        self.referrals: list[Referral] = []
        self.asked = Reply(None, "")
        # No telephone number, whatever the channel: a text that was owed by mistake would still reach nobody.
        self.conversation = conversations.open_conversation(
            session, channel=planned.channel, now=self.now, is_demo=True
        )

    def tell(self) -> intake.Filed:
        """The whole conversation, from hello to the receipt."""
        story = self.planned.story
        self._answer("utter_welcome")
        parts = [self._write(words) for words in story.text]
        self._answer("utter_heard")
        self._ask("utter_ask_complainant_role", self.material.says[story.role])
        if self._may_have_an_advocate():
            self._offer_advocate()
        self._ask("utter_ask_desired_outcome", story.wish)
        facts = self._facts() | {"parts": [part.id for part in parts]}
        intake.save_draft(self.session, self.conversation.id, facts, now=self.now)
        self._answer("utter_ask_confirm_statement", statement=self.material.statement.format_map(facts))
        self._write("Yes, send it")
        filed = intake.file_complaint(
            self.session, conversation_id=self.conversation.id, council=self.service.council,
            rules=self.service.rules, now=self.now,
        )  # fmt: skip
        self._give_receipt(filed)
        self._settle()
        return filed

    def _facts(self) -> dict[str, Any]:
        """What the assistant would have taken from it."""
        story, people = self.planned.story, self.planned.people
        by_text = self.planned.channel == "sms"
        facts = {
            **USUAL,
            **story.facts,
            "complainant_role": story.role,
            "representative_kind": story.kind,
            "representative_organisation": people["organisation"],
            "relationship": story.tie,
            "what_happened": "\n".join(self._filled(words) for words in story.text),
            "desired_outcome": self._filled(story.wish),
            "name": people["name"],
            "complainant_age": people["age"],
            "child_name": people["child"],
            "child_age": people["child_age"] if people["child"] else None,
            "preferred_contact": "sms" if by_text else "email",
            "phone": people["number"] if by_text else None,
            "email": None if by_text else people["email"],
        }
        if self.planned.sorted_at_once:
            facts["team"], facts["category"] = sorting(self.planned, self.service.council)
        return {name: value for name, value in facts.items() if value is not None}

    def _may_have_an_advocate(self) -> bool:
        return self.planned.story.role in CHILDREN or self.planned.story.kind == "advocate"

    def _offer_advocate(self) -> None:
        provider = self.service.council.advocacy.name
        self._answer("utter_ask_advocacy")
        advocacy.offer(
            self.session, self.conversation.id, provider=provider, now=self.now, channel=self.planned.channel,
            words=self.asked.text,
        )  # fmt: skip
        if self.planned.advocacy is not None:
            self._choose(self.planned.advocacy)
            advocacy.answer(
                self.session, self.conversation.id, answer=self.planned.advocacy, provider=provider, now=self.now
            )
        if self.planned.advocacy == "accepted":
            self._answer("utter_ask_advocacy_share")
            words = self._write("Everything").text
            wished = advocacy.wish(self.session, self.conversation, provider=provider, now=self.now)
            advocacy.consent(self.session, wished, share=SHARES, words=words, now=self.now)

    def _ask(self, response: str, answer: str) -> None:
        self._answer(response)
        self._write(answer)

    def _choose(self, value: str) -> None:
        """Pick one of the choices that were just offered."""
        offered = {choice["value"]: choice["label"] for choice in self.asked.choices}
        self._write(offered[value], choice=value)

    def _filled(self, words: str) -> str:
        people = self.planned.people
        return words.format(child=people["child"], worker=people["worker"], tie=self.planned.story.tie)

    def _write(self, words: str, choice: str | None = None) -> Message:
        """Something the person writes, kept and screened as every message is; danger is answered and referred."""
        self.now += timedelta(minutes=2)
        text = self._filled(words)
        found = screen(text, Context(asking=self.asked.asking, previous_levels=tuple(self.levels)))
        self.levels.append(found.level)
        message = conversations.keep_message(
            self.session, self.conversation, provider_id=f"demo:{self.planned.key}:{len(self.levels)}", text=text,
            now=self.now, screening=found.level, reasons=found.reasons, choice=choice,
        )  # fmt: skip
        self.conversation.last_message_at = self.now
        if found.level != "none":
            raised = safeguarding.raise_referral(self.session, self.conversation, message, now=self.now)
            self.referrals += [raised] if raised not in self.referrals else []
        if found.level == "immediate":
            self._wait_until_safe(raised)
        elif found.level == "concern":
            self._answer("utter_concern")
        return message

    def _wait_until_safe(self, raised: Referral) -> None:
        """Danger goes first: the complaint goes on once they say that they are safe and somebody has it."""
        self._answer("utter_crisis")
        self._answer("utter_ask_safe_now")
        self._choose("affirm")
        safeguarding.note_safe(self.session, self.conversation.id, now=self.now)
        self._answer("utter_safe_wait")
        if self.planned.alarm is not None:
            self.now = max(self.now, raised.raised_at + timedelta(minutes=self.planned.alarm.acknowledged_after))
        self._answer("utter_safe_seen")
        self._choose("repeat")

    def _answer(self, response: str, **facts: object) -> None:
        if response in OF_DANGER:
            reply = crisis.said(self.service, response, channel=self.planned.channel, now=self.now)
        else:
            reply = self.service.words.to(self.conversation, response, **facts)
        conversations.store_replies(self.session, self.conversation, [reply], now=self.now)
        if reply.asking or reply.choices:
            self.asked = reply

    def _give_receipt(self, filed: intake.Filed) -> None:
        told = {"reference": filed.reference, "acknowledge_by": filed.acknowledge_by, "say": filed.say}
        if filed.outcome == "ineligible":
            self._answer("utter_receipt_signposted", **told)
        elif filed.answer_by:
            self._answer("utter_receipt", **told, answer_by=filed.answer_by)
        else:
            self._answer("utter_receipt_to_check", **told)

    def _settle(self) -> None:
        """Nothing stays owed: no text is sent to anybody and no alert rings a duty phone for an invented danger."""
        owed = select(Job).where(Job.conversation_id == self.conversation.id, Job.state == "ready")
        for job in self.session.scalars(owed):
            jobs.finish(job)
            if job.kind == "text":
                conversations.message(self.session, job.message_id or "").delivery = "delivered"


def sorting(planned: Planned, council: Council) -> tuple[str, str]:
    """The team and the category of a contact by the profile in force."""
    return (
        _of_profile(planned.story.team, [team.key for team in council.teams]),
        _of_profile(planned.story.category, [category.key for category in council.categories]),
    )


def _of_profile(key: str, known: list[str]) -> str:
    """The key itself, or for another council's profile one of its own, always the same one for the same key."""
    return key if key in known else known[sum(key.encode()) % len(known)]
