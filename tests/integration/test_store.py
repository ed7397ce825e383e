"""The case store: filing, deciding, clocks and constraints, on SQLite and on PostgreSQL."""

import threading
from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, select, text
from sqlalchemy.exc import IntegrityError

from bot.cases import casework, conversations, events, intake, lookup, procedures
from bot.cases import database as store
from bot.cases.tables import Case, Conversation, Draft, Event, Person, Staff, Table
from bot.errors import InvalidStep, SettingsError
from bot.settings import ROOT
from tests.conftest import both_stores

MONDAY = datetime(2026, 12, 7, 10, 0, tzinfo=UTC)
TOLD = {
    "complainant_role": "looked_after_child",
    "what_happened": "My social worker has changed five times this year",
    "desired_outcome": "One worker who stays",
    "name": "Kaylee",
    "team": "looked_after",
    "category": "delay",
    "nature": "complaint",
    "identity": "named",
    "responsible_body": "this_council",
    "subject": "part3_service",
}


def filed(service, now=MONDAY, **facts):
    """File a complaint through the real writer and return its reference."""
    with service.database.write() as session:
        conversation = conversations.open_conversation(session, channel="web", now=now)
        intake.save_draft(session, conversation.id, TOLD | facts, now=now)
        return intake.file_complaint(
            session, conversation_id=conversation.id, council=service.council, rules=service.rules, now=now
        ).reference


@both_stores
def test_filed_complaint_has_a_reference_a_proposal_and_dates(service):
    """Filing keeps the words, proposes by a rule, and computes dates by the working-day clock."""
    reference = filed(service)

    with service.database.read() as session:
        case = casework.get(session, reference)
        assert case.statement == TOLD["what_happened"]
        assert case.acknowledge_by == date(2026, 12, 10)
        assert [proposal.outcome for proposal in case.decisions] == ["accept_stage1"]
        assert case.decisions[0].rules_version
        assert intake.told_of(case, service.council, MONDAY.date()).answer_by == date(2026, 12, 21)


@both_stores
def test_filing_twice_files_once(service):
    """A repeated "yes" gives the same reference and no second case."""
    with service.database.write() as session:
        conversation = conversations.open_conversation(session, channel="web", now=MONDAY)
        intake.save_draft(session, conversation.id, TOLD, now=MONDAY)
    references = set()
    for _ in range(2):
        with service.database.write() as session:
            told = intake.file_complaint(
                session, conversation_id=conversation.id, council=service.council, rules=service.rules, now=MONDAY
            )
            references.add(told.reference)

    assert len(references) == 1
    with service.database.read() as session:
        assert len(session.scalars(select(Case)).all()) == 1
        assert session.scalars(select(Draft)).all() == []


@both_stores
def test_filing_nothing_is_refused(service):
    """There is nothing to file before anything was told."""
    with service.database.write() as session:
        conversation = conversations.open_conversation(session, channel="web", now=MONDAY)
        with pytest.raises(InvalidStep, match="Nothing has been told"):
            intake.file_complaint(
                session, conversation_id=conversation.id, council=service.council, rules=service.rules, now=MONDAY
            )


@both_stores
def test_whose_complaint_is_kept_apart_from_who_brought_it(service):
    """An advocate's complaint is the young person's; the advocate and their organisation are a person of their own."""
    reference = filed(
        service,
        complainant_role="representative",
        representative_kind="advocate",
        representative_organisation="Young Voices",
        child_status="care_leaver",
        child_name="Sam",
        consent="given",
        acting_for="child",
    )

    with service.database.read() as session:
        case = casework.get(session, reference)
        assert (case.role, case.brought_by) == ("care_leaver", "advocate")
        parts = {link.part: link.person for link in case.people}
        assert parts["representative"].organisation == "Young Voices"
        assert parts["child"].name == "Sam"


@both_stores
def test_accepted_complaint_starts_its_clock_on_the_day_of_receipt(service):
    """Stage 1 counts from receipt: due after 10 working days and never later than 20."""
    reference = filed(service)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.accept(session, case, council=service.council, by="officer", now=datetime(2026, 12, 9, 9, tzinfo=UTC))

    with service.database.read() as session:
        [stage] = casework.get(session, reference).stages
        assert (stage.started_on, stage.due_on, stage.latest_on) == (
            date(2026, 12, 7), date(2026, 12, 21), date(2027, 1, 7),
        )  # fmt: skip


