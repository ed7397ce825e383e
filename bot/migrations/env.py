"""How Alembic reaches the store: over the engine it is handed, in one transaction."""

from alembic import context
from sqlalchemy import Connection

from bot.cases.tables import Table


def migrate(connection: Connection) -> None:
    """Run the migrations asked for; nothing is changed if one fails or leaves a row that points to nothing."""
    # Said for SQLite: Alembic would commit each step there, though our own BEGIN makes them one transaction.
    context.configure(
        connection=connection, target_metadata=Table.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            tables = ", ".join(sorted({row[0] for row in lost}))
            raise RuntimeError(f"The migration left rows that point to nothing, in {tables}. Nothing was changed.")


engine = context.config.attributes["engine"]
sqlite = engine.dialect.name == "sqlite"

with engine.connect() as connection:
    if not sqlite:
        migrate(connection)
    else:
        # SQLite cannot alter a constraint in place: batch mode copies the table and drops the old one, which its
        # foreign keys would forbid. They can be put aside only before a transaction begins, so past SQLAlchemy.
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            migrate(connection)
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")
