"""What a PromQL expression speaks of, by a real parser."""

import promql_parser

from broker_sync.metrics.catalogue import definition_of

__all__ = ["SCRAPED", "selectors", "unknown"]

SCRAPED = {"job", "instance"}
"""The labels that Prometheus adds by itself."""


def selectors(expression: str) -> list[tuple[str, set[str]]]:
    """Name and matched labels of every selector."""
    found: list[tuple[str, set[str]]] = []

    def visit(part: promql_parser.Expr) -> None:
        selector = part.vector_selector if isinstance(part, promql_parser.MatrixSelector) else part
        if isinstance(selector, promql_parser.VectorSelector):
            labels = {matcher.name for matcher in selector.matchers.matchers}
            found.append((selector.name or "", labels))

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def unknown(expression: str) -> list[str]:
    """The names in `expression` that no metric of ours has, and the labels that the metric does not have."""
    lost = []
    for name, labels in selectors(expression):
        definition = definition_of(name)
        if definition is None or not name.startswith("ibkr_"):
            lost.append(name)
        else:
            lost += [f"{name}{{{label}}}" for label in sorted(labels - SCRAPED - {*definition.labels})]
    return lost