@both_stores
@pytest.mark.parametrize(("code", "reasons"), [("COURT_RELATED", "  "), ("NO_SUCH_CODE", "because")])
def test_refusal_without_reasons_or_code_is_impossible(service, code, reasons):
    """Nobody is refused without a code of the nine and reasons in words."""
    reference = filed(service)
    with service.database.write() as session, pytest.raises(InvalidStep):
        casework.refuse(
            session,
            casework.get(session, reference),
            reason_code=code,
            reasons=reasons,
            council=service.council,
            by="officer",
            now=MONDAY,
        )


@both_stores
def test_refused_contact_stays_in_the_register(service):
    """A confirmed refusal keeps its decider, its code and its reasons."""
    reference = filed(service)
    with service.database.write() as session:
        casework.refuse(
            session, casework.get(session, reference), reason_code="COURT_RELATED", reasons="Before the court now",
            council=service.council, by="officer", now=MONDAY,
        )  # fmt: skip

    with service.database.read() as session:
        [case] = lookup.finished_cases(session)
        assert (case.status, case.reason_code, case.decided_by) == ("not_accepted", "COURT_RELATED", "officer")
        assert case.decisions[-1].reasons == "Before the court now"


@both_stores
def test_decided_case_cannot_be_decided_again(service):
    """The second decision is refused, so that two officers cannot cross."""
    reference = filed(service)
    with service.database.write() as session:
        casework.accept(session, casework.get(session, reference), council=service.council, by="a", now=MONDAY)
    with service.database.write() as session, pytest.raises(InvalidStep, match="decided already"):
        casework.refuse(
            session,
            casework.get(session, reference),
            reason_code="OTHER",
            reasons="no",
            council=service.council,
            by="b",
            now=MONDAY,
        )


@both_stores
def test_two_officers_deciding_at_the_same_moment_make_one_decision(service):
    """Of decisions that race each other one stands and the others are told so."""
    reference = filed(service)
    told = []

    def decide(officer):
        try:
            with service.database.write() as session:
                casework.accept(
                    session, casework.get(session, reference), council=service.council, by=officer, now=MONDAY
                )
        except InvalidStep as error:
            told.append(str(error))

    officers = [threading.Thread(target=decide, args=(f"officer {number}",)) for number in range(4)]
    for officer in officers:
        officer.start()
    for officer in officers:
        officer.join()

    assert len(told) == 3
    with service.database.read() as session:
        assert len([each for each in casework.get(session, reference).decisions if each.made_by_person]) == 1


