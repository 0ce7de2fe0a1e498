"""``python -m tests.standins.flex --folder statements/``: a Flex Web Service to try things out on."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.standins.flex import FlexServer, FlexService, Folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the statements (*.xml) are")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default="made-up-token")
    parser.add_argument("--query", default="123456")
    parser.add_argument("--pending", type=int, default=0, help="polls before a statement is ready")
    given = parser.parse_args()
    service = FlexService(
        Folder(given.folder), token=given.token, query_id=given.query, pending=given.pending
    )
    with FlexServer(service, port=given.port) as server:
        print(  # noqa: T201  # it is what the command is for
            f"IBKR_FLEX_BASE_URL={server.address} IBKR_FLEX_TOKEN={given.token} "
            f"IBKR_FLEX_QUERY_ID={given.query}",
            flush=True,
        )
        server.wait()


if __name__ == "__main__":
    main()
