"""Engine, sessions and column types of the case store."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import DateTime, Dialect, Engine, LargeBinary, String, TypeDecorator, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker
from ulid import ULID

from bot.errors import SettingsError


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. A time without a zone is refused, so that no local time slips in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored; use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Vault:
    """Encrypts and hashes what must not lie readable in the store: names, contact details, people's words.

    One vault serves a process; `open_vault` sets it before the first session. The first key encrypts, every key
    decrypts, so a key is changed by putting the new one in front.
    """

    def __init__(self, field_keys: str, hash_key: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in field_keys.split(",")])
        except ValueError as error:
            raise SettingsError(
                "SPEAKUP_FIELD_KEYS must hold Fernet keys, comma-separated; `bot init` writes one."
            ) from error
        self._hash_key = hash_key.encode()

    def encrypt(self, plain: str) -> bytes:
        return self._fernet.encrypt(plain.encode())

    def decrypt(self, token: bytes) -> str:
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken as error:
            raise SettingsError(
                "A stored field cannot be decrypted: SPEAKUP_FIELD_KEYS lacks the key it was written with. "
                "Add the old key after the present one."
            ) from error

    def fingerprint(self, value: str) -> str:
        """The keyed hash by which an encrypted value can be found again (telephone numbers, names)."""
        return hmac.new(self._hash_key, value.strip().casefold().encode(), hashlib.sha256).hexdigest()


_vault: list[Vault] = []


def open_vault(field_keys: str, hash_key: str) -> None:
    """Set the keys of this process."""
    _vault[:] = [Vault(field_keys, hash_key)]


def vault() -> Vault:
    """The vault of this process.

    Raises:
        SettingsError: nobody opened it.
    """
    if not _vault:
        raise SettingsError("The field keys are not loaded; start through Service.load.")
    return _vault[0]


class Encrypted(TypeDecorator[str]):
    """Text encrypted at rest. It cannot be searched: keep a fingerprint beside it where it must be found."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else vault().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else vault().decrypt(bytes(value))


class EncryptedJson(TypeDecorator[Any]):
    """A JSON value encrypted at rest."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else vault().encrypt(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(vault().decrypt(bytes(value)))


Id = String(26)


def new_id() -> str:
    """A fresh id: sorts by time, says nothing about whose it is."""
    return str(ULID())


def lock(session: Session, row: Any) -> None:
    """Read a row as it is now and keep others from changing it until the transaction ends: two may press at once."""
    session.flush()
    session.refresh(row, with_for_update=True)


class Database:
    """The case store: `write()` for a change, `read()` for looking. Each is one transaction."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may change things: committed at the end, undone on any error."""
        with self._sessions() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only looks; it never waits for a writer and whatever it changed is dropped."""
        with self._sessions() as session:
            session.connection(execution_options={"speakup_reading": True})
            yield session  # closing rolls back; rolling back ourselves would empty what was read

    def reachable(self) -> bool:
        """Whether the store answers."""
        try:
            with self.read() as session:
                session.execute(text("select 1"))
        except Exception:  # noqa: BLE001 -- whatever the driver raises, the answer is no
            return False
        return True


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED")
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10})
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, record: Any) -> None:  # noqa: ARG001 -- SQLAlchemy's signature
    """SQLite's defaults lose updates under threads: WAL, full sync, real foreign keys, and our own BEGIN."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    """A writer takes the lock at once; read-then-update under a deferred BEGIN fails or loses changes."""
    reading = connection.get_execution_options().get("speakup_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@lru_cache(maxsize=1)
def migration_head() -> str:
    """The newest migration in the code."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- Alembic is slow to import and seldom needed

    head = ScriptDirectory(str(_migrations())).get_current_head()
    if head is None:
        raise SettingsError(f"There are no migrations in {_migrations()}; the installation is incomplete.")
    return head


def _migrations() -> Any:
    from bot.settings import ROOT  # noqa: PLC0415 -- kept beside its one use

    return ROOT / "bot" / "migrations"


def upgrade(database: Database) -> None:
    """Bring the store's tables to the newest migration."""
    from alembic import command  # noqa: PLC0415 -- Alembic is slow to import and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "head")


def current_migration(database: Database) -> str | None:
    """The migration the store is at; None for an empty store."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 -- Alembic is slow to import

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
