"""The staff console: sign-in, queues, cases, referrals, conversations, staff users and reports, under /casework."""

from bot.console import advocacy, case, compliments, conversations, people, queues, referrals, reports, signing_in
from bot.console.guard import blueprint

__all__ = [
    "advocacy", "blueprint", "case", "compliments", "conversations", "people", "queues", "referrals", "reports",
    "signing_in",
]  # fmt: skip
