"""Runs, activities, rejections and windows."""

import sqlalchemy as sa
from alembic import op

revision = "sync_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_runs()
    _make_activities()
    _make_rejections()
    _make_windows()


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("fetched", sa.Integer),
        sa.Column("new", sa.Integer),
        sa.Column("known", sa.Integer),
        sa.Column("updated", sa.Integer),
        sa.Column("imported", sa.Integer),
        sa.Column("failed", sa.Integer),
        sa.Column("rejected", sa.Integer),
    )


def _make_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("external_id", sa.Text, primary_key=True),
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("pending_hash", sa.Text),
        sa.Column("tracker_id", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("booked_on", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("pending_payload", sa.Text),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
    )
    op.create_index("activities_by_record", "activities", ["record_id", "sink", "account_id"])
    for name, few in (
        ("activities_unsettled", "state = 'intent'"),
        ("activities_openings", "kind = 'opening'"),
    ):
        op.create_index(
            name,
            "activities",
            ["sink", "account_id"],
            sqlite_where=sa.text(few),
            postgresql_where=sa.text(few),
        )


def _make_rejections() -> None:
    op.create_table(
        "rejections",
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("external_id", sa.Text, primary_key=True),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("booked_on", sa.Text),
        sa.Column("instrument", sa.Text),
        sa.Column("quantity", sa.Text),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("last_seen", sa.Text, nullable=False),
    )


def _make_windows() -> None:
    op.create_table(
        "windows",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("first_day", sa.Text, nullable=False),
        sa.Column("last_day", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("has_positions", sa.Boolean, nullable=False),
        sa.Column("has_cash", sa.Boolean, nullable=False),
        sa.Column("opening", sa.Text, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.UniqueConstraint("sink", "account_id", "first_day", "last_day", "document", name="windows_once"),
    )
