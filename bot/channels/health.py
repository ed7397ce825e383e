"""Whether the service lives, whether it is ready, and its figures: for monitors, not for people."""

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import func, select

from bot.cases import alerts, lookup
from bot.cases.tables import Job
from bot.screening import learned_ready
from bot.service import Service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether a message would be kept (the store) and answered (Rasa); without Rasa messages are still taken."""
    service: Service = current_app.extensions["speakup"]
    store, dialogue = service.database.reachable(), service.dialogue.ready()
    # Without its learned part screening still works by cues, so that is told but does not take the service away.
    return jsonify(store=store, dialogue=dialogue, screening=learned_ready()), 200 if store and dialogue else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts of what is owed and what waits for a person, in the text form that monitors read."""
    service: Service = current_app.extensions["speakup"]
    with service.database.read() as session:
        owed = session.execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)).all()
        lines = [f'speakup_jobs{{kind="{kind}",state="{state}"}} {count}' for kind, state, count in owed]
        lines.append(f"speakup_unacknowledged_alarms {lookup.alarms(session)}")
        lines.append(f"speakup_alert_faults {len(alerts.faults(session))}")
        lines.append(f"speakup_people_waiting {len(lookup.people_waiting(session))}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")
