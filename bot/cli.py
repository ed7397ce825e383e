"""The `bot` command."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from bot import checks, clocks, eligibility
from bot import serve as supervision
from bot.cases import database, lookup, staff
from bot.conversation import talk as talking
from bot.conversation import worker as working
from bot.council import load_council
from bot.errors import SpeakUpError
from bot.logs import start_logging
from bot.screening import Context, screen, why
from bot.service import Service
from bot.settings import ROOT, Settings, write_first_env
from bot.training import load_classifiers, model_path, prepare

# Messages that screening has never learned from, for `bot evaluate screening`.
HELD_OUT = ROOT / "tests" / "language" / "screening"


class PlainErrors(click.Group):
    """Our own errors are shown as the sentence they are, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SpeakUpError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=PlainErrors, help=(__doc__ or "").strip())
def main() -> None:
    """The `bot` command."""


# --- running ---------------------------------------------------------------------------------------------------------


@main.command()
def init() -> None:
    """Write a .env file with new secrets, unless there is one."""
    if write_first_env(ROOT / ".env"):
        click.echo(f"Wrote {ROOT / '.env'} with new secrets. Keep a copy of it somewhere safe.")
    else:
        click.echo(f"{ROOT / '.env'} is there already; nothing changed.")


@main.group()
def db() -> None:
    """The case store."""


@db.command()
def upgrade() -> None:
    """Bring the store's tables to the newest migration."""
    service = Service.load(Settings.load())
    before = database.current_migration(service.database)
    database.upgrade(service.database)
    after = database.current_migration(service.database)
    click.echo(f"Case store at {after}" + ("." if before == after else f", from {before or 'empty'}."))


@main.command("train")
@click.option("--force", is_flag=True, help="Train even when there is a model for the present data.")
def train_command(*, force: bool) -> None:
    """Train the Rasa model and our own classifiers, unless they are there for the present data."""
    settings = Settings.load()
    kept = model_path(settings).exists() and not force
    model = prepare(settings, say=click.echo, anew=force)
    click.echo(f"There is a model for the present data: {model.name}." if kept else f"Trained {model.name}.")


@main.command()
def serve() -> None:
    """Run everything under one supervisor; trains the model first if there is none for the present data."""
    start_logging("serve")
    service = Service.load(Settings.load())
    checks.refuse_without_alarm(service)
    database.upgrade(service.database)
    prepare(service.settings, say=click.echo)
    _first_user(service)
    click.echo("Starting web, worker, action server and Rasa …")
    supervision.serve(service, say=click.echo)


def _first_user(service: Service) -> None:
    with service.database.write() as session:
        if staff.count_users(session):
            return
        first, password = staff.create_user(
            session,
            email="manager@example.org",
            name="First Manager",
            role="manager",
            now=datetime.now(UTC),
            by="setup",
        )
        click.echo(f"First sign-in to casework: {first.email}  password: {password}")
        click.echo("   It is shown only now, and must be changed at the first sign-in.")


@main.command(hidden=True)
def worker() -> None:
    """The part of the service that answers owed messages and sends texts; `bot serve` starts it."""
    start_logging("worker")
    load_classifiers(Settings.load())
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    working.run(Service.load(Settings.load()), stop)


@main.command()
@click.option("--channel", type=click.Choice(["web", "sms"]), default="web")
@click.option("--phone", default="+447700900123", help="The number to text from, with --channel sms.")
def talk(channel: str, phone: str) -> None:
    """A conversation in the terminal through the real path; `bot serve` must be running."""
    start_logging("talk")
    settings = Settings.load()
    if channel == "web":
        talking.by_web(settings, sys.stdin, click.echo)
    else:
        talking.by_text(settings, phone, sys.stdin, click.echo)


@main.command()
@click.option("--settings", "show_settings", is_flag=True, help="Also list every setting and what it is for.")
def check(*, show_settings: bool) -> None:
    """Say what is misconfigured; ends with 1 if anything must be put right."""
    if show_settings:
        for line in checks.settings_help():
            click.echo(line)
    findings = checks.findings()
    for finding in findings:
        click.echo(f"{finding.weight:8} {finding.text}")
    if any(finding.weight == "wrong" for finding in findings):
        sys.exit(1)
    click.echo("Nothing is wrong.")


# --- rules at the command line ---------------------------------------------------------------------------------------


@main.command("screen")
@click.option("--jsonl", is_flag=True, help="Read JSON lines with `text`, write one JSON object a line.")
def screen_command(*, jsonl: bool) -> None:
    """Does a text show danger? Text in, level and reasons out.

    A JSON line may hold a `context`: what was `asking` (safe_now) and the `previous_levels` of the conversation.
    """
    _each_line(_screened, jsonl=jsonl)


def _screened(line: dict[str, Any]) -> dict[str, Any]:
    given = line.get("context") or {}
    if not isinstance(line["text"], str) or not isinstance(given, dict):
        raise TypeError("`text` must be words, and `context`, if given, an object.")
    context = Context(asking=given.get("asking"), previous_levels=tuple(given.get("previous_levels", ())))
    found = screen(line["text"], context)
    return {"level": found.level, "reasons": [why(reason) for reason in found.reasons], "text": line["text"]}


