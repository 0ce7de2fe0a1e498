"""An anonymised statement gives its owner away in nothing, and comes to the same."""

from __future__ import annotations

import string
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.providers.ibkr.anonymise import Choices, Secret, anonymised
from broker_sync.providers.ibkr.anonymise_columns import Treatment, treatment
from broker_sync.providers.ibkr.anonymise_texts import Texts
from broker_sync.providers.ibkr.anonymise_values import Values
from broker_sync.providers.ibkr.query_spec import QUERY
from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.statement import NotAStatementError
from tests.tables import for_each

from . import builders as b
from .anonymised import HIDDEN, SECRET, SHOWN, factors, outcome, text_of, twin

PRIVATE = {
    "acctAlias": "grandmother",
    "name": "Ada Byron",
    "street": "12 Ockham Park",
    "primaryEmail": "ada@example.com",
    "columnOfTomorrow": "tax number 4711",
}


def value(kind: Treatment, text: str, choices: Choices = SHOWN) -> str:
    return Values(SECRET, choices).replacer(kind)(text)


def a_statement() -> str:
    return b.one_statement(
        b.account_information(**PRIVATE),
        b.trades(b.trade(), b.sale(), b.conversion(), b.trade(transactionID="9009", quantity="0")),
        b.cash_rows(
            b.cash(),
            b.cash(
                transactionID="7002", type="Deposits/Withdrawals", amount="1234.5", conid="", symbol="",
                isin="", description="CASH RECEIPTS / FROM ADA BYRON 12.50 ada@example.com",
            ),
            b.cash(transactionID="7003", type="A kind of tomorrow"),
        ),
        b.positions(b.position()),
        b.balances(b.balance()),
        b.section("SectionOfTomorrow", "RowOfTomorrow", {"accountId": b.ACCOUNT, "secret": "4711"}),
    )  # fmt: skip


@for_each("choices", [SHOWN, HIDDEN])
def test_an_anonymised_statement_comes_to_the_same(choices: Choices) -> None:
    units, money = factors(choices)
    text = a_statement()
    original = outcome(b.read(text), units=units, money=money, years=choices.years)
    account = SECRET.account(b.ACCOUNT)
    done = b.read(twin(b.Text(text), choices), account=account)
    assert outcome(done, units=Decimal(1), money=Decimal(1), years=0) == original
    assert done.activities
    assert done.rejections


@for_each("choices", [SHOWN, HIDDEN])
def test_nothing_of_its_owner_is_left(choices: Choices) -> None:
    text = text_of(b.Text(a_statement()), choices)
    for private in (
        *PRIVATE.values(),
        b.ACCOUNT,
        "BYRON",
        '"4711"',
        '"1234.5"',
        '"1438"',
        '"9001"',
        '"7001"',
    ):
        assert private not in text, private


def test_a_public_instrument_stays_unless_it_is_to_go() -> None:
    public = ("WDGT", "US0000001001", '"1001"', "20260520")
    assert all(name in text_of(b.Text(a_statement())) for name in public)
    assert not any(name in text_of(b.Text(a_statement()), HIDDEN) for name in public)


def test_what_a_column_of_tomorrow_holds_is_masked_whatever_it_looks_like() -> None:
    for column in ("taxNumber", "ownerName", "amountOfTomorrow"):
        assert treatment("Trade", column) is Treatment.MASKED
    for text in ("123456789", "12.50", "Ada", "2026-01-01", "U1234567", "1,234.5"):
        assert text not in value(Treatment.MASKED, text)
    assert value(Treatment.MASKED, "0.00") == "0.00"


def test_every_column_that_is_read_keeps_its_meaning() -> None:
    masked = {
        column for spec in QUERY for column in spec.reads if treatment(spec.row, column) is Treatment.MASKED
    }
    # Names of people and firms, which no booking depends on.
    assert masked == {
        "accountName", "acctAlias", "brokerName", "company", "deliveringBroker",
        "merchantNameLocation", "model",
    }  # fmt: skip


@for_each("null", ["", "-", "--", "N/A"])
def test_what_means_nothing_stays(null: str) -> None:
    for kind in Treatment:
        assert value(kind, null) == null


@for_each(
    ("kind", "text"),
    [
        (Treatment.WORD, "Deposits/Withdrawals"),
        (Treatment.WORD, "871(m) Withholding"),
        (Treatment.WORD, "O;P"),
        (Treatment.DAY, "MULTI"),
        (Treatment.DAY, "20260520;103000"),
        (Treatment.DAY, "13/01/2026"),
        (Treatment.DAY, "01/13/26"),
        (Treatment.DAY, "14:30:00 BST"),
        (Treatment.RATIO, "0.7397"),
        (Treatment.PRICE, "1,234.5"),
        (Treatment.MONEY, "0.00"),
        (Treatment.SYMBOL, "AAPL  230120C00150000"),
        (Treatment.PAPER, "US0378331005"),
        (Treatment.TITLE, "APPLE INC"),
        (Treatment.SENTENCE, "OLD(US0000001001) SPLIT 1 FOR 8 (NEW, THE NAME INC, US0000001002)"),
        (Treatment.TEXT, "WDGT (US0000001001) Return of Capital"),
    ],
)
def test_harmless_values_stay(kind: Treatment, text: str) -> None:
    assert value(kind, text) == text


