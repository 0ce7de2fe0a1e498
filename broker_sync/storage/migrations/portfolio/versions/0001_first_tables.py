"""Accounts and activities."""

import sqlalchemy as sa
from alembic import op

revision = "portfolio_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("provider_account_id", sa.Text, nullable=False),
        sa.Column("account_type", sa.Text, nullable=False),
        sa.Column("currency", sa.Text),
    )
    op.create_table(
        "activities",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text),
        sa.Column("account_type", sa.Text, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("booked_on", sa.Text, nullable=False),
        sa.Column("activity_type", sa.Text, nullable=False),
        sa.Column("subtype", sa.Text),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text),
        sa.Column("quantity", sa.Text),
        sa.Column("unit_price", sa.Text),
        sa.Column("fee", sa.Text),
        sa.Column("amount", sa.Text),
        sa.Column("ratio", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("instrument_symbol", sa.Text),
        sa.Column("instrument_currency", sa.Text),
        sa.Column("instrument_asset_class", sa.Text),
        sa.Column("instrument_isin", sa.Text),
        sa.Column("instrument_conid", sa.Text),
        sa.Column("instrument_exchange", sa.Text),
        sa.Column("instrument_name", sa.Text),
        sa.Column("instrument_multiplier", sa.Text),
        sa.Column("instrument_broker_symbol", sa.Text),
        sa.UniqueConstraint("account_id", "external_id", name="activities_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("activities_in_order", "activities", ["account_id", "date", "external_id"])
    op.create_index("activities_by_day", "activities", ["booked_on"])
