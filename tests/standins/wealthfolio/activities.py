"""Activities: written one by one or in batches, and found again."""

import datetime as dt
import json
from dataclasses import dataclass, field

from tests.standins.wealthfolio.activity_json import json_object
from tests.standins.wealthfolio.activity_saving import TRANSFERS, FaultyRowError, Saving
from tests.standins.wealthfolio.reading import Json, flag, text
from tests.standins.wealthfolio.replies import bad_body, refused
from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.store import Row, Store

__all__ = ["Activities", "Outcome"]

_DUPLICATE = "Activity error: Invalid data: Duplicate activity detected."


@dataclass
class Outcome:
    """What a bulk call did."""

    created: list[Row] = field(default_factory=list)
    updated: list[Row] = field(default_factory=list)
    deleted: list[Row] = field(default_factory=list)
    mappings: list[Json] = field(default_factory=list)
    errors: list[Json] = field(default_factory=list)

    def touched(self) -> list[Row]:
        return [*self.created, *self.updated, *self.deleted]


class Activities:
    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._saving = Saving(store, rules)

    # --- writing ---

    def create(self, fields: Json) -> Row:
        self._saving.check_shape(fields)
        self._saving.check_account(fields)
        try:
            row = self._saving.prepared(fields)
        except FaultyRowError as fault:
            raise refused(str(fault)) from None
        there = self._store.keys().get(row.key or "")
        if there is not None:
            raise refused(f"{_DUPLICATE} A matching activity already exists (id: {there}).")
        self._saving.check_type(row)
        self._store.rows[row.id] = row
        return row

    def update(self, fields: Json) -> tuple[Row, Row]:
        """The row as it was and as it is."""
        self._saving.check_shape(fields, known=True)
        old = self._store.rows.get(fields["id"])
        if old is None:
            raise refused("Activity error: Not found: Record not found")
        try:
            new = self._saving.changed(old, fields)
        except FaultyRowError as fault:
            raise refused(str(fault)) from None
        self._store.rows[new.id] = new
        return old, new

    def delete(self, row_id: str) -> list[Row]:
        if row_id not in self._store.rows:
            raise refused("Database operation failed: Record not found")
        return [self._store.rows.pop(each) for each in self._pair_of(row_id)]

    def bulk(self, fields: Json) -> Outcome:
        """All or nothing; assets that were made on the way stay."""
        creates, updates = _list(fields, "creates"), _list(fields, "updates")
        gone = fields.get("deleteIds", [])
        for each in creates:
            self._saving.check_shape(each)
        for each in updates:
            self._saving.check_shape(each, known=True)
        if creates:
            self._saving.check_account(creates[0])
        outcome = Outcome()
        rows = self._prepare_creates(creates, outcome)
        changed = self._prepare_updates(updates, outcome)
        for row_id in gone:
            if row_id not in self._store.rows:
                outcome.errors.append(_error(row_id, "delete", "Activity error: Not found: Record not found"))
        return outcome if outcome.errors else self._commit(outcome, rows, changed, gone)

    def link(self, first: str, second: str) -> list[Row]:
        pair = [self._store.rows.get(each) for each in (first, second)]
        rows = [row for row in pair if row is not None]
        if len(rows) < 2:
            raise refused("Activity error: Not found")
        if {row.type for row in rows} != TRANSFERS:
            raise refused("Activity error: Invalid data: one TRANSFER_IN and one TRANSFER_OUT are needed")
        if any(row.source_group_id for row in rows):
            raise refused("Activity error: Invalid data: already linked")
        if rows[0].account_id == rows[1].account_id and not self._rules.pairs_are_one:
            raise refused("Activity error: Invalid data: both are of the same account")
        group = self._store.new_id()
        for row in rows:
            row.source_group_id, row.user_modified, row.changed = group, True, self._store.now()
            row.metadata = _flow(row.metadata, external=False)
        return sorted(rows, key=lambda row: row.type)

    # --- reading ---

    def known(self, keys: list[str]) -> dict[str, str]:
        there = self._store.keys()
        return {key: there[key] for key in keys if key in there}

    def found(self, fields: Json) -> list[Row]:
        """The rows that a search asks for, in its order."""
        archived = {each.id for each in self._store.accounts.values() if each.is_archived}
        rows = [row for row in self._store.rows.values() if row.account_id not in archived]
        wanted = _names(fields, "accountIdFilter")
        if wanted is not None:
            rows = [row for row in rows if row.account_id in wanted]
        types = _names(fields, "activityTypeFilter")
        if types is not None:
            rows = [row for row in rows if row.type in types]
        review = flag(fields, "needsReviewFilter")
        if review is not None:
            rows = [row for row in rows if (row.status == "DRAFT") is review]
        rows = [row for row in rows if self._is_between(row, fields)]
        sort = fields.get("sort")
        sort = sort[0] if isinstance(sort, list) and sort else sort
        ascending = isinstance(sort, dict) and sort.get("id") == "date" and not sort.get("desc")
        rows.sort(key=lambda row: row.made)
        return sorted(rows, key=lambda row: row.date, reverse=not ascending)

    def _is_between(self, row: Row, fields: Json) -> bool:
        day = self._store.day_of(row.date) if self._rules.local_days else row.date.date()
        first, last = text(fields, "dateFrom"), text(fields, "dateTo")
        try:
            after = first is None or day >= dt.date.fromisoformat(first)
            return after and (last is None or day <= dt.date.fromisoformat(last))
        except ValueError:
            raise refused("Invalid dateFrom or dateTo") from None

    # --- bulk ---

    def _prepare_creates(self, creates: list[Json], outcome: Outcome) -> list[tuple[str | None, Row]]:
        rows = []
        for each in creates:
            try:
                rows.append((text(each, "id"), self._saving.prepared(each)))
            except FaultyRowError as fault:
                outcome.errors.append(_error(text(each, "id"), "create", str(fault)))
        return rows

    def _prepare_updates(self, updates: list[Json], outcome: Outcome) -> list[Row]:
        rows = []
        for each in updates:
            old = self._store.rows.get(each["id"])
            if old is None:
                outcome.errors.append(
                    _error(each["id"], "update", "Activity error: Not found: Record not found")
                )
                continue
            try:
                rows.append(self._saving.changed(old, each))
            except FaultyRowError as fault:
                outcome.errors.append(_error(each["id"], "update", str(fault)))
        return rows

    def _commit(
        self, outcome: Outcome, rows: list[tuple[str | None, Row]], changed: list[Row], gone: list[str]
    ) -> Outcome:
        taken = {key for key, row_id in self._store.keys().items() if row_id not in gone}
        for _, row in rows:
            self._saving.check_type(row)
            if row.key in taken:
                raise refused(f"{_DUPLICATE} A matching activity already exists.")
            taken.add(row.key or "")
        for row_id in gone:
            if row_id in self._store.rows:
                outcome.deleted += self.delete(row_id)
        for row in changed:
            self._store.rows[row.id] = row
            outcome.updated.append(row)
        for temporary, row in rows:
            self._store.rows[row.id] = row
            outcome.created.append(row)
            outcome.mappings.append({"tempId": temporary or None, "activityId": row.id})
        return outcome

    def _pair_of(self, row_id: str) -> list[str]:
        row = self._store.rows[row_id]
        if not self._rules.pairs_are_one or row.type not in TRANSFERS or row.source_group_id is None:
            return [row_id]
        group = [each.id for each in self._store.rows.values() if each.source_group_id == row.source_group_id]
        return group if len(group) == 2 else [row_id]


def _list(fields: Json, name: str) -> list[Json]:
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise bad_body(f"{name}: expected a sequence of objects")
    return value


def _names(fields: Json, name: str) -> list[str] | None:
    value = fields.get(name)
    if value is None:
        return None
    return [value] if isinstance(value, str) else list(value)


def _error(row_id: str | None, action: str, message: str) -> Json:
    return {"id": row_id, "action": action, "message": message}


def _flow(metadata: str | None, *, external: bool) -> str:
    kept = json_object(metadata)
    kept = kept if isinstance(kept, dict) else {}
    return json.dumps({**kept, "flow": {**kept.get("flow", {}), "is_external": external}})
