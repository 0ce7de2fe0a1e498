"""The servers that slow tests look at."""

from collections.abc import Iterator

import pytest

from tests.deploy.watch import Watch, watching


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with watching(tmp_path_factory.mktemp("watch")) as found:
        yield found
