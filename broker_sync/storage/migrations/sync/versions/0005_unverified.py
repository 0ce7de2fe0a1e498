"""What has been booked and not yet been held against the broker's open positions."""

import sqlalchemy as sa
from alembic import op

revision = "sync_0005"
down_revision = "sync_0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "unverified",
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
    )
