"""What the server checks and changes when an activity is saved."""

import datetime as dt
import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.standins.wealthfolio import assets
from tests.standins.wealthfolio.reading import Json, decimal_of, flag, moment_of, nested, text
from tests.standins.wealthfolio.replies import bad_body, refused
from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.store import Row, Store

__all__ = ["TRANSFERS", "FaultyRowError", "Saving"]

_MINOR = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS", "KWF": "KWD"}
_STATUS = ("POSTED", "PENDING", "DRAFT", "VOID")
_TRADES = ("BUY", "SELL")
_NO_AMOUNT = (*_TRADES, "SPLIT", "ADJUSTMENT", "UNKNOWN", "FX_EXCHANGE")
TRANSFERS = {"TRANSFER_IN", "TRANSFER_OUT"}
_CENT = Decimal("0.01")


class FaultyRowError(Exception):
    """A row that is listed among the errors of a bulk call."""


class Saving:
    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def check_shape(self, fields: Json, *, known: bool = False) -> None:
        for name in ("accountId", "activityType", "activityDate", "currency", *(("id",) if known else ())):
            text(fields, name, needed=True)
        for name in ("subtype", "notes", "comment", "metadata", "sourceSystem", "sourceRecordId", "id"):
            text(fields, name)
        for name in ("quantity", "unitPrice", "fee", "amount", "fxRate"):
            decimal_of(fields, name)
        flag(fields, "needsReview")
        nested(fields, "asset", "symbol")
        if fields.get("status") not in {None, *_STATUS}:
            raise bad_body("status: unknown variant")

    def check_account(self, fields: Json) -> None:
        if fields["accountId"] not in self._store.accounts:
            raise refused("Database operation failed: Record not found")

    def check_type(self, row: Row) -> None:
        if row.type not in self._rules.types:
            raise refused(f"Database operation failed: CHECK constraint failed: activity_type {row.type}")
        if row.account_id not in self._store.accounts:
            raise refused("Database operation failed: FOREIGN KEY constraint failed")

    def prepared(self, fields: Json) -> Row:
        asset_id, fault = assets.resolve(
            self._store,
            nested(fields, "asset", "symbol"),
            activity=fields["activityType"],
            currency=fields["currency"],
        )
        if fault is not None:
            raise FaultyRowError(fault)
        try:
            date = moment_of(fields["activityDate"])
        except ValueError:
            raise FaultyRowError("Invalid data: the date is neither RFC 3339 nor YYYY-MM-DD") from None
        now = self._store.now()
        row = Row(
            id=self._store.new_id(),
            account_id=fields["accountId"],
            type=fields["activityType"],
            subtype=text(fields, "subtype"),
            status=fields.get("status") or "POSTED",
            date=date,
            currency=fields["currency"],
            asset_id=asset_id,
            notes=text(fields, "notes") or text(fields, "comment"),
            metadata=text(fields, "metadata"),
            source_system=text(fields, "sourceSystem") or "MANUAL",
            source_record_id=text(fields, "sourceRecordId"),
            source_group_id=text(fields, "sourceGroupId"),
            needs_review=flag(fields, "needsReview") or False,
            destination=_destination(fields),
            made=now,
            changed=now,
            **_numbers(fields),
        )
        row = self._settled(row, confirmed=flag(fields, "needsReview") is False)
        row.key = (text(fields, "idempotencyKey") or "").strip() or self._content_key(row)
        return row

    def _settled(self, row: Row, *, confirmed: bool) -> Row:
        """A row in whole units, with the amount that this release wants."""
        if row.type in TRANSFERS and row.asset_id is not None and row.unit_price is not None:
            row.amount = None
        if row.currency in _MINOR:
            row.currency = _MINOR[row.currency]
            for name in ("unit_price", "amount", "fee"):
                value = getattr(row, name)
                setattr(row, name, None if value is None else value * _CENT)
        if self._rules.final_amounts:
            self._finalise(row, confirmed=confirmed)
        return row

    def _finalise(self, row: Row, *, confirmed: bool) -> None:
        if row.type not in _TRADES:
            if row.amount is None and row.type not in _NO_AMOUNT and row.asset_id is None:
                raise FaultyRowError("Activity error: Invalid data: cash rows require a final cash amount")
            return
        asset = self._store.assets[row.asset_id or ""]
        gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0)) * asset.multiplier
        fee = row.fee or Decimal(0)
        final = gross + fee if row.type == "BUY" else gross - fee
        if row.amount is None or abs(row.amount - final) <= _CENT / 2 or row.amount == gross:
            row.amount = final
        elif not confirmed:
            row.needs_review = True

    def _content_key(self, row: Row) -> str:
        parts = [row.account_id, row.type, row.date.date().isoformat(), row.asset_id or ""]
        numbers = [row.quantity, row.unit_price, row.amount]
        if self._rules.fee_in_content_key and row.fee:
            numbers.append(row.fee)
        parts += ["" if number is None else str(number.normalize()) for number in numbers]
        parts += [row.currency, row.source_record_id or "", " ".join((row.notes or "").split())]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()

    def changed(self, old: Row, fields: Json) -> Row:
        """Notes go unless they are sent, numbers that are not sent stay, and the row is the user's."""
        asked = nested(fields, "asset", "symbol")
        asset_id, fault = assets.resolve(
            self._store, asked, activity=fields["activityType"], currency=fields["currency"]
        )
        if fault is not None:
            raise FaultyRowError(fault)
        try:
            date = moment_of(fields["activityDate"])
        except ValueError:
            date = dt.datetime.combine(self._store.clock.now().date(), dt.time(), dt.UTC)
        new = replace(
            old,
            account_id=fields["accountId"],
            type=fields["activityType"],
            subtype=text(fields, "subtype") or old.subtype,
            status=fields.get("status") or "POSTED",
            date=date,
            currency=fields["currency"],
            asset_id=asset_id,
            notes=text(fields, "notes") or text(fields, "comment"),
            metadata=text(fields, "metadata") or old.metadata,
            needs_review=False,
            user_modified=True,
            changed=self._store.now(),
            **{name: value for name, value in _numbers(fields).items() if _wire(name) in fields},
        )
        return self._settled(new, confirmed=True)


_WIRE = {"unit_price": "unitPrice", "fx_rate": "fxRate"}


def _wire(name: str) -> str:
    return _WIRE.get(name, name)


def _numbers(fields: Json) -> dict[str, Any]:
    """Without their signs: the direction is in the type. The rate keeps its own."""
    numbers: dict[str, Any] = {"fx_rate": decimal_of(fields, "fxRate")}
    for name in ("quantity", "unit_price", "amount", "fee"):
        value = decimal_of(fields, _wire(name))
        numbers[name] = None if value is None else abs(value)
    return numbers


def _destination(fields: Json) -> tuple[str, Decimal] | None:
    amount, currency = decimal_of(fields, "destinationAmount"), text(fields, "destinationCurrency")
    return None if amount is None or currency is None else (currency, abs(amount))
