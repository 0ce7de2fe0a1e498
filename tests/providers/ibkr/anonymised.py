"""Holds an anonymised statement to its original: the same outcome, all amounts by one factor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.models import Activity, Instrument
from broker_sync.providers.ibkr.anonymise import Choices, Secret, anonymised
from broker_sync.providers.ibkr.anonymise_words import CURRENCIES
from broker_sync.providers.ibkr.document import Document

from .builders import Reading, Text

SECRET = Secret(b"not for anybody")
SHOWN = Choices()
HIDDEN = Choices(instruments=True, years=-4)

_WIDE = Context(prec=120)
_SAID = re.compile(r"'[^']*'|-?\d[\d.E+-]*| [^ ]+ is dealt")


def text_of(document: Document, choices: Choices = SHOWN, secret: Secret = SECRET) -> str:
    return "".join(anonymised(document.chunks(), secret, choices))


def twin(document: Document, choices: Choices = SHOWN) -> Text:
    return Text(text_of(document, choices))


def factors(choices: Choices) -> tuple[Decimal, Decimal]:
    """Of units and of money."""
    units = SECRET.units_factor
    return units, _WIDE.multiply(units, SECRET.price_factor) if choices.instruments else units


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scaled:
    units: Decimal
    money: Decimal

    def cash(self, amount: Decimal) -> Decimal:
        return _WIDE.multiply(amount, self.money).normalize(_WIDE)

    def units_of(self, instrument: Instrument | None, quantity: Decimal) -> Decimal:
        # Units of a pair of currencies are money.
        symbol = "" if instrument is None else instrument.broker_symbol or ""
        is_pair = set(symbol.split(".")) <= CURRENCIES
        return _WIDE.multiply(quantity, self.money if is_pair else self.units).normalize(_WIDE)


def outcome(reading: Reading, *, units: Decimal, money: Decimal, years: int) -> dict[str, object]:
    """What came out of a statement, amounts multiplied and names left out; days moved by years."""
    truth = reading.truth
    scaled = _Scaled(units=units, money=money)
    return {
        "activities": sorted(repr(_activity(each, scaled, years=years)) for each in reading.activities),
        "records": len({each.record_id for each in reading.activities}),
        "ids": len({each.external_id for each in reading.activities}),
        "rejections": sorted(
            (each.section, _SAID.sub("#", each.reason), each.quantity is None) for each in reading.rejections
        ),
        "sections": reading.counts,
        "held": sorted(scaled.units_of(each.instrument, each.quantity) for each in truth.positions or ()),
        "opened": sorted(scaled.units_of(each.instrument, each.quantity) for each in truth.opening_positions),
        "cash": sorted(
            (each.currency, scaled.cash(each.ending), each.starting and scaled.cash(each.starting))
            for each in truth.cash or ()
        ),
        "notes": len(truth.notes),
    }


def _activity(each: Activity, scaled: _Scaled, *, years: int) -> tuple[object, ...]:
    instrument = each.instrument
    return (
        each.activity_type,
        each.subtype,
        each.booked_on.replace(year=each.booked_on.year + years),
        each.currency,
        instrument and (instrument.asset_class, instrument.currency, instrument.exchange),
        scaled.units_of(instrument, position_effect(each)),
        sorted((currency, scaled.cash(amount)) for currency, amount in cash_effect(each).items()),
        each.ratio,
        each.group_id is None,
    )
