"""``broker-sync ibkr doctor``: what a Flex query lacks, by a statement that it made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from broker_sync.cli.accounts import configured_accounts
from broker_sync.cli.output import print_blocks, print_json, print_line, result_output
from broker_sync.cli.started import started
from broker_sync.errors import RefusedError, SettingsError
from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.doctor_visit import diagnose
from broker_sync.report.diagnosis import Diagnosis
from broker_sync.report.doctor_text import diagnosis_blocks, diagnosis_object, verdict_line

__all__ = ["run_doctor"]

_PROVIDER: Final = IBKRProvider.name
_NOTHING: Final = (
    "there is no statement to examine: nothing has been downloaded yet. Run the query in Client Portal, "
    "save its XML, and give it with --file PATH"
)


def run_doctor(
    *, files: Sequence[Path], as_json: bool, latest: Callable[[], Sequence[Document]] = tuple
) -> int:
    """Examine `files`, or the `latest` statements kept where there are none, and show what was found.

    The exit status: 3 when a sync would refuse any of them, else 0. Raises
    :class:`~broker_sync.errors.SettingsError` where there is nothing to examine.
    """
    settings = started()
    documents = [Document(path) for path in dict.fromkeys(files)] or list(latest())
    if not documents:
        raise SettingsError(_NOTHING)
    accounts = configured_accounts(settings)
    diagnoses = [diagnose(document, accounts=accounts) for document in documents]
    _show(diagnoses, as_json=as_json, no_color=settings.no_color)
    return RefusedError.exit_code if any(each.is_refused for each in diagnoses) else 0


def _show(diagnoses: Sequence[Diagnosis], *, as_json: bool, no_color: bool) -> None:
    with result_output():
        if as_json:
            print_json(diagnosis_object(diagnoses, provider=_PROVIDER))
            return
        for found in diagnoses:
            print_blocks(diagnosis_blocks(found), no_color=no_color)
        for found in diagnoses:
            print_line(verdict_line(found))