@for_each(
    ("kind", "text"),
    [
        (Treatment.WORD, "U1234567"),
        (Treatment.WORD, "Ada <ada@example.com>"),
        (Treatment.WORD, "w" * 65),
        (Treatment.DAY, "on Ada's birthday"),
        (Treatment.RATIO, "one half"),
        (Treatment.MONEY, "12,5"),
        (Treatment.SYMBOL, "S" * 41),
        (Treatment.PAPER, "no. 4711"),
        (Treatment.PAPER, "4711471147114711"),
        (Treatment.TITLE, "n" * 121),
        (Treatment.NUMBER, "REDACTED"),
    ],
)
def test_a_value_that_is_not_of_its_column_is_masked(kind: Treatment, text: str) -> None:
    assert value(kind, text) == SECRET.token(text)


@for_each(
    ("text", "moved"),
    [
        ("20260520;103000", "20220520;103000"),
        ("20260520103000", "20220520103000"),
        ("2026-05-20, 10:30:00", "2022-05-20, 10:30:00"),
        ("20240229", "20200229"),
        ("05/20/2026;103000", "05/20/2022;103000"),
        ("20/05/26", "20/05/22"),
        ("20-May-26 10:30:00", "20-May-22 10:30:00"),
        ("10:30:00", "10:30:00"),
    ],
)  # fmt: skip
def test_days_are_moved_by_whole_years_in_every_format(text: str, moved: str) -> None:
    assert value(Treatment.DAY, text, Choices(years=-4)) == moved


def test_years_that_make_no_days_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 4"):
        Choices(years=3)
    for text, years in (("20260520", -28), ("20/05/26", 76), ("20260520", 8000)):
        with pytest.raises(ValueError, match="cannot be moved so far"):
            value(Treatment.DAY, text, Choices(years=years))


@for_each(
    ("text", "form"),
    [
        ("U1234567", "U9999999"),
        ("U1234567F", "U9999999F"),
        ("DU123456", "DU9999999"),
        ("U123456789", "U999999999"),
        ("grandmother", "X9999999"),
        ("grandmotherF", "X9999999F"),
        ("F", "X9999999"),
    ],
)
def test_an_account_keeps_its_form(text: str, form: str) -> None:
    account = SECRET.account(text)
    assert account != text
    assert account.translate(str.maketrans("0123456789", "9" * 10)) == form


def test_a_futures_segment_stays_that_of_its_account() -> None:
    for text in ("U1234567", "grandmother"):
        assert SECRET.account(f"{text}F") == f"{SECRET.account(text)}F"


def test_the_same_key_replaces_alike_and_another_one_does_not() -> None:
    text = b.Text(a_statement())
    assert text_of(text) == text_of(text, secret=Secret(b"not for anybody"))
    assert text_of(text) != text_of(text, secret=Secret(b"another one"))
    with pytest.raises(ValueError, match="empty"):
        Secret(b"")


def test_factors_are_neither_one_nor_round() -> None:
    for key in range(200):
        secret = Secret(str(key).encode())
        assert Decimal("0.2") < secret.units_factor < Decimal("0.9")
        assert Decimal("0.5") < secret.price_factor < 1
        assert (secret.units_factor * 10000) % 2
        assert (secret.units_factor * 10000) % 5
    assert len({Secret(str(key).encode()).units_factor for key in range(200)}) > 150


@given(st.text(alphabet=string.ascii_letters, min_size=12, max_size=20), st.text(max_size=40))
def test_no_word_that_is_not_the_brokers_is_left_of_a_description(name: str, text: str) -> None:
    done = value(Treatment.TEXT, f"PAID TO {name} {text}")
    assert name not in done
    assert done.startswith("PAID TO xxx")


def test_descriptions_of_the_same_words_are_told_apart() -> None:
    one, other = (value(Treatment.TEXT, f"PAID TO {name}") for name in ("ADA", "BOB"))
    assert one.partition("[")[0] == other.partition("[")[0] == "PAID TO xxx "
    assert one != other


def test_a_sentence_names_no_account_and_no_address() -> None:
    done = value(Treatment.SENTENCE, "WDGT TENDERED by U1234567 (ada@example.com), DU1234567F")
    assert "1234567" not in done
    assert "ada" not in done
    assert done.startswith("WDGT TENDERED by U")


# --- other instruments ---

HIDING = Texts(SECRET, instruments=True)


