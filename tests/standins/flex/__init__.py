"""A Flex Web Service of our own: speaks the protocol over a socket, and fails in every way it is told to."""

from tests.standins.flex.server import FlexServer
from tests.standins.flex.service import FlexService, NoStatementError, Source
from tests.standins.flex.source import Folder

__all__ = ["FlexServer", "FlexService", "Folder", "NoStatementError", "Source"]
