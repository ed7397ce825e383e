"""One process's view of the installation: settings, profile, rules, words and the case store."""

from dataclasses import dataclass

from bot import eligibility
from bot.cases.database import Database, open_vault
from bot.conversation.dialogue import Dialogue
from bot.council import Council, load_council
from bot.settings import Settings
from bot.words import Words, load_words


@dataclass(frozen=True)
class Service:
    """What the channels, the worker, the actions, the console and the commands share. Built once per process."""

    settings: Settings
    council: Council
    rules: eligibility.Rules
    words: Words
    database: Database
    dialogue: Dialogue

    @classmethod
    def load(cls, settings: Settings) -> "Service":
        """Read and check everything, so that what is wrong is said at the start.

        Raises:
            SpeakUpError: a setting, the profile, the rules or the words cannot be used; the message says why.
        """
        open_vault(settings.field_keys, settings.hash_key)
        settings.home.mkdir(parents=True, exist_ok=True)
        council = load_council(settings.council)
        words = load_words(council.named_in_responses)
        return cls(
            settings=settings,
            council=council,
            rules=eligibility.load_rules(),
            words=words,
            database=Database(settings.store_url),
            dialogue=Dialogue(settings.rasa_url, settings.rasa_secret, settings.rasa_timeout, say=words.say),
        )


_current: list[Service] = []


def use(service: Service) -> Service:
    """Make this the service of the process; Rasa's SDK builds actions itself and gives them nothing."""
    _current[:] = [service]
    return service


def current() -> Service:
    """The service of this process, loaded from the environment on first use."""
    return _current[0] if _current else use(Service.load(Settings.load()))
