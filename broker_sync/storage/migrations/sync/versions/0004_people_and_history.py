"""What activities said before, and what people have changed in the tracker."""

import sqlalchemy as sa
from alembic import op

revision = "sync_0004"
down_revision = "sync_0003"


def upgrade() -> None:
    """Make the tables, and room for the reason of a change."""
    op.add_column("activities", sa.Column("why", sa.Text))
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("new_payload", sa.Text),
        sa.Column("theirs", sa.Text),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_index("history_by_record", "history", ["record_id", "sink", "account_id"])
    op.create_table(
        "conflicts",
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("external_id", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text),
        sa.Column("wanted_hash", sa.Text),
        sa.Column("theirs", sa.Text),
        sa.Column("decision", sa.Text),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("last_seen", sa.Text, nullable=False),
    )