@for_each(
    ("text", "form"),
    [
        ("AAPL", "AAAAA"),
        ("V", "V"),
        ("BRK B", "AAAAA B"),
        ("BP.", "AAAAA."),
        ("VUAG.L", "AAAAA.L"),
        ("BMWd", "AAAAAd"),
        ("700", "999"),
        ("GE.OLD", "AAAAA.OLD"),
        ("20240131235959GE", "99999999999999AAAAA"),
        ("AAPL  230120C00150000", "AAAAA 999999C99999999"),
        ("EUR.USD", "EUR.USD"),
    ],
)
def test_an_invented_symbol_has_the_form_of_the_old_one(text: str, form: str) -> None:
    kept = "".join(sorted({letter for letter in form if letter not in "A9"}))
    done = HIDING.symbol(text)
    assert (done == text) is (text in {"V", "EUR.USD"})
    letters = str.maketrans({letter: "A" for letter in string.ascii_uppercase if letter not in kept})
    assert done.translate(letters).translate(str.maketrans("0123456789", "9" * 10)).count("A") <= len(form)
    assert len(done) == len(form)
    assert [done[place] for place, sign in enumerate(form) if sign not in "A9"] == [
        sign for sign in form if sign not in "A9"
    ]


def test_symbols_that_belong_together_still_do() -> None:
    old = HIDING.symbol("GEPQ")
    assert HIDING.symbol("GEPQ.OLD") == f"{old}.OLD"
    assert HIDING.symbol("GEPQD") == f"{old}D"
    assert HIDING.symbol("GEPQ  230120C00150000").startswith(f"{old} 230120C")
    assert HIDING.symbol("T 4 1/8 11/15/32") == SECRET.token("T 4 1/8 11/15/32")


def test_numbers_of_paper_that_belong_together_still_do() -> None:
    for isin in ("US0378331005", "US88160R1014", "IE00BFMXXD54"):
        done = HIDING.paper(isin)
        assert done[2:11] == HIDING.paper(isin[2:11]) != isin[2:11]
        assert (done[:2], done[11]) == (isin[:2], isin[11])
    assert len(HIDING.paper("265598")) == 10
    assert HIDING.paper("B12345X") == SECRET.token("B12345X")


def test_a_sentence_says_the_same_of_invented_paper() -> None:
    said = (
        "GEPQ(US0000001001) MERGED INTO (12345678) FOR USD 12.50 AND XYZ 3 4 FOR 1 "
        "(NEWCO, NAME INC, US0000001002)"
    )
    done = HIDING.sentence(said)
    price = SECRET.price_factor * Decimal("12.50")
    assert done.startswith(f"{HIDING.symbol('GEPQ')}({HIDING.paper('US0000001001')}) MERGED INTO ")
    assert (
        f"({HIDING.paper('12345678')}) FOR USD {price.normalize()} AND {HIDING.symbol('XYZ')} 3 4 FOR 1 ("
        in done
    )
    assert f"({HIDING.symbol('NEWCO')}, NAME " in done
    assert done.endswith(f", {HIDING.paper('US0000001002')})")


def test_a_conversion_keeps_its_rate_and_moves_money() -> None:
    values = Values(SECRET, HIDDEN)
    units, money = factors(HIDDEN)
    assert values.replacer(Treatment.PRICE, is_conversion=True)("1.1") == "1.1"
    assert Decimal(values.replacer(Treatment.UNITS, is_conversion=True)("1000")) == 1000 * money
    assert Decimal(values.replacer(Treatment.UNITS)("1000")) == 1000 * units


# --- documents ---


def test_a_document_that_is_no_statement_is_not_written_anew() -> None:
    with pytest.raises(NotAStatementError):
        text_of(b.Text("<other><FlexQueryResponse/></other>"))
    with pytest.raises(ScanError):
        text_of(b.Text(a_statement()[:-10]))
    assert text_of(b.Text("<FlexQueryResponse/>")) == "<FlexQueryResponse />\n"


def test_quotes_and_breaks_come_out_as_xml() -> None:
    text = b.one_statement(b.trades(b.trade(description='A&B <"C\'">\n\tD')))
    (row,) = b.read(twin(b.Text(text)), account=SECRET.account(b.ACCOUNT)).activities
    assert row.instrument is not None
    assert row.instrument.name == 'A&B <"C\'">\n\tD'


def test_more_values_and_columns_than_are_remembered_come_out() -> None:
    rows = [
        {"accountId": b.ACCOUNT, f"c{number % 5000}": "0", "amount": str(number)} for number in range(1, 5001)
    ]
    text = text_of(
        b.Text(
            b.one_statement(
                b.section("New", "Row", *rows), b.trades(*({"amount": str(n)} for n in range(1, 5001)))
            )
        )
    )
    assert text.count(" amount=") == 10000


def test_nothing_grows_with_the_document() -> None:
    def document() -> Iterator[bytes]:
        yield b"<FlexQueryResponse><FlexStatements><FlexStatement><Trades>"
        for number in range(10_000):
            yield b'<Trade a="%d%s"/>' % (number, b"x" * 1000)
        yield b"</Trades></FlexStatement></FlexStatements></FlexQueryResponse>"

    tracemalloc.start()
    try:
        assert sum(map(len, anonymised(document(), SECRET, SHOWN))) > 10_000
        assert tracemalloc.get_traced_memory()[1] < 7_500_000  # of ten million bytes
    finally:
        tracemalloc.stop()
