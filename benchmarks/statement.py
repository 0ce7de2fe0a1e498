"""Writes a statement of many trades, the same bytes every time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

__all__ = ["write_statement"]

_HEAD: Final = (
    '<FlexQueryResponse queryName="bench" type="AF">\n<FlexStatements count="1">\n'
    '<FlexStatement accountId="U1000009" fromDate="20250101" toDate="20251231" period="" '
    'whenGenerated="20260101;010101">\n<Trades>\n'
)
_TAIL: Final = "</Trades>\n</FlexStatement>\n</FlexStatements>\n</FlexQueryResponse>\n"


def write_statement(path: Path, *, trades: int) -> None:
    """Write `trades` share trades in 300 instruments, fourteen columns each (260 bytes), over one year."""
    chance = random.Random(20250101)
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for number in range(trades):
            file.write(_trade(number, trades, chance))
        file.write(_TAIL)


def _trade(number: int, trades: int, chance: random.Random) -> str:
    day_of_year = number * 336 // trades
    day = f"2025{day_of_year // 28 + 1:02}{day_of_year % 28 + 1:02}"
    clock = f"{chance.randint(9, 15):02}{chance.randint(0, 59):02}{chance.randint(0, 59):02}"
    units = chance.randint(1, 500)
    buys = number % 3 != 0
    line = number % 300
    columns = {
        "accountId": "U1000009",
        "currency": "USD",
        "assetCategory": "STK",
        "symbol": f"S{line}",
        "conid": f"{100000 + line}",
        "tradeID": f"{500000000 + number}",
        "tradeDate": day,
        "dateTime": f"{day};{clock}",
        "quantity": f"{units if buys else -units}",
        "tradePrice": f"{chance.randint(1000, 50000) / 100:.2f}",
        "ibCommission": f"-{chance.choice(('1', '1.0035', '0.35', '2.17'))}",
        "ibCommissionCurrency": "USD",
        "buySell": "BUY" if buys else "SELL",
        "transactionID": f"{2000000000 + number}",
    }
    return "<Trade " + " ".join(f'{name}="{text}"' for name, text in columns.items()) + " />\n"
