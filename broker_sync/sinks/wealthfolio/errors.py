"""What can go wrong with a Wealthfolio server; each text says what was found, expected and to be done."""

from __future__ import annotations

from broker_sync.errors import BrokerSyncError, SettingsError, TransientError

__all__ = [
    "AnswerError",
    "LoginRefusedError",
    "NotWealthfolioError",
    "OidcOnlyError",
    "PasswordMissingError",
    "ProfileLockedError",
    "ProxyLoginError",
    "RequestRefusedError",
    "RequestTooLargeError",
    "ServerFaultError",
    "SessionLostError",
    "TooManyLoginsError",
    "TrackerAccountError",
    "TrackerAwayError",
    "UnknownOutcomeError",
    "UnsupportedVersionError",
    "WealthfolioError",
]


class WealthfolioError(BrokerSyncError):
    """Base of everything that the Wealthfolio sink raises on purpose."""


class LoginRefusedError(WealthfolioError, SettingsError):
    """The server does not know the password."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, server: str) -> None:
        super().__init__(
            f"{server} refused the password. Check WF_PASSWORD: it is the one of the login page; "
            "Wealthfolio knows no user names."
        )


class PasswordMissingError(WealthfolioError, SettingsError):
    """The server wants a password and none is set."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, server: str) -> None:
        super().__init__(f"{server} asks for a password, and none is set. Set WF_PASSWORD.")


class OidcOnlyError(WealthfolioError, SettingsError):
    """The server takes no passwords, only logins through an identity provider in a browser."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, server: str) -> None:
        super().__init__(
            f"{server} lets people in through an identity provider (OIDC) only, and a program cannot log in "
            "that way. Give the server a password as well (WF_AUTH_PASSWORD_HASH). Its personal access "
            "tokens do not help: they open its MCP server, not this interface."
        )


class TooManyLoginsError(WealthfolioError, TransientError):
    """The server's limit on logins is used up; `retry_after` is in seconds, None when it did not say."""

    exit_code = TransientError.exit_code

    def __init__(self, *, server: str, retry_after: int | None) -> None:
        wait = "a minute" if retry_after is None else f"{retry_after} s"
        super().__init__(
            f"{server} had too many logins in a short time (HTTP 429) and takes none for now. Try again in "
            f"{wait}. Behind a proxy all its visitors share this limit."
        )
        self.retry_after = retry_after


class SessionLostError(WealthfolioError):
    """The server does not accept the session that it has just given out."""

    def __init__(self, *, server: str, behind_proxy: bool) -> None:
        advice = (
            "The proxy in front of it hands its own Authorization header on; have it drop that header."
            if behind_proxy
            else "Check that nothing in between drops the Authorization header, and the server's clock."
        )
        super().__init__(
            f"{server} accepted the login but not the session that came of it (HTTP 401). {advice}"
        )


class ProfileLockedError(WealthfolioError, SettingsError):
    """The server keeps its data in profiles and none is open to this program."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, server: str, said: str) -> None:
        super().__init__(
            f"{server} answered {said or 'that the profile is locked'} (HTTP 423): it has several profiles, "
            "or a locked one, and broker-sync can use only a server with one profile without a lock."
        )
        self.said = said


class ProxyLoginError(WealthfolioError, SettingsError):
    """Something in front of the server wants a login of its own; `found` says what it answered."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, server: str, found: str, advice: str) -> None:
        super().__init__(
            f"{server} answered {found}, which is not Wealthfolio but something in front. {advice}"
        )
        self.found = found


class NotWealthfolioError(WealthfolioError, SettingsError):
    """What answers at the address is not Wealthfolio's interface; `found` says what it answered."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, address: str, found: str) -> None:
        super().__init__(
            f"{address} answered {found} where Wealthfolio's interface was expected. Check WF_BASE_URL: it "
            "is the address that a browser shows for Wealthfolio, with the path that a proxy may have put "
            "before it."
        )
        self.found = found


class UnsupportedVersionError(WealthfolioError, SettingsError):
    """The server's version is not one that broker-sync can work with."""

    exit_code = SettingsError.exit_code

    def __init__(self, *, found: str, oldest: str) -> None:
        super().__init__(
            f"The server is Wealthfolio {found}; {oldest} or later is needed. Nothing was written. Update "
            "Wealthfolio."
        )
        self.found = found


class TrackerAccountError(WealthfolioError, SettingsError):
    """The account to write to is not there, or cannot be written to."""

    exit_code = SettingsError.exit_code


class TrackerAwayError(WealthfolioError, TransientError):
    """The server did not answer, and nothing was changed by asking."""

    exit_code = TransientError.exit_code

    def __init__(self, *, server: str, found: str) -> None:
        super().__init__(f"{server} cannot be reached for now: {found}. Nothing was lost; run again later.")
        self.found = found


class UnknownOutcomeError(WealthfolioError, TransientError):
    """A change was sent and no answer came, so the server may or may not have made it.

    Whoever sent it has to ask the server by key before sending anything again. `status` is the HTTP status
    where there was one.
    """

    exit_code = TransientError.exit_code

    def __init__(self, *, request: str, found: str, status: int | None = None) -> None:
        super().__init__(
            f"Whether Wealthfolio carried out {request} is not known: {found}. Nothing is sent twice; the "
            "next run asks what is there."
        )
        self.found = found
        self.status = status


class RequestRefusedError(WealthfolioError):
    """The server understood and refused; `status` is the HTTP status, `said` its own word."""

    def __init__(self, *, request: str, status: int, said: str) -> None:
        super().__init__(f"Wealthfolio refused {request} (HTTP {status}): {said or 'it gave no reason'}")
        self.status = status
        self.said = said


class RequestTooLargeError(RequestRefusedError):
    """The request is larger than the server, or a proxy before it, accepts; nothing of it was done."""


class ServerFaultError(WealthfolioError):
    """The server failed at a question that changes nothing; `said` is its own word."""

    def __init__(self, *, request: str, status: int, said: str) -> None:
        super().__init__(
            f"Wealthfolio failed at {request} (HTTP {status}): {said or 'it gave no reason'}. "
            "Its log says more."
        )
        self.status = status
        self.said = said


class AnswerError(WealthfolioError):
    """An answer of the server is not of the form that it is known to have; nothing is guessed from it."""
