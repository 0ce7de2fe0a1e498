"""Accounts: tables of the TOML, the one of the environment, and both."""

from broker_sync.settings import IBKRAccountSettings, Settings, flex_downloads
from tests.settings.helpers import DictKeyring, LockedKeyring, Place

TWO = """\
[ibkr]
query_ids = [1234567]
time_zone = "Europe/London"

[[ibkr.accounts]]
id = "U1234567"
tracker_id = "joint"

[[ibkr.accounts]]
id = "U7654321"
account_type = "SIPP"
token = "made-up-second"
query_ids = [2345678, 3456789]
time_zone = "America/New_York"
base_url = "https://flex.example"
sink = "ledger"
token_expires = 2027-01-02
"""


def ids(settings: Settings) -> list[tuple[str | None, str | None]]:
    return [(each.upstream_account_id, each.tracker_account_id) for each in settings.ibkr_accounts]


def token(account: IBKRAccountSettings) -> str | None:
    return None if account.flex_token is None else account.flex_token.reveal()


def test_without_any_word_of_an_account_there_is_none(place: Place) -> None:
    assert place.load(IBKR_ACCOUNT_TYPE="ISA").ibkr_accounts == ()


def test_one_word_in_the_environment_makes_an_account(place: Place) -> None:
    for name, value in (
        ("IBKR_ACCOUNT_ID_UPSTREAM", "U1234567"),
        ("IBKR_ACCOUNT_ID", "tracker-1"),
        ("IBKR_FLEX_TOKEN", "made-up"),
        ("IBKR_FLEX_QUERY_ID", "1234567"),
    ):
        (account,) = place.load(**{name: value}).ibkr_accounts
        ids = (account.upstream_account_id, account.tracker_account_id)
        told = (*ids, token(account), *account.flex_query_ids)
        assert [each for each in told if each is not None] == [value]
        assert account.described_in == "the general settings"


def test_a_table_says_what_it_has_and_takes_the_rest_from_the_general_settings(place: Place) -> None:
    first, second = place.load(TWO, IBKR_FLEX_TOKEN="made-up-first").ibkr_accounts
    assert (first.upstream_account_id, first.tracker_account_id, first.account_type) == (
        "U1234567",
        "joint",
        "GIA",
    )
    assert (token(first), first.flex_query_ids, str(first.time_zone)) == (
        "made-up-first",
        ("1234567",),
        "Europe/London",
    )
    assert (second.upstream_account_id, second.tracker_account_id) == ("U7654321", None)
    assert (second.account_type, second.sink, second.flex_base_url) == (
        "SIPP",
        "ledger",
        "https://flex.example",
    )
    assert (token(second), second.flex_query_ids) == ("made-up-second", ("2345678", "3456789"))
    assert str(second.time_zone) == "America/New_York"
    assert (str(second.token_expires), first.token_expires) == ("2027-01-02", None)
    assert first.described_in == f"ibkr.accounts[1] in {place.config}"


def test_the_end_of_the_general_token_is_not_that_of_an_accounts_own(place: Place) -> None:
    accounts = place.load(
        '[[ibkr.accounts]]\nid = "A"\ntoken = "made-up"\n[[ibkr.accounts]]\nid = "B"\n',
        IBKR_TOKEN_EXPIRES="2027-03-31",
        IBKR_FLEX_TOKEN="made-up-general",
    ).ibkr_accounts
    assert [str(each.token_expires) for each in accounts] == ["None", "2027-03-31"]


def test_all_tokens_of_accounts_are_secrets(place: Place) -> None:
    assert place.load(TWO, IBKR_FLEX_TOKEN="made-up-first").secrets() == ["made-up-first", "made-up-second"]


# --- tokens ---


def test_a_token_can_be_in_a_file_or_in_a_variable(place: Place) -> None:
    place.write("secrets/second", "made-up-of-file\n")
    toml = (
        '[[ibkr.accounts]]\nid = "A"\ntoken_env = "TOKEN_OF_A"\n'
        '[[ibkr.accounts]]\nid = "B"\ntoken_file = "secrets/second"\n'
    )
    accounts = place.load(toml, TOKEN_OF_A=" made-up-of-variable\n").ibkr_accounts
    assert [token(each) for each in accounts] == ["made-up-of-variable", "made-up-of-file"]
    assert place.wrong(toml) == (
        f"ibkr.accounts[1].token_env in {place.config}, line 3: "
        "the environment variable TOKEN_OF_A is not set"
    )


def test_a_token_in_place_of_its_variables_name_is_not_repeated(place: Place) -> None:
    text = place.wrong('[[ibkr.accounts]]\nid = "A"\ntoken_env = "12345678901234"\n')
    assert text.endswith("line 3 is not the name of an environment variable")
    assert "12345" not in text


def test_an_account_has_its_token_from_one_place_only(place: Place) -> None:
    text = place.wrong('[[ibkr.accounts]]\nid = "A"\ntoken = "made-up"\ntoken_env = "T"\n', T="made-up")
    assert text.startswith("both ibkr.accounts[1].token_env in ")
    assert "made-up" not in text.replace(str(place.directory), "")


def test_the_keyring_has_tokens_of_single_accounts(place: Place) -> None:
    place.keyring = DictKeyring({"ibkr_flex_token": "made-up-general", "ibkr_flex_token:B": "made-up-of-b"})
    toml = '[broker-sync]\nkeyring = true\n[[ibkr.accounts]]\nid = "A"\n[[ibkr.accounts]]\nid = "B"\n'
    assert [token(each) for each in place.load(toml).ibkr_accounts] == ["made-up-general", "made-up-of-b"]


