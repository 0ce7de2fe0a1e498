"""One page of HTML for a person to look at: how each account stands, and how it came to that; pure."""

from broker_sync.report.page.document import page_text
from broker_sync.report.page.facts import AccountFacts, NotBooked, PageFacts, Told

__all__ = ["AccountFacts", "NotBooked", "PageFacts", "Told", "page_text"]
