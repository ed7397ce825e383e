"""The errors we raise on purpose. Each says what happened, where, and what to do next."""


class SpeakUpError(Exception):
    """Base of every error that is ours; the message is written for the person who has to act on it."""


class SettingsError(SpeakUpError):
    """A setting is missing or makes no sense."""


class ProfileError(SpeakUpError):
    """A council profile cannot be used; the message names the file, the field and the remedy."""


class NotAllowed(SpeakUpError):
    """Somebody may not do this; the message is the reason, shown to them."""


class NotFound(SpeakUpError):
    """There is no such record."""


class InvalidStep(SpeakUpError):
    """The record is not in a state in which this can be done; the message says what can."""


class DialogueUnavailable(SpeakUpError):
    """Rasa did not answer, answered with an error, or answered with nothing."""
