"""How invented people talk to the assistant: they answer what they are asked, each in their own words."""

import time
import uuid


class Web:
    """A person on a council's own site, over the JSON interface."""

    def __init__(self, running):
        self.client = running.http
        opened = self.client.post("/chat/api/conversations").raise_for_status().json()
        self.handle, self.heard = opened["conversation"], opened["replies"]
        self.state, self.reference, self.asking = "open", None, _asking(self.heard)

    @classmethod
    def back(cls, running, *, number, code):
        """Somebody who has been here before, with the number and the code word they were given."""
        person = cls.__new__(cls)
        person.client = running.http
        answer = (
            person.client.post("/chat/api/returns", json={"number": number, "code": code}).raise_for_status().json()
        )
        person.handle, person.heard = answer["conversation"], answer["replies"]
        person.state, person.reference = answer["state"], answer.get("reference")
        person.asking = _asking(person.heard)
        return person

    def say(self, text=None, *, choice=None):
        message = {"id": uuid.uuid4().hex} | ({"choice": choice} if choice else {"text": text})
        path = f"/chat/api/conversations/{self.handle}/messages"
        answer = self.client.post(path, json=message).raise_for_status().json()
        self.state, self.reference = answer["state"], answer.get("reference")
        self._hear(answer["replies"])
        return answer["replies"]

    def listen(self):
        """What has been said since, as the page asks for it every few seconds."""
        after = self.heard[-1]["id"] if self.heard else ""
        path = f"/chat/api/conversations/{self.handle}/messages"
        answer = self.client.get(path, params={"after": after}).raise_for_status().json()
        self.state, self.reference = answer["state"], answer.get("reference")
        self._hear(answer["replies"])
        return answer["replies"]

    def _hear(self, replies):
        self.heard += replies
        self.asking = _asking(replies) or self.asking

    def words(self):
        return "\n".join(reply["text"] for reply in self.heard)


def _asking(replies):
    return next((reply["asking"] for reply in reversed(replies) if reply["asking"]), None)


class Phone:
    """A person with a telephone."""

    def __init__(self, running, number):
        assert not running.stand_in.to(number), f"{number} is another test's phone: give this one its own"
        self.stand_in, self.number = running.stand_in, number

    def say(self, text, *, expect=1, seconds=30):
        """Send a text; returns those that came back once it has been quiet."""
        before = len(self.stand_in.to(self.number))
        assert self.stand_in.text(self.number, text).status_code == 200
        self.stand_in.wait_for(self.number, before + expect, seconds=seconds)
        time.sleep(1.0)
        return self.stand_in.to(self.number)[before:]


def tell(person, answers, *, most=40):
    """Answer each question by the fact it asks for, until the complaint is filed; returns the facts asked, in order.

    Args:
        answers: fact to what the person says (a string), or a list said one after another.
    """
    asked = []
    for _ in range(most):
        if person.state in ("filed", "signposted"):
            return asked
        fact = person.asking
        assert fact in answers, f"nobody told this person what to say to {fact}: {person.heard[-1]['text']!r}"
        asked.append(fact)
        said = answers[fact]
        person.say(said.pop(0) if isinstance(said, list) else said)
    raise AssertionError(f"not filed after {most} messages; asked {asked}")
