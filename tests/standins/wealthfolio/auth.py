"""Sessions and the limit on logins."""

import base64
import hashlib
import hmac
import json
import math
import secrets

from tests.standins.wealthfolio.clock import Clock
from tests.standins.wealthfolio.replies import RefusalError, Reply, failed, refused

__all__ = ["Bucket", "Sessions"]

_BURST = 5
_REFILL = 12.0  # seconds for one login
_LEEWAY = 60.0


class Bucket:
    """Five logins, and one more every twelve seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = float(_BURST)
        self._at = clock.seconds()

    def take(self) -> None:
        now = self._clock.seconds()
        self._left = min(_BURST, self._left + (now - self._at) / _REFILL)
        self._at = now
        if self._left < 1:
            wait = str(math.ceil((1 - self._left) * _REFILL) - 1 or 1)
            raise RefusalError(
                Reply(
                    status=429,
                    body=f"Too many logins, wait {wait} s".encode(),
                    headers={"retry-after": wait, "x-ratelimit-after": wait},
                )
            )
        self._left -= 1


class Sessions:
    """Signed tokens of three parts; what signs them is gone after :meth:`forget`."""

    def __init__(self, clock: Clock, *, ttl: float) -> None:
        self._clock = clock
        self.ttl = ttl
        self.forget()

    def forget(self) -> None:
        self._secret = secrets.token_bytes(16)

    def issue(self) -> str:
        now = int(self._clock.now().timestamp())
        head = _part(b'{"alg":"HS256","typ":"JWT"}')
        claims = _part(json.dumps({"sub": "web", "iat": now, "exp": now + int(self.ttl)}).encode())
        return f"{head}.{claims}.{self._sign(f'{head}.{claims}')}"

    def cookie(self, token: str) -> str:
        return f"wf_session={token}; HttpOnly; SameSite=Lax; Path=/api; Max-Age={int(self.ttl)}"

    def check(self, authorization: str | None, cookie: str | None) -> str | None:
        """The cookie to send along, None unless half of the session's time is over."""
        token = _shown(authorization, cookie)
        parts = token.split(".")
        if len(parts) != 3:
            raise refused("Unauthorized", status=401)
        head, claims, signature = parts
        try:
            said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        except ValueError:
            raise failed("Failed to validate token: not base64") from None
        now = self._clock.now().timestamp()
        if signature != self._sign(f"{head}.{claims}") or now > said["exp"] + _LEEWAY:
            raise refused("Unauthorized", status=401)
        return self.cookie(self.issue()) if now - said["iat"] > self.ttl / 2 else None

    def _sign(self, text: str) -> str:
        return _part(hmac.new(self._secret, text.encode(), hashlib.sha256).digest())


def _shown(authorization: str | None, cookie: str | None) -> str:
    """An Authorization header of any kind goes before the cookie, and must be a bearer's."""
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return token.strip()
        raise refused("Unauthorized", status=401)
    for pair in (cookie or "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == "wf_session" and value:
            return value
    raise refused("Unauthorized", status=401)


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
