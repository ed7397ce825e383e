"""Telephone numbers as people write them, and as they are kept, found again and sent to."""

import phonenumbers


def e164(written: str) -> str | None:
    """A number in E.164, read as a British one where it does not say otherwise; None if it is not a whole one."""
    try:
        number = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # too long, too short, or without its area code
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
