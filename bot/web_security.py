"""What guards every page: headers, the size and encoding of what is posted, forged forms, and how often."""

import secrets
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.settings import Settings

# 10,000 characters of four bytes, each byte written %XX in a form, are 120 kB; the rest is for answering kindly
# somebody who wrote too much.
LARGEST_POST = 1_000_000
# A children's home or a school is one address with many people behind it.
POSTS = "60 per minute; 1200 per hour"
BEGINS = "300 per minute; 5000 per hour"

__all__ = ["BEGINS", "POSTS", "CSRFError", "NotUtf8", "by_conversation", "csrf", "limiter", "secure"]

csrf = CSRFProtect()
# Counted in this process: a brake on scripts. What must never be exceeded is counted in the store.
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")


def by_conversation() -> str:
    """The conversation posted to, for limits on a site's server that speaks for many people."""
    return str((request.view_args or {}).get("conversation"))


class NotUtf8(BadRequest):
    """A form whose bytes are no text."""

    description = "What was sent is not valid UTF-8 text."


def secure(app: Flask, settings: Settings) -> None:
    """Set the app's guards.

    Args:
        settings: `public_url` decides whether cookies and connections must be encrypted; `behind_proxy` whether one
            proxy's forwarded address is believed.
    """
    encrypted = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="speakup",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=encrypted,
        MAX_CONTENT_LENGTH=LARGEST_POST,
        MAX_FORM_MEMORY_SIZE=LARGEST_POST,
        WTF_CSRF_TIME_LIMIT=None,  # a slow writer must not lose a story: the token lasts as long as the session
        WTF_CSRF_SSL_STRICT=False,  # the strict check reads the Referer, which our own pages tell browsers not to send
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.before_request(_make_nonce)
    app.before_request(refuse_broken_text)  # before the CSRF check, which reads the form
    app.after_request(lambda response: _add_headers(response, encrypted=encrypted))
    csrf.init_app(app)
    limiter.init_app(app)


def _make_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def refuse_broken_text() -> None:
    """Refuse a form whose text is not UTF-8: read loosely it would be stored as something nobody wrote.

    Texts are left alone: their sender, the carrier, cannot be asked again.

    Raises:
        NotUtf8: the form's bytes are no text.
    """
    if request.mimetype not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return
    if request.blueprint == "sms":
        return
    body = request.get_data(cache=True)
    plain = unquote_to_bytes(body) if request.mimetype.endswith("urlencoded") else body
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        raise NotUtf8 from None


def _add_headers(response: Response, *, encrypted: bool) -> Response:
    nonce = g.get("csp_nonce", "")
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    # Our own files hold nobody's words and are asked for again only when they change; everything else is never kept.
    response.headers["Cache-Control"] = "no-cache" if request.endpoint == "static" else "no-store"
    if encrypted:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
