"""The filters and tests of templates, each metered by how long it may take."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Environment, pass_environment
from jinja2.filters import make_attrgetter

from mjpipe.plan.templates.jinja.metering import Meter
from mjpipe.plan.templates.values.bounds import (
    formatted,
    is_divisible,
    is_even,
    is_odd,
    replaced,
    rounded,
    texts_joined,
)
from mjpipe.plan.templates.values.conditions import truth
from mjpipe.plan.templates.values.filter_table import FILTERS
from mjpipe.plan.templates.values.filters import from_json, slug, without_tags
from mjpipe.plan.templates.values.numbers import fraction, number, whole
from mjpipe.plan.templates.values.regex_filter import regex_replace


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_QUICK_FILTERS = _words("abs count d default first last length")
_QUICK_TESTS = _words(
    """
    boolean callable defined even false filter float integer iterable mapping none number odd sameas
    sequence string test true undefined
    """
)
"""Filters and tests that take no longer for a long value than for a short one."""

PRODUCTS = _words("divisibleby in lstrip rfind rpartition rsplit rstrip strip trim")
"""Filters, tests and methods that may go through their whole argument for each part of their value."""

_OF_TEXT = _words(
    """
    capitalize lower replace slug string striptags title trim truncate upper urlencode wordcount
    """
)
"""Filters of texts. Some would take a list for the text that Python shows it as."""

_SLOW = {
    "dictsort": 3,
    "fromjson": 2,
    "slug": 20,
    "sort": 3,
    "striptags": 10,
    "title": 10,
    "unique": 2,
    "urlencode": 5,
    "wordcount": 5,
}
"""Filters that take a multiple of the usual time."""


def metered_filters(of_jinja: Mapping[str, Callable[..., Any]], meter: Meter) -> dict[str, Any]:
    """Those that are documented: Jinja's, or ours in place of them."""
    return _metered({name: _OWN_FILTERS.get(name) or of_jinja[name] for name in FILTERS}, meter, but=_QUICK_FILTERS)


def metered_tests(
    of_jinja: Mapping[str, Any], comparisons: Mapping[str, Callable[..., Any]], meter: Meter
) -> dict[str, Any]:
    """Jinja's, with our `comparisons` in place of its own."""
    bounded: dict[str, Any] = {"odd": is_odd, "even": is_even, "divisibleby": is_divisible}
    return _metered({**of_jinja, **bounded, **comparisons}, meter, but=_QUICK_TESTS)


def _metered(calls: Mapping[str, Callable[..., Any]], meter: Meter, *, but: frozenset[str]) -> dict[str, Any]:
    return {
        name: call
        if name in but
        else meter.metered(call, product=name in PRODUCTS, factor=_SLOW.get(name, 1), of_text=name in _OF_TEXT)
        for name, call in calls.items()
    }


@pass_environment
def _joined(
    environment: Environment, value: Iterable[Any], between: str = "", attribute: str | int | None = None
) -> str:
    """Jinja's `join`, bounded; of lists only."""
    parts = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    return texts_joined(str(between), parts)


@pass_environment
def _sum(environment: Environment, value: Iterable[Any], attribute: str | int | None = None, start: float = 0) -> Any:
    """Jinja's `sum`, for numbers only: of lists, each addition would copy all that came before."""
    parts = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    total = start
    for part in parts:
        if not isinstance(part, int | float) or not isinstance(start, int | float):
            raise TypeError("`sum` takes numbers: convert each text with `number`")
        total += part
    return total


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_OWN_FILTERS: Mapping[str, Callable[..., Any]] = {
    "float": fraction,
    "format": formatted,
    "fromjson": from_json,
    "int": whole,
    "join": _joined,
    "number": number,
    "regex_replace": regex_replace,
    "replace": replaced,
    "round": rounded,
    "slug": slug,
    "striptags": without_tags,
    "sum": _sum,
    "tojson": _json,
    "truth": truth,
}
"""Filters that Jinja does not have, or that it does not bound."""
