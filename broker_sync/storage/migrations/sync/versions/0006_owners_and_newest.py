"""Whose account each tracker account is, when each statement was made, and what it lists whole."""

import sqlalchemy as sa
from alembic import op

revision = "sync_0006"
down_revision = "sync_0005"


def upgrade() -> None:
    """Make the table, and room for the rest; of older statements it is not known."""
    op.create_table(
        "owners",
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("provider_account_id", sa.Text, nullable=False),
    )
    op.add_column("windows", sa.Column("made", sa.Text))
    op.add_column("windows", sa.Column("lists", sa.Text))