@main.group()
def evaluate() -> None:
    """Figures on texts that the assistant's judgements were not made with."""


@evaluate.command("screening")
@click.option("--outside", type=click.Path(file_okay=False, path_type=Path), help="A folder of texts from elsewhere.")
@click.option("--misses", is_flag=True, help="List every text that was judged wrongly.")
def evaluate_screening(*, outside: Path | None, misses: bool) -> None:
    """How much danger is raised and how much that is harmless is flagged, per source."""
    from bot.evaluation import screening as figures  # noqa: PLC0415 -- only this command needs it

    judged = figures.judge_held_out(HELD_OUT)
    if outside is not None:
        judged += figures.judge_outside(outside)
    for line in figures.report(judged, misses=misses):
        click.echo(line)


@main.command("understand")
@click.option("--jsonl", is_flag=True, help="Read JSON lines with `text`, and `asking` and `today` if known.")
@click.option("--asking", metavar="FACT", help="The fact last asked for, where a line does not say.")
def understand_command(*, jsonl: bool, asking: str | None) -> None:
    """What a message is for and which facts it tells, as the assistant would take it."""
    from bot.understanding import hear  # noqa: PLC0415 -- only this command needs the classifiers

    council = load_council(Settings.load().council)

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        day = line.get("today") or line.get("received_on")
        today = date.fromisoformat(str(day)[:10]) if day else _today()
        return hear(line["text"], asking=line.get("asking") or asking, council=council, today=today).as_json()

    _each_line(answer, jsonl=jsonl)


@main.command("categorise")
@click.option("--jsonl", is_flag=True, help="Read JSON lines with `text`, write one JSON object a line.")
def categorise_command(*, jsonl: bool) -> None:
    """Which category and team a complaint belongs to in the council of the settings: ranked, with chances."""
    from bot.understanding.categories import guess_category, guess_team  # noqa: PLC0415 -- only this command needs it

    council = load_council(Settings.load().council)

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        guesses = {"category": guess_category(line["text"], council), "team": guess_team(line["text"], council)}
        return {what: [asdict(guess) for guess in ranked] for what, ranked in guesses.items()}

    _each_line(answer, jsonl=jsonl)


@evaluate.command("intents")
@click.option("--outside", type=click.Path(path_type=Path, exists=True), help="A folder with an intents.jsonl as well.")
@click.option("--misses", is_flag=True, help="List every text that was taken for something else.")
def evaluate_intents(outside: Path | None, *, misses: bool) -> None:
    """Every intent with its confusions, on the held-out messages and on those of a folder."""
    from bot.evaluation import language  # noqa: PLC0415 -- only these commands need it

    labelled = language.held_out_intents() + (language.outside_intents(outside) if outside else [])
    for line in language.intents_report(labelled, misses=misses):
        click.echo(line)


@evaluate.command("questions")
@click.option("--misses", is_flag=True, help="List every question that was taken for something else.")
def evaluate_questions(*, misses: bool) -> None:
    """Whether questions find their answers, and what has no answer is told so, on the held-out questions."""
    from bot.evaluation import language  # noqa: PLC0415

    for line in language.questions_report(language.held_out_questions(), misses=misses):
        click.echo(line)


@evaluate.command("facts")
@click.option("--misses", is_flag=True, help="List every fact that was taken otherwise.")
def evaluate_facts(*, misses: bool) -> None:
    """Every fact, given the question asked, on the held-out messages."""
    from bot.evaluation import language  # noqa: PLC0415

    for line in language.facts_report(load_council("default"), misses=misses):
        click.echo(line)


@evaluate.command("categories")
@click.option("--misses", is_flag=True, help="List every story whose first guess is another.")
def evaluate_categories(*, misses: bool) -> None:
    """Categories and teams of the default profile, on the held-out stories."""
    from bot.evaluation import language  # noqa: PLC0415

    for line in language.categories_report(load_council("default"), misses=misses):
        click.echo(line)


@main.group("eligibility", invoke_without_command=True)
@click.option("--jsonl", is_flag=True, help="Read JSON lines with `facts`, write one JSON object a line.")
@click.option("--rules", "rules_file", type=click.Path(path_type=Path), help="Another file than the rules in force.")
@click.pass_context
def eligibility_command(context: click.Context, *, jsonl: bool, rules_file: Path | None) -> None:
    """Facts in, the proposed decision out."""
    if context.invoked_subcommand is not None:
        return
    rules = eligibility.load_rules(rules_file) if rules_file else eligibility.load_rules()
    holidays = load_council(Settings.load().council).extra_holidays

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        facts = eligibility.read_facts(line["facts"] if jsonl else line.get("facts", line), _today())
        return eligibility.decide(facts, rules, _today(), holidays).as_json()

    _each_line(answer, jsonl=jsonl, plain_is_json=True)


