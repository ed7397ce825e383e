"""Signing in and out, and a password of one's own."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from bot.cases import staff
from bot.cases.tables import Staff
from bot.console.forms import ConfirmForm, PasswordForm, SignInForm
from bot.console.guard import COOKIE, blueprint, me, now, page, service
from bot.errors import InvalidStep, NotAllowed
from bot.web_security import limiter

# Said to everybody alike, so that nobody learns from it which addresses have an account.
REFUSED = (
    "The e-mail address or the password is not right, or the account is locked. "
    "Five wrong tries lock an account for 15 minutes. If you forgot your password, ask a manager for a new one."
)

# A council's whole team can share one address; the lock after five tries is what guards an account.
SIGN_INS = "20 per minute; 200 per hour"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(SIGN_INS, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """The one page that is open to everybody."""
    form = SignInForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.next.data = _inside(request.args.get("next"))
        return render_template("console/sign_in.html", form=form, next=_inside(form.next.data))
    with service().database.write() as session:
        token = staff.sign_in(session, email=form.email.data or "", password=form.password.data or "", now=now())
    if token is None:
        form.form_errors.append(REFUSED)
        return render_template("console/sign_in.html", form=form, next=_inside(form.next.data)), 401
    return _with_cookie(redirect(_inside(form.next.data), 303), token)


@page("/sign-out", needs="own_account", methods=("GET", "POST"))
def sign_out() -> ResponseReturnValue:
    """End this session, here and on the server."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("console/sign_out.html", form=form)
    with service().database.write() as session:
        staff.sign_out(session, request.cookies[COOKIE])
    answer = redirect(url_for("console.sign_in"), 303)
    answer.delete_cookie(COOKIE, path="/casework")
    return answer


@page("/password", needs="own_account", methods=("GET", "POST"))
def change_password() -> ResponseReturnValue:
    """Choose a password of one's own; forced after the first sign-in."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            return _with_cookie(redirect(url_for("console.home"), 303), _changed(form))
        except NotAllowed as error:
            form.old.errors = [str(error)]
        except InvalidStep as error:
            form.new.errors = [str(error)]
    return render_template("console/password.html", form=form, least=staff.PASSWORD_LENGTH)


def _changed(form: PasswordForm) -> str:
    """Change it, which ends every session, and begin a new one for this browser."""
    old, new = form.old.data or "", form.new.data or ""
    with service().database.write() as session:
        member = session.get_one(Staff, me().id)
        staff.change_password(session, member, old=old, new=new, now=now())
        token = staff.sign_in(session, email=member.email, password=new, now=now())
    if token is None:
        raise NotAllowed("Sign in with your new password.")
    flash("Your password is changed.")
    return token


def _with_cookie(answer: Response, token: str) -> Response:
    answer.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Strict",
        path="/casework",
        secure=service().settings.public_url.startswith("https"),
    )
    return answer


def _inside(wanted: str | None) -> str:
    """An address within the console, whatever was asked for: a link must not lead a signed-in person elsewhere."""
    if wanted and (wanted == "/casework" or wanted.startswith("/casework/")) and "\\" not in wanted:
        return wanted
    return url_for("console.home")
