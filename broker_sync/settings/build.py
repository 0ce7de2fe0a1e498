"""Makes the settings out of the values that were found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broker_sync.settings import catalogue as c
from broker_sync.settings.answers import Answers, Problems
from broker_sync.settings.locate import default_data_dir
from broker_sync.settings.notify import NotifySettings
from broker_sync.settings.types import (
    CashType,
    FlexSettings,
    IBKRSettings,
    MetricsMode,
    NoMetrics,
    Tolerances,
    ToPushgateway,
    ToTextfile,
    WealthfolioSettings,
)

__all__ = ["data_dir", "flex", "ibkr", "metrics", "notifications", "tolerances", "wealthfolio"]


def data_dir(answers: Answers) -> Path:
    """Where everything is kept."""
    return answers.of(c.DATA_DIR) or default_data_dir()


def ibkr(answers: Answers) -> IBKRSettings:
    """What is said of Interactive Brokers in general."""
    return IBKRSettings(
        account_id=answers.of(c.IBKR_ACCOUNT_ID),
        account_id_upstream=answers.of(c.IBKR_ACCOUNT_ID_UPSTREAM),
        account_type=answers.sure(c.IBKR_ACCOUNT_TYPE),
        time_zone=answers.of(c.IBKR_TIME_ZONE),
        flex_token=answers.of(c.IBKR_FLEX_TOKEN),
        flex_query_ids=answers.of(c.IBKR_FLEX_QUERY_ID) or (),
        flex_base_url=answers.of(c.IBKR_FLEX_BASE_URL),
        token_expires=answers.of(c.IBKR_TOKEN_EXPIRES),
    )


def flex(answers: Answers, cash_types: Mapping[str, CashType]) -> FlexSettings:
    """How statements are downloaded and booked."""
    return FlexSettings(
        overlap_days=answers.sure(c.IBKR_FLEX_OVERLAP_DAYS),
        deadline_seconds=answers.sure(c.IBKR_FLEX_DEADLINE_SECONDS),
        ignore_breaker=answers.sure(c.IBKR_FLEX_IGNORE_BREAKER),
        cash_types=cash_types,
    )


def wealthfolio(answers: Answers, data_dir: Path) -> WealthfolioSettings:
    """The server to write to."""
    return WealthfolioSettings(
        base_url=answers.of(c.WF_BASE_URL),
        username=answers.of(c.WF_USERNAME),
        password=answers.of(c.WF_PASSWORD),
        session_path=answers.of(c.WF_SESSION_PATH) or data_dir / "wealthfolio_session.json",
        create_account=answers.sure(c.WF_CREATE_ACCOUNT),
        adopt=answers.sure(c.WF_ADOPT),
    )


def tolerances(answers: Answers) -> Tolerances:
    """What still counts as equal."""
    return Tolerances(
        shares=answers.sure(c.SHARE_TOLERANCE_SETTING),
        cash=answers.sure(c.CASH_TOLERANCE_SETTING),
        nav=answers.sure(c.NAV_TOLERANCE_SETTING),
    )


def notifications(answers: Answers) -> NotifySettings:
    """Who is told when something is wrong."""
    return NotifySettings(
        urls=answers.of(c.NOTIFY_URLS) or (),
        repeat_days=answers.sure(c.NOTIFY_REPEAT_DAYS),
        token_days=answers.sure(c.NOTIFY_TOKEN_DAYS),
        ping_url=answers.of(c.PING_URL),
    )


def metrics(answers: Answers, problems: Problems) -> NoMetrics | ToPushgateway | ToTextfile:
    """Where metrics go; notes a place that is asked for and not named, and two of which none is chosen."""
    url, path = answers.of(c.PUSHGATEWAY_URL), answers.of(c.TEXTFILE)
    mode = answers.of(c.METRICS)
    if mode is None and url is not None and path is not None:
        problems.add(
            f"{c.PUSHGATEWAY_URL.name} and {c.TEXTFILE.name} are both set: say with {c.METRICS.name} which "
            "of them counts, pushgateway or textfile"
        )
    if mode is MetricsMode.NONE:
        return NoMetrics()
    if mode is MetricsMode.PUSHGATEWAY and url is None:
        problems.add(f"{c.METRICS.name} is {mode}, but {c.PUSHGATEWAY_URL.name} is not set")
    if mode is MetricsMode.TEXTFILE and path is None:
        problems.add(f"{c.METRICS.name} is {mode}, but {c.TEXTFILE.name} is not set")
    if url is not None and mode is not MetricsMode.TEXTFILE:
        return ToPushgateway(url=url)
    if path is not None and mode is not MetricsMode.PUSHGATEWAY:
        return ToTextfile(path=path)
    return NoMetrics()