@both_stores
def test_change_and_event_are_written_together_or_not_at_all(service):
    """An error after a change takes the event back with it."""
    reference = filed(service)

    def accept_and_fail():
        with service.database.write() as session:
            casework.accept(session, casework.get(session, reference), council=service.council, by="a", now=MONDAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        accept_and_fail()
    with service.database.read() as session:
        case = casework.get(session, reference)
        assert case.status == "new"
        kinds = [event.kind for event in events.history(session, subject="case", subject_id=case.id)]
        assert "decided" not in kinds


@both_stores
def test_outcome_closes_the_stage_with_a_finding_for_each_point(service):
    """The answer is recorded with its day and finding; a day before the start is refused."""
    reference = filed(service)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.accept(session, case, council=service.council, by="a", now=MONDAY)
        with pytest.raises(InvalidStep, match="between"):
            casework.record_outcome(
                session, case, findings={1: "upheld"}, answered_on=date(2026, 12, 1), by="a", now=MONDAY
            )
        casework.record_outcome(
            session, case, findings={1: "upheld"}, answered_on=date(2026, 12, 15), by="a",
            now=datetime(2026, 12, 16, tzinfo=UTC),
        )  # fmt: skip

    with service.database.read() as session:
        case = casework.get(session, reference)
        assert (case.status, case.stages[0].finding, case.elements[0].finding) == ("closed", "upheld", "upheld")


@both_stores
def test_updates_by_threads_are_not_lost(service):
    """Sixty drafts changed by six threads at once all arrive: no lost update, no locked database."""
    with service.database.write() as session:
        conversation = conversations.open_conversation(session, channel="web", now=MONDAY)
        intake.save_draft(session, conversation.id, {"count": 0}, now=MONDAY)

    def add_ten():
        for _ in range(10):
            with service.database.write() as session:
                draft = session.get(Draft, conversation.id, with_for_update=True)
                draft.facts = {"count": draft.facts["count"] + 1}

    threads = [threading.Thread(target=add_ten) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with service.database.read() as session:
        assert session.get(Draft, conversation.id).facts == {"count": 60}


@both_stores
def test_names_and_words_lie_encrypted(service):
    """What the database holds of a name, a number and a story cannot be read without the keys."""
    filed(service, phone="+447700900113")
    with service.database.engine.connect() as connection:
        for table in ("people", "cases", "elements", "events", "decisions", "conversations"):
            rows = str(connection.execute(text(f"select * from {table}")).all())
            for secret in ("Kaylee", "+447700900113", "social worker has changed", "who stays"):
                assert secret not in rows


def test_changed_key_still_reads_what_the_old_one_wrote(service, settings):
    """A new first key encrypts; the old one after it still decrypts."""
    from cryptography.fernet import Fernet

    filed(service)
    store.open_vault(f"{Fernet.generate_key().decode()},{settings.field_keys}", settings.hash_key)
    with service.database.read() as session:
        assert session.scalar(select(Person.name)) == "Kaylee"


def test_lost_key_is_a_clear_error(service, settings):
    """Without the key that wrote a field the error says which setting lacks it."""
    from cryptography.fernet import Fernet

    filed(service)
    store.open_vault(Fernet.generate_key().decode(), settings.hash_key)
    with service.database.read() as session, pytest.raises(SettingsError, match="SPEAKUP_FIELD_KEYS"):
        session.scalar(select(Person.name))
    store.open_vault(settings.field_keys, settings.hash_key)


@both_stores
def test_migrations_make_the_tables_of_the_code(service):
    """A migrated store has exactly the tables and columns the code knows."""
    with service.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    assert store.current_migration(service.database) == store.migration_head()


@both_stores
def test_migrated_store_keeps_every_check_of_the_code(service):
    """Each rule that the tables state is in the migrated store, by name, and no other."""
    found = inspect(service.database.engine)
    for table in Table.metadata.tables.values():
        stated = {each.name for each in table.constraints if isinstance(each, CheckConstraint)}
        assert {each["name"] for each in found.get_check_constraints(table.name)} == stated, table.name


@both_stores
def test_migrations_can_be_undone_and_done_again(service):
    """Step by step down to an empty store and up again, with a case in it for as long as there are tables."""
    reference = filed(service)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.refuse(
            session, case, reason_code="ALTERNATIVE_PROCESS", reasons="Elsewhere.", council=service.council,
            by="officer", now=MONDAY,
        )  # fmt: skip
        procedures.move(session, case, procedure="education", council=service.council, by="officer", now=MONDAY)
    config = migrations_of(service.database)

    command.downgrade(config, "-1")
    command.upgrade(config, "head")
    with service.database.read() as session:
        kept = casework.get(session, reference)
        assert (kept.statement, kept.record_type) == (TOLD["what_happened"], "education")
    with pytest.raises(IntegrityError), service.database.write() as session:
        session.execute(text("update elements set case_id = 'nobody'"))

    command.downgrade(config, "base")
    assert set(inspect(service.database.engine).get_table_names()) == {"alembic_version"}
    command.upgrade(config, "head")
    assert store.current_migration(service.database) == store.migration_head()
    filed(service)


def test_migration_that_would_leave_loose_ends_changes_nothing(service):
    """A row that points to nothing stops the migration, by name, and the store is as it was."""
    with service.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("insert into drafts (conversation_id, facts, updated_at) values ('nobody', x'00', '2026-01-01')")
        driver.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(RuntimeError, match="in drafts"):
        command.downgrade(migrations_of(service.database), "-1")
    assert store.current_migration(service.database) == store.migration_head()


def migrations_of(database):
    """What Alembic's own commands want to know of a store."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bot" / "migrations"))
    config.attributes["engine"] = database.engine
    return config


@both_stores
def test_half_a_pair_is_refused_by_the_store_itself(service):
    """A decision time without its decider cannot be written, whatever the code does."""
    reference = filed(service)
    with pytest.raises(IntegrityError), service.database.write() as session:
        casework.get(session, reference).decided_at = MONDAY


def test_events_hold_no_words(service):
    """Nothing a person wrote stands in the event log."""
    filed(service)
    with service.database.read() as session:
        told = " ".join(str(event.detail) for event in session.scalars(select(Event)))
    assert "social worker" not in told
    assert "Kaylee" not in told


def test_reading_does_not_wait_for_a_writer(service):
    """A page can be read while a change is being made."""
    with service.database.write() as writing:
        writing.add(Staff(email="a@example.org", name="A", role="viewer", password_hash="x", created_at=MONDAY))
        writing.flush()
        with service.database.read() as reading:
            assert reading.scalars(select(Conversation)).all() == []
