"""A member of staff at a browser without JavaScript: reads pages, fills in the forms that are there, sends them."""

import re
from datetime import UTC, datetime
from html import unescape

from bot.cases import staff

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class StaffBrowser:
    """One browser. `see` opens a page, `send` posts a form with the token of the page it stands on."""

    def __init__(self, app):
        self.client = app.test_client()
        self.service = app.extensions["speakup"]
        self.staff = None

    def sign_in_as(self, member):
        """Hold a session as the sign-in page would have begun it, without the slow check of a password."""
        with self.service.database.write() as session:
            token = staff._begin_session(session, session.merge(member), datetime.now(UTC))
        self.client.set_cookie("speakup_staff", token, path="/casework")
        self.staff = member
        return self

    def see(self, path):
        """The answer to opening a page."""
        return self.client.get(path)

    def text(self, path):
        """What stands on a page that must be there."""
        answer = self.see(path)
        assert answer.status_code == 200, (answer.status_code, path)
        return plain(answer)

    def send(self, path, page=None, **fields):
        """The answer to sending a form; `page` is where the form stands, if not at the address it is sent to."""
        found = TOKEN.search(self.see(page or path).text)
        token = found[1] if found else self._token()
        return self.client.post(path, data={"csrf_token": token, **fields})

    def _token(self):
        return TOKEN.search(self.see("/casework/sign-in").text)[1]


def plain(answer):
    """The words of a page, without its tags."""
    body = answer.text.partition("<body")[2]
    return " ".join(unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", body, flags=re.S)).split())


def day_parts(field, day):
    """A day as it is typed into three boxes."""
    return {f"{field}-day": day.day, f"{field}-month": day.month, f"{field}-year": day.year}
