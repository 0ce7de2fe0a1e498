"""Run by alembic: the migrations of one store, on the connection and in the transaction that it is handed."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
