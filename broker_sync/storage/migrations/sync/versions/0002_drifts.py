"""What differed when the sides were last compared, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "sync_0002"
down_revision = "sync_0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "drifts",
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("last_seen", sa.Text, nullable=False),
        sa.Column("runs", sa.Integer, nullable=False),
        sa.Column("amount", sa.Text, nullable=False),
    )
