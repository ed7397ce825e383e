"""What `bot check` looks at: settings, profile, rules, words, store, sealed environment."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from phonenumbers import PhoneNumberType, number_type, parse

from bot import clocks, eligibility
from bot.cases.database import current_migration, migration_head
from bot.conversation.routes import routes_to
from bot.council import COUNCILS, AlertStep, Contact, Council
from bot.errors import SettingsError, SpeakUpError
from bot.screening import learned_ready
from bot.service import Service
from bot.settings import PREFIX, Settings
from bot.training import model_path

# What the service itself says, without Rasa; each must be in domain.yml.
SHORTEST_SECRET = 32
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
    "utter_crisis_helpline",
    "utter_crisis_helpline_text",
    "utter_safe_kept",
    "utter_safe_wait",
    "utter_safe_seen",
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
    for field, contact in council.contacts():
        if contact.verified_on and contact.verified_on > today:
            found.append(Finding("wrong", f"{field}.verified_on lies in the future; put the day it was checked."))
        elif contact.phone and not isinstance(contact, AlertStep) and contact.told(today) is None:
            found.append(Finding("note", f"{field}.phone is not verified, or not lately: it is not told to people."))
    return [*found, *_alarm_routes(service), *advocacy_route(service)]


def advocacy_route(service: Service) -> list[Finding]:
    """Whether a child's wish for an advocate reaches the provider."""
    how, settings = service.council.advocacy.referrals, service.settings
    if how is None:
        return [Finding("note", "The profile has no advocacy.referrals: staff ask the provider for each advocate.")]
    if how.by == "email" and not settings.smtp_url:
        return [Finding("note", "Staff ask for each advocate: referrals go by e-mail, and SPEAKUP_SMTP_URL is empty.")]
    if how.by == "email" and service.council.is_invented("advocacy.email"):
        return [Finding("wrong", "E-mail is real, but advocacy.email is invented: no child would get an advocate.")]
    if how.by == "webhook" and len(settings.advocacy_secret) < SHORTEST_SECRET:
        return [Finding("wrong", "Referrals go by webhook: set SPEAKUP_ADVOCACY_SECRET, of 32 characters or more.")]
    return []


def refuse_without_alarm(service: Service) -> None:
    """See that a council's service starts only if somebody would be told of a danger, at any hour.

    A profile that is wholly invented may start all the same: it is for trying out, and the banner says what is missing.

    Raises:
        SettingsError: nobody would; names the profile, the field and the settings.
    """
    if service.council.invented is not True and (silent := list(_silent(service))):
        raise SettingsError("\n".join(silent))


def _on_call(council: Council) -> Iterator[tuple[str, Contact]]:
    """Everybody who is alerted, each with the path of its field."""
    for field, contact in council.contacts():
        if field in ("duty", "emergency_duty_team") or isinstance(contact, AlertStep):
            yield field, contact


def _silent(service: Service) -> Iterator[str]:
    """Who could not be told of a danger, and what to do about it."""
    profile = COUNCILS / f"{service.settings.council}.yml"
    for field, contact in _on_call(service.council):
        if not routes_to(service.settings, contact, "immediate"):
            has = " and ".join(name for name in ("phone", "email") if getattr(contact, name))
            yield (
                f"{profile}: {field}: it has {has}, and no alert can be sent by that: set SPEAKUP_TWILIO_… for texts or"
                " SPEAKUP_SMTP_URL for e-mail, or add the other. Until then they would not be told of a danger."
            )


def _alarm_routes(service: Service) -> Iterator[Finding]:
    """Whether an alarm would reach somebody who is there."""
    council = service.council
    yield from (Finding("wrong", silent) for silent in _silent(service))
    for field, contact in _on_call(council):
        if "text" not in routes_to(service.settings, contact, "immediate"):
            yield Finding("note", f"{field} is not alerted by text: it has no phone, or texting is off.")
        yield from _leads_nowhere(service, field, contact)
    if council.emergency_duty_team is None:
        yield Finding("note", "There is no emergency_duty_team: duty is alerted at night and at weekends too.")
    if not council.escalation.steps:
        yield Finding("note", "escalation has no steps: a danger that duty does not acknowledge goes up to nobody.")
    today = clocks.local_day(datetime.now(UTC))
    for key in council.crisis_helplines:
        line = eligibility.load_signposts()[key]
        if line.has_contact and not line.shown(today):
            yield Finding("note", f"crisis_helplines: {key} has not been checked lately: it is not told to people.")
    if not council.crisis_helplines:
        yield Finding("note", "There are no crisis_helplines: somebody in danger is told of 999 alone.")


def _leads_nowhere(service: Service, field: str, contact: Contact) -> Iterator[Finding]:
    """A route that is really used, to somebody who is made up."""
    council, settings = service.council, service.settings
    if settings.sms_on and not settings.twilio_api_base and contact.phone and council.is_invented(f"{field}.phone"):
        yield Finding("wrong", f"Texts are real, but {field}.phone is invented: alarms would reach nobody.")
    if settings.smtp_url and contact.email and council.is_invented(f"{field}.email"):
        yield Finding("wrong", f"E-mail is real, but {field}.email is invented: alarms would reach nobody.")
    if contact.phone and number_type(parse(contact.phone, "GB")) == PhoneNumberType.FIXED_LINE:
        yield Finding("note", f"{field}.phone is a landline: alerts by text may not arrive. Give a mobile.")


def _words(service: Service) -> list[Finding]:
    missing = [name for name in NEEDED_RESPONSES if name not in service.words]
    return [Finding("wrong", f"domain.yml has no response {name}; add it under `responses:`.") for name in missing]
