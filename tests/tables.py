"""One test for a whole table of facts, where a test for each row would take longer to set up than to run."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

__all__ = ["for_each"]

Test = Callable[..., None]


def for_each(
    names: str | tuple[str, ...], table: Iterable[Any], *, ids: object = None
) -> Callable[[Test], Test]:
    """Run a test for every row of `table`; a failure names its row. Used like pytest's parametrize.

    `ids` is for the reader of the test: a failure shows the row itself.
    """
    del ids
    rows = list(table)
    assert rows, "a table without rows tests nothing"

    def decorate(test: Test) -> Test:
        def over_all(**given: Any) -> None:  # noqa: ANN401  # what another table hands on
            for row in rows:
                values = {names: row} if isinstance(names, str) else dict(zip(names, row, strict=True))
                try:
                    test(**given, **values)
                except BaseException as error:
                    error.add_note(f"in the row {values}")
                    raise

        named = wraps(test)(over_all)
        # Or pytest would ask for the test's arguments as fixtures.
        del named.__wrapped__
        return named

    return decorate
