"""The Pushgateway that slow tests push to."""

from collections.abc import Iterator

import pytest

from tests.metrics.servers import binary, free_port, served


@pytest.fixture
def real_pushgateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real, empty Pushgateway."""
    address = f"127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("pushgateway")
    command = [
        binary("prometheus-pushgateway"),
        f"--web.listen-address={address}",
        # Debian's keeps what it has in one place for all, unless it is told another.
        f"--persistence.file={folder / 'kept'}",
    ]
    with served(command, f"http://{address}/-/ready", folder / "log"):
        yield f"http://{address}"
