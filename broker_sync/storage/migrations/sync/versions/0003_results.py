"""What each run found of an account, as it was told."""

import sqlalchemy as sa
from alembic import op

revision = "sync_0003"
down_revision = "sync_0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "results",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("results_by_account", "results", ["account", "ended_at"])
