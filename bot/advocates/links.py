"""The link to an advocate's page: signed, so that a made-up one is refused before the store is asked."""

from itsdangerous import BadSignature, URLSafeSerializer

from bot.settings import Settings


def link_of(settings: Settings, door_id: str, key: str) -> str:
    """The whole address that opens the page of a door, together with its code."""
    return f"{settings.public_url}/advocate/door/{_signer(settings).dumps([door_id, key])}"


def read_link(settings: Settings, signed: str) -> tuple[str, str] | None:
    """The door and the key of a link; None if it was not made here."""
    try:
        door_id, key = _signer(settings).loads(signed)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(door_id), str(key)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="advocate-door")