def test_a_locked_keyring_is_an_error(place: Place) -> None:
    place.keyring = LockedKeyring()
    assert place.wrong(BROKER_SYNC_KEYRING="yes").startswith("locked")
    assert place.load(BROKER_SYNC_KEYRING="no").ibkr.flex_token is None


# --- both the environment and tables ---


def test_the_account_of_the_environment_is_one_more(place: Place) -> None:
    settings = place.load(TWO, IBKR_ACCOUNT_ID_UPSTREAM="U1111111", IBKR_ACCOUNT_ID="third")
    assert ids(settings) == [("U1111111", "third"), ("U1234567", "joint"), ("U7654321", None)]


def test_an_account_that_a_table_has_is_not_there_twice(place: Place) -> None:
    settings = place.load(TWO, IBKR_ACCOUNT_ID_UPSTREAM="U7654321", IBKR_ACCOUNT_ID="pension")
    assert ids(settings) == [("U1234567", "joint"), ("U7654321", "pension")]
    assert ids(place.load(TWO, IBKR_ACCOUNT_ID_UPSTREAM="U7654321")) == [
        ("U1234567", "joint"),
        ("U7654321", None),
    ]
    same = place.load(TWO, IBKR_ACCOUNT_ID_UPSTREAM="U1234567", IBKR_ACCOUNT_ID="joint")
    assert ids(same)[0] == ("U1234567", "joint")


def test_one_table_needs_no_second_word_for_its_tracker(place: Place) -> None:
    assert ids(place.load('[[ibkr.accounts]]\nid = "A"\n', IBKR_ACCOUNT_ID="mine")) == [("A", "mine")]


def test_two_names_for_one_account_in_the_tracker_are_an_error(place: Place) -> None:
    text = place.wrong(TWO, IBKR_ACCOUNT_ID_UPSTREAM="U1234567", IBKR_ACCOUNT_ID="other")
    where = f"ibkr.accounts[1] in {place.config}"
    assert text == f"IBKR_ACCOUNT_ID is 'other', but tracker_id of {where} is 'joint': remove one"


def test_a_name_for_none_of_several_accounts_is_an_error(place: Place) -> None:
    assert place.wrong(TWO, IBKR_ACCOUNT_ID="mine").startswith("IBKR_ACCOUNT_ID does not say which account")


# --- distinct, whole ---


def test_each_account_is_there_once(place: Place) -> None:
    text = place.wrong(
        '[[ibkr.accounts]]\nid = "A"\ntracker_id = "x"\n[[ibkr.accounts]]\nid = "A"\ntracker_id = "y"\n'
    )
    assert text.startswith("account A is there twice, in ibkr.accounts[1] in ")


def test_each_account_has_one_of_its_own_in_the_tracker(place: Place) -> None:
    toml = '[[ibkr.accounts]]\nid = "A"\n[[ibkr.accounts]]\nid = "B"\ntracker_id = "A"\n'
    assert place.wrong(toml).startswith("the tracker's account A is there twice, in ")
    assert len(place.load(f'{toml}sink = "ledger"\n').ibkr_accounts) == 2, "in another tracker it is another"


def test_a_table_needs_an_id(place: Place) -> None:
    text = place.wrong('[[ibkr.accounts]]\ntracker_id = "x"\n')
    assert text.startswith(f"ibkr.accounts[1] in {place.config}: id is missing")


def test_a_wrong_value_in_a_table_is_an_error(place: Place) -> None:
    text = place.wrong('[[ibkr.accounts]]\nid = "A"\naccount_type = "PENSION"\n')
    assert text.startswith(
        f"ibkr.accounts[1].account_type in {place.config}, line 3 is 'PENSION', but it must be one"
    )


def test_an_account_that_cannot_be_fetched_is_warned_of(place: Place) -> None:
    (no_query,) = place.load(IBKR_FLEX_TOKEN="made-up").warnings
    assert no_query.startswith("the account of the general settings has a token but no query")
    (no_token,) = place.load(IBKR_ACCOUNT_ID_UPSTREAM="A", IBKR_FLEX_QUERY_ID="1").warnings
    assert no_token.startswith("account A of the general settings has a query but no token")


# --- downloads ---


def test_a_query_that_accounts_share_is_downloaded_once(place: Place) -> None:
    toml = (
        '[ibkr]\ntoken = "made-up"\nquery_ids = [1, 2]\n'
        '[[ibkr.accounts]]\nid = "A"\n[[ibkr.accounts]]\nid = "B"\nquery_ids = "2, 3 3"\n'
        '[[ibkr.accounts]]\nid = "C"\ntoken = "made-up-c"\n'
        '[[ibkr.accounts]]\nid = "D"\nquery_ids = 1\nbase_url = "https://flex.example"\n'
    )
    downloads = flex_downloads(place.load(toml).ibkr_accounts)
    assert [
        (each.token.reveal(), each.query_id, [account.upstream_account_id for account in each.accounts])
        for each in downloads
    ] == [
        ("made-up", "1", ["A"]),
        ("made-up", "2", ["A", "B"]),
        ("made-up", "3", ["B"]),
        ("made-up-c", "1", ["C"]),
        ("made-up-c", "2", ["C"]),
        ("made-up", "1", ["D"]),
    ]
    assert [each.base_url for each in downloads] == [*[None] * 5, "https://flex.example"]


def test_without_a_token_nothing_is_downloaded(place: Place) -> None:
    assert flex_downloads(place.load(IBKR_FLEX_QUERY_ID="1").ibkr_accounts) == ()