@eligibility_command.command("paths")
def eligibility_paths() -> None:
    """Every path through the rules, as docs/eligibility-paths.md holds them."""
    from bot.eligibility.paths import render_paths  # noqa: PLC0415 -- only this command needs it

    click.echo(render_paths(eligibility.load_rules()), nl=False)


@eligibility_command.command("replay")
@click.option("--rules", "rules_file", type=click.Path(path_type=Path), help="Another file than the rules in force.")
def eligibility_replay(rules_file: Path | None) -> None:
    """What would change for past contacts under these rules; a line each, nothing is written."""
    service = Service.load(Settings.load())
    rules = eligibility.load_rules(rules_file) if rules_file else service.rules
    with service.database.read() as session:
        past = lookup.past_proposals(session)
    changes = list(eligibility.replay(past, rules, _today(), service.council.extra_holidays))
    for change in changes:
        click.echo(_told_of_change(change))
    click.echo(
        f"{len(changes)} of {len(past)} contacts would be proposed otherwise, or asked more, under {rules.version}."
    )


def _told_of_change(change: eligibility.Change) -> str:
    before, after = change.before, change.after
    if not change.changed:
        return f"{change.id}  same proposal; would also ask for {', '.join(change.newly_missing) or 'nothing'}"
    was = f"{before['outcome']} {before['reason_code'] or ''} ({before['rule']})"
    return f"{change.id}  {was} -> {after.outcome} {after.reason_code or ''} ({after.rule})"


def _each_line(answer: Callable[[dict[str, Any]], dict[str, Any]], *, jsonl: bool, plain_is_json: bool = False) -> None:
    """Answer every line of standard input in order, keeping an `id`; a line that cannot be read says why."""
    wrong = False
    for number, line in enumerate(_lines(sys.stdin), 1):
        given: dict[str, Any] = {}
        try:
            given = json.loads(line) if jsonl or plain_is_json else {"text": line}
            answered = answer(given)
        except (ValueError, KeyError, TypeError) as error:
            reason = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
            answered, wrong = {"error": f"line {number}: {reason}"}, True
        kept = {"id": given["id"]} if isinstance(given, dict) and "id" in given else {}
        click.echo(json.dumps({**kept, **answered}, ensure_ascii=False, default=str))
    sys.exit(1 if wrong else 0)


def _lines(file: TextIO) -> Iterator[str]:
    return (line.rstrip("\n") for line in file if line.strip())


# --- reports, demonstration, users -----------------------------------------------------------------------------------


@main.group()
def report() -> None:
    """The reports."""


@report.command()
@click.option("--year", required=True, help="The financial year, as 2026-27.")
@click.option("--format", "form", type=click.Choice(["html", "json", "csv"]), default="html")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write, instead of the screen."
)
def annual(year: str, form: str, output: Path | None) -> None:
    """The annual report of regulation 13(3), computed from the store."""
    from bot.reports import annual as figures  # noqa: PLC0415 -- only this command needs them
    from bot.reports import render  # noqa: PLC0415

    service = Service.load(Settings.load())
    try:
        clocks.year_bounds(year)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with service.database.read() as session:
        built = figures.build(session, service.council, year, _today())
    forms = {
        "html": lambda: render.as_html(built, council=service.council),
        "json": lambda: render.as_json(built),
        "csv": lambda: render.as_csv(built),
    }
    text = forms[form]()
    if output is None:
        click.echo(text)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {output}.", err=True)


@main.group()
def demo() -> None:
    """An invented council year, to have something to show."""


@demo.command("load")
def demo_load() -> None:
    """Fill the store with an invented council year; every record is marked as invented."""
    from bot import demo as demonstration  # noqa: PLC0415 -- only this command needs it

    service = Service.load(Settings.load())
    database.upgrade(service.database)
    summary = demonstration.load(service, today=_today(), progress=click.echo)
    click.echo(str(summary))


@main.group()
def users() -> None:
    """Staff who may sign in to casework."""


@users.command("list")
def users_list() -> None:
    """Everybody, with role and whether they may sign in."""
    with Service.load(Settings.load()).database.read() as session:
        for each in staff.everyone(session):
            click.echo(f"{each.email:40} {each.role:8} {'active' if each.active else 'may not sign in'}  {each.name}")


@users.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(staff.ROLES), default="officer", show_default=True)
def users_add(email: str, name: str, role: str) -> None:
    """Add somebody; prints a first password that they must change."""
    with Service.load(Settings.load()).database.write() as session:
        _, password = staff.create_user(session, email=email, name=name, role=role, now=datetime.now(UTC), by="setup")
    click.echo(f"{email}  password: {password}  (to be changed at the first sign-in)")


@users.command("reset-password")
@click.argument("email")
def users_reset(email: str) -> None:
    """Give somebody a new first password and end their sessions."""
    with Service.load(Settings.load()).database.write() as session:
        password = staff.reset_password(session, email=email, now=datetime.now(UTC), by="setup")
    click.echo(f"{email}  password: {password}  (to be changed at the next sign-in)")


def _today() -> date:
    return clocks.local_day(datetime.now(UTC))


if __name__ == "__main__":
    main()
