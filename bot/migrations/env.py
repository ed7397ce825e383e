"""How Alembic reaches the store: over the engine it is handed, in one transaction."""

from alembic import context

from bot.cases.tables import Table

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    # SQLite cannot alter a constraint in place: batch mode copies the table.
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
