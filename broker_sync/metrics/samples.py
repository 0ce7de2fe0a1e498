"""What a metric is in this program, and what one run has to say in metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

__all__ = ["ACCOUNT", "Number", "Sample", "Snapshot", "Subject", "subject_of"]

ACCOUNT: Final = "account"
"""The label that says whose a sample is; one without it is of the run as a whole."""

Number = Decimal | float | int


class Sample(NamedTuple):
    """One number of a metric, told apart from its others by `labels`."""

    name: str
    labels: Mapping[str, str]
    value: Number


class Subject(NamedTuple):
    """A metric of one account, or of the run as a whole (`account` is None)."""

    name: str
    account: str | None


def subject_of(sample: Sample) -> Subject:
    """What `sample` speaks of."""
    return Subject(sample.name, sample.labels.get(ACCOUNT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a run has to say.

    `told` are the subjects that it knows completely: what was said of them before no longer holds, even where
    it has no sample for them any more (a symbol that was sold). On every other subject it is silent, and what
    was said before stands.
    """

    samples: Sequence[Sample]
    told: frozenset[Subject]

    def over(self, before: Iterable[Sample]) -> list[Sample]:
        """What holds now: `before`, with all that the run told in the place of what was said of it."""
        return [*(sample for sample in before if subject_of(sample) not in self.told), *self.samples]

    @property
    def names(self) -> frozenset[str]:
        """The metrics on which the run has a word."""
        return frozenset(subject.name for subject in self.told)
