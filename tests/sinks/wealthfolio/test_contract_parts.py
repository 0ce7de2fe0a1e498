"""Activities that take several rows, of which people take some away."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.sinks.wealthfolio.payload_samples import APPLE, at, buy, sell
from tests.sinks.wealthfolio.test_contract_twins import END, _named, _own, on, rows
from tests.sinks.wealthfolio.trackers import Tracker


def test_what_is_written_again_does_not_count_beside_what_is_left_of_it(tracker: Tracker) -> None:
    place = tracker.account()
    early, bought, sold = _own(
        place, buy(APPLE, at(1), "6", "250"), buy(APPLE, at(2), "4", "250"), sell(APPLE, at(3), "10", "260")
    )
    on(tracker, lambda sink: sink.create(_named(place), [bought, sold]))
    on(tracker, lambda sink: sink.holdings(place.id, as_of=END))
    (main,) = [each for each in rows(place) if each["idempotencyKey"].endswith(sold.external_id)]
    assert Decimal(main["quantity"]) == 4
    tracker.run(lambda client: client.delete(f"/activities/{main['id']}"))
    # By now the rest of it is no sale of what is not there.
    on(tracker, lambda sink: sink.create(_named(place), [early]))
    on(tracker, lambda sink: sink.create(_named(place), [sold]))
    held = on(tracker, lambda sink: sink.holdings(place.id, as_of=END))
    assert Counter((each["activityType"], Decimal(each["quantity"])) for each in rows(place)) == Counter(
        [("BUY", Decimal(6)), ("BUY", Decimal(4)), ("SELL", Decimal(10))]
    )
    assert {each.quantity for each in held} == set()
