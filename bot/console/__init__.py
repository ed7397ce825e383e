"""The staff console: sign-in, queues, cases, referrals, conversations, staff users and reports, under /casework."""

from bot.console import advocacy, case, conversations, people, queues, referrals, reports, signing_in
from bot.console.guard import blueprint

__all__ = ["advocacy", "blueprint", "case", "conversations", "people", "queues", "referrals", "reports", "signing_in"]
