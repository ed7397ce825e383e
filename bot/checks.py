"""What `bot check` looks at: settings, profile, rules, words, store, sealed environment."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from bot import clocks, eligibility
from bot.cases.database import current_migration, migration_head
from bot.errors import SpeakUpError
from bot.screening import learned_ready
from bot.service import Service
from bot.settings import PREFIX, Settings
from bot.training import model_path

# What the service itself says, without Rasa; each must be in domain.yml.
NEEDED_RESPONSES = (
    "utter_welcome",
    "utter_crisis",
    "utter_ask_safe_now",
    "utter_safe_yes",
    "utter_concern",
    "utter_outage",
    "utter_empty_picture",
    "utter_not_understood_symbols",
    "utter_opt_out_done",
    "utter_opt_in_done",
    "utter_help",
)


@dataclass(frozen=True)
class Finding:
    """Something to know about the installation: `wrong` must be put right, `note` may be meant."""

    weight: str
    text: str


def settings_help() -> list[str]:
    """Every setting, its name in the environment, its default and what it is for."""
    return [
        f"{PREFIX}{each.name.upper():22} {each.metadata['why']} (default: {each.default!r})"
        for each in fields(Settings)
    ]


def findings() -> list[Finding]:
    """Everything that is wrong or worth a note."""
    try:
        service = Service.load(Settings.load())
    except (SpeakUpError, eligibility.RulesError) as error:
        return [Finding("wrong", line) for line in str(error).splitlines()]
    return [*_installation(service), *_profile(service), *_words(service)]


def _installation(service: Service) -> list[Finding]:
    found = []
    if not service.database.reachable():
        found.append(Finding("wrong", "The case store cannot be reached; check SPEAKUP_DATABASE_URL."))
    elif current_migration(service.database) != migration_head():
        found.append(Finding("wrong", "The case store is not at the newest migration. Run `bot db upgrade`."))
    if not Path(service.settings.rasa_python).exists():
        found.append(Finding("wrong", "The sealed Rasa is not installed. Run `make setup`."))
    elif not model_path(service.settings).exists():
        found.append(Finding("note", "There is no model for the present data; `bot serve` trains it."))
    if not learned_ready():
        found.append(Finding("wrong", "Screening works by cues alone and misses more danger. Run `bot train`."))
    if not service.settings.sms_on:
        found.append(Finding("note", "Texting is off: set SPEAKUP_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM."))
    elif service.settings.twilio_api_base:
        found.append(Finding("note", "Texts go to SPEAKUP_TWILIO_API_BASE, not to Twilio itself."))
    if not service.settings.smtp_url:
        found.append(Finding("note", "Alerts are not sent by e-mail: set SPEAKUP_SMTP_URL."))
    if not service.settings.public_url.startswith("https://"):
        found.append(Finding("note", "SPEAKUP_PUBLIC_URL is not https; fine on one's own machine, nowhere else."))
    return found


def _profile(service: Service) -> list[Finding]:
    council, today = service.council, clocks.local_day(datetime.now(UTC))
    found = []
    if council.invented is True:
        found.append(Finding("note", f"The profile of {council.name} is invented; it is for trying out only."))
    elif council.invented:
        found.append(
            Finding("note", f"In the profile of {council.name} these are invented: {', '.join(council.invented)}.")
        )
    contacts = {field: getattr(council, field) for field in ("complaints_team", "advocacy", "front_door", "duty")}
    contacts |= {f"signposts.{key}": contact for key, contact in council.signposts.items()}
    for field, contact in contacts.items():
        if contact.verified_on and contact.verified_on > today:
            found.append(Finding("wrong", f"{field}.verified_on lies in the future; put the day it was checked."))
        elif contact.phone and contact.told(today) is None:
            found.append(Finding("note", f"{field}.phone is not verified, or not lately: it is not told to people."))
    return found + _alarm_routes(service)


def _alarm_routes(service: Service) -> list[Finding]:
    """Whether an alarm would reach somebody who is there."""
    council, settings = service.council, service.settings
    found = []
    if not (council.duty.phone or council.duty.email):
        found.append(
            Finding("wrong", "duty has neither phone nor email: nobody would be alerted to a danger. Add one.")
        )
    if settings.sms_on and not settings.twilio_api_base and council.is_invented("duty.phone"):
        found.append(Finding("wrong", "Texts are real, but duty.phone is invented: alarms would reach nobody."))
    if settings.smtp_url and council.is_invented("duty.email"):
        found.append(Finding("wrong", "E-mail is real, but duty.email is invented: alarms would reach nobody."))
    return found


def _words(service: Service) -> list[Finding]:
    missing = [name for name in NEEDED_RESPONSES if name not in service.words]
    return [Finding("wrong", f"domain.yml has no response {name}; add it under `responses:`.") for name in missing]
