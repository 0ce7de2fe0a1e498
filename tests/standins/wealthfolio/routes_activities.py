"""What is asked of activities."""

from tests.standins.wealthfolio.activity_json import shown, stored
from tests.standins.wealthfolio.reading import text, whole
from tests.standins.wealthfolio.replies import Reply, bad_body
from tests.standins.wealthfolio.request import Parts, Request, Route

__all__ = ["ACTIVITIES"]


def _search(parts: Parts, request: Request) -> Reply:
    sent = request.json()
    page, size = whole(sent, "page"), whole(sent, "pageSize")
    found = parts.activities.found(sent)
    rows = found[page * size : (page + 1) * size] if page >= 0 and size > 0 else []
    found_rows = [shown(parts.store, row) for row in rows]
    return Reply.of({"data": found_rows, "meta": {"totalRowCount": len(found)}})


def _activities(parts: Parts, request: Request) -> Reply:
    sent = request.json()
    if request.method == "POST":
        row = parts.activities.create(sent)
        parts.portfolio.rows_changed([row])
    else:
        old, row = parts.activities.update(sent)
        parts.portfolio.rows_changed([old, row])
    return Reply.of(stored(row))


def _activity(parts: Parts, request: Request) -> Reply:
    gone = parts.activities.delete(request.last)
    parts.portfolio.rows_changed(gone)
    return Reply.of(stored(gone[0]))


def _bulk(parts: Parts, request: Request) -> Reply:
    before = dict(parts.store.rows)
    done = parts.activities.bulk(request.json())
    parts.portfolio.rows_changed([*done.touched(), *(before[each.id] for each in done.updated)])
    return Reply.of(
        {
            "created": [stored(row) for row in done.created],
            "updated": [stored(row) for row in done.updated],
            "deleted": [stored(row) for row in done.deleted],
            "createdMappings": done.mappings,
            "errors": done.errors,
        }
    )


def _duplicates(parts: Parts, request: Request) -> Reply:
    keys = request.json().get("idempotencyKeys")
    if not isinstance(keys, list):
        raise bad_body("missing field `idempotencyKeys`")
    return Reply.of({"duplicates": parts.activities.known(keys)})


def _link(parts: Parts, request: Request) -> Reply:
    sent = request.json()
    first, second = text(sent, "activityAId", needed=True), text(sent, "activityBId", needed=True)
    rows = parts.activities.link(first or "", second or "")
    parts.portfolio.rows_changed(rows)
    return Reply.of([stored(row) for row in rows])


ACTIVITIES: dict[str, dict[str, Route]] = {
    "/activities": {"POST": _activities, "PUT": _activities},
    "/activities/*": {"DELETE": _activity},
    "/activities/bulk": {"POST": _bulk},
    "/activities/import/check-duplicates": {"POST": _duplicates},
    "/activities/link": {"POST": _link},
    "/activities/search": {"POST": _search},
}
