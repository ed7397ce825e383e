"""One e-mail, sent through the mail server of the settings."""

import smtplib
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from bot.service import Service

TIMEOUT = 10  # seconds


def send(service: Service, *, to: list[str], subject: str, text: str, urgent: bool = False) -> None:
    """Send a plain e-mail from the complaints team.

    Args:
        to: addresses; all see each other.
        urgent: whether it is marked as such in the reader's list.

    Raises:
        smtplib.SMTPException: the mail server refused it.
        OSError: the mail server could not be reached.
    """
    address = urlsplit(service.settings.smtp_url)
    sender = service.council.complaints_team.email or "speak-up@localhost"
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = subject, ", ".join(to), sender
    # A machine wrote it: no out-of-office answer should come back (RFC 3834).
    message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
    if urgent:
        message["X-Priority"] = "1"
    message.set_content(text)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    with kind(address.hostname or "localhost", address.port or 0, timeout=TIMEOUT) as server:
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)
