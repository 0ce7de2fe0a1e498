"""Where the releases differ, as far as we know: held to our stand-in, which can be any of them."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from broker_sync.sinks.wealthfolio.errors import NotWealthfolioError, RequestRefusedError
from broker_sync.sinks.wealthfolio.reading import rows_of
from tests.sinks.wealthfolio.trackers import Account, asset
from tests.sinks.wealthfolio.trackers import a_stand_in as _a_stand_in
from tests.standins.wealthfolio import Rules

_EVERY = ("3.1.0", "3.2.1", "3.6.2", "3.7.0", "3.8.0", "3.9.0")
_BEFORE_3_8, _SINCE_3_8 = _EVERY[:4], _EVERY[4:]


def _on(folder: Path, version: str, what: Callable[[Account], Any]) -> Any:  # noqa: ANN401
    with _a_stand_in(folder, rules=Rules(version=version)) as tracker:
        return what(tracker.account())


def _cash(account: Account, *rows: dict[str, Any]) -> Decimal:
    account.book(*[account.row(**row) for row in rows])
    return account.held().get("USD", Decimal(0))


def _trade(kind: str, **more: str) -> dict[str, Any]:
    return {"kind": kind, "asset": asset(), "quantity": "10", "unitPrice": "10", **more}


def test_rows_as_we_write_them_move_the_same_cash_on_every_release(tmp_path: Path) -> None:
    rows = (
        {"kind": "DEPOSIT", "amount": "1000"},
        _trade("BUY", fee="1.5", amount="101.5"),
        _trade("SELL", date="2026-01-06T15:00:00Z", fee="0.5", amount="99.5"),
        {"kind": "DIVIDEND", "asset": asset(), "amount": "7"},
        {"kind": "TAX", "asset": asset(), "amount": "1"},
        {"kind": "FEE", "amount": "4"},
    )
    assert {_on(tmp_path, version, lambda account: _cash(account, *rows)) for version in _EVERY} == {1000}


def test_before_3_8_the_amount_of_a_trade_is_ignored_and_a_fee_comes_off_a_dividend(tmp_path: Path) -> None:
    trade = _trade("SELL", amount="500")
    dividend = {"kind": "DIVIDEND", "asset": asset(), "amount": "7", "fee": "1"}
    for version in _BEFORE_3_8:
        assert _on(tmp_path, version, lambda account: _cash(account, trade)) == 100
        assert _on(tmp_path, version, lambda account: _cash(account, dividend)) == 6
    for version in _SINCE_3_8:
        assert _on(tmp_path, version, lambda account: _cash(account, trade)) == 500
        assert _on(tmp_path, version, lambda account: _cash(account, dividend)) == 7


def test_since_3_8_an_amount_within_half_a_cent_is_replaced_by_the_product(tmp_path: Path) -> None:
    close = _trade("SELL", fee="1", amount="99.004")
    gross = _trade("SELL", fee="1", amount="100")
    for version in _SINCE_3_8:
        assert _on(tmp_path, version, lambda account: _cash(account, close)) == 99
        assert _on(tmp_path, version, lambda account: _cash(account, gross)) == 99


def test_since_3_8_cash_needs_an_amount(tmp_path: Path) -> None:
    def errors(account: Account) -> int:
        return len(account.write(account.row("DEPOSIT")).parts("errors"))

    assert [_on(tmp_path, version, errors) for version in ("3.7.0", "3.8.0")] == [0, 1]


def test_since_3_6_both_legs_of_a_pair_go_together(tmp_path: Path) -> None:
    def left(account: Account) -> int:
        legs = [
            account.row(kind, amount="1", sourceGroupId="pair") for kind in ("TRANSFER_OUT", "TRANSFER_IN")
        ]
        [out, _] = account.book(*legs)
        account.tracker.run(lambda client: client.delete(f"/activities/{out}"))
        return len(account.tracker.run(lambda client: rows_of(client, account.id)))

    assert [_on(tmp_path, version, left) for version in ("3.2.1", "3.6.2")] == [1, 0]


def test_since_3_6_an_option_can_be_short_and_before_it_cannot(tmp_path: Path) -> None:
    option = asset("ZZTS271217C00150000", instrumentType="OPTION", exchangeMic=None)

    def held(account: Account) -> Decimal:
        account.book(account.row("SELL", asset=option, quantity="2", unitPrice="1", amount="200"))
        return account.held().get("ZZTS271217C00150000", Decimal(0))

    assert [_on(tmp_path, version, held) for version in ("3.2.1", "3.6.2")] == [0, -2]


def test_since_3_9_one_row_holds_a_conversion(tmp_path: Path) -> None:
    def held(account: Account) -> dict[str, Decimal]:
        exchange = {"amount": "125", "destinationAmount": "100", "destinationCurrency": "GBP"}
        account.book(account.row("FX_EXCHANGE", **exchange))
        return account.held()

    assert _on(tmp_path, "3.9.0", held) == {"USD": -125, "GBP": 100}
    with pytest.raises(RequestRefusedError, match="FX_EXCHANGE"):
        _on(tmp_path, "3.8.0", held)


def test_releases_without_links_do_not_know_the_path(tmp_path: Path) -> None:
    with (
        _a_stand_in(tmp_path, rules=Rules(version="3.2.1", links=False)) as tracker,
        pytest.raises(NotWealthfolioError, match="405"),
    ):
        tracker.run(lambda client: client.post("/activities/link", {}))


def test_the_key_of_the_servers_own_depends_on_notes_and_since_3_6_3_on_the_fee(tmp_path: Path) -> None:
    def key(account: Account, **more: str) -> str:
        row = account.row(**_trade("BUY", idempotencyKey="", **more))
        return account.write(row).parts("created")[0].text("idempotencyKey")

    def keys(account: Account) -> int:
        bare = key(account)
        assert key(account, notes="a note") != bare
        try:
            return len({bare, key(account, fee="1")})
        except RequestRefusedError:
            return 1

    assert [_on(tmp_path, version, keys) for version in ("3.2.1", "3.6.3")] == [1, 2]
