"""What one release does differently from another."""

from dataclasses import dataclass

__all__ = ["TYPES", "Rules"]

TYPES = [
    *("BUY", "SELL", "SPLIT", "DIVIDEND", "INTEREST", "DEPOSIT", "WITHDRAWAL", "TRANSFER_IN"),
    *("TRANSFER_OUT", "FEE", "TAX", "CREDIT", "ADJUSTMENT", "UNKNOWN"),
]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of `version`; `links` says whether transfers can be linked, which no number tells."""

    version: str = "3.2.1"
    links: bool = True

    @property
    def _number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.partition("-")[0].split("."))

    @property
    def final_amounts(self) -> bool:
        return self._number >= (3, 8)

    @property
    def pairs_are_one(self) -> bool:
        return self._number >= (3, 6)

    @property
    def short_options(self) -> bool:
        return self._number >= (3, 6)

    @property
    def local_days(self) -> bool:
        return self._number >= (3, 6)

    @property
    def groups_by_account(self) -> bool:
        return self._number >= (3, 6)

    @property
    def fee_in_content_key(self) -> bool:
        return self._number >= (3, 6, 3)

    @property
    def types(self) -> list[str]:
        return [*TYPES, "FX_EXCHANGE"] if self._number >= (3, 9) else TYPES

    @property
    def all_recalculated(self) -> bool:
        """Whether every change has everything worked out anew, not only what comes after it."""
        return self._number <= (3, 2, 1) and not self.links
