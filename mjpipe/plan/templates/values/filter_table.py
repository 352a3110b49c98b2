"""All filters of templates, each with what it gives and an example: what the documents show, and all that exist."""

from collections.abc import Mapping
from typing import NamedTuple


class Described(NamedTuple):
    """What a filter gives, and an example of it. In examples, names stand for the values of `EXAMPLE_ROW`."""

    gives: str
    example: str


EXAMPLE_ROW: Mapping[str, object] = {
    "name": "Oak stool",
    "price": "1,249.00",
    "published": "TRUE",
    "html": "<p>Oak &amp; linen</p>",
    "tags": "oak, stool,oak",
    "dim": '{"w": 45, "h": 60}',
    "note": "",
    "parts": [{"part": "seat", "cm": 45}, {"part": "leg", "cm": 60}],
    "colours": ["red", "blue"],
}

FILTERS: Mapping[str, Described] = {
    "abs": Described("a number without its sign", "-5 | abs"),
    "capitalize": Described("the first letter large, all others small", "'oak STOOL' | capitalize"),
    "count": Described("the same as `length`", "colours | count"),
    "d": Described("the same as `default`", "note | d('none', true)"),
    "default": Described(
        "another value for one that is not defined; with `true` also for an empty one", "note | default('none', true)"
    ),
    "dictsort": Described("the pairs of an object, sorted", "dim | fromjson | dictsort | first | join(' ')"),
    "first": Described("the first item", "colours | first"),
    "float": Described("a number with a fraction; fails unless a default is given: `float(0)`", "'2.5' | float"),
    "format": Described("a pattern with values in it", "'%.2f' | format(price | number)"),
    "fromjson": Described("the list or object that a JSON text has", "(dim | fromjson).w"),
    "int": Described("a whole number; fails unless a default is given: `int(0)`", "'45' | int"),
    "items": Described("the pairs of an object", "dim | fromjson | items | first | join(' ')"),
    "join": Described("the items as one text", "colours | join(' and ')"),
    "last": Described("the last item", "colours | last"),
    "length": Described("how many items, or characters", "colours | length"),
    "list": Described("the items as a list", "'ab' | list | join('-')"),
    "lower": Described("small letters", "name | lower"),
    "map": Described(
        "the items after another filter, or one attribute of each", "parts | map(attribute='part') | join(', ')"
    ),
    "max": Described("the largest item", "[3, 8] | max"),
    "min": Described("the smallest item", "[3, 8] | min"),
    "number": Described(
        "the number that a shop's text says; `number(decimal=',')` for `180,50`, `number(default=0)` for blanks",
        "price | number",
    ),
    "regex_replace": Described(
        "another text for each match of a regular expression (RE2)", r"name | regex_replace('(?i)oak\\s+', '')"
    ),
    "reject": Described("the items that a test does not hold for", "[1, 2, 3] | reject('odd') | join"),
    "rejectattr": Described(
        "the same by an attribute", "parts | rejectattr('cm', 'gt', 50) | map(attribute='part') | join"
    ),
    "replace": Described("another text for each occurrence of one", "name | replace('Oak', 'Ash')"),
    "reverse": Described("the items or characters backwards", "colours | reverse | join(' ')"),
    "round": Described("a number with fewer decimals", "2.567 | round(2)"),
    "select": Described("the items that a test holds for", "[1, 2, 3] | select('odd') | join"),
    "selectattr": Described(
        "the same by an attribute", "parts | selectattr('cm', 'gt', 50) | map(attribute='part') | join"
    ),
    "slug": Described("small letters without accents, digits and hyphens", "'Größe 2/3' | slug"),
    "sort": Described("the items in order", "colours | sort | join(' ')"),
    "string": Described("a text", "45 | string"),
    "striptags": Described("the text of HTML", "html | striptags"),
    "sum": Described("the sum of numbers", "parts | sum(attribute='cm')"),
    "title": Described("each word with a large letter", "'oak stool' | title"),
    "tojson": Described("JSON", "colours | tojson"),
    "trim": Described("the text without white space at its ends, or without other signs", "'  oak ' | trim"),
    "truncate": Described(
        "the first characters, in whole words unless `true`; the last number is how many more are no reason to cut",
        "name | truncate(6, true, '…', 0)",
    ),
    "truth": Described(
        "true for true, yes and 1, false for false, no, 0 and a blank, in any case", "'new' if published | truth"
    ),
    "unique": Described("each item once", "tags.split(',') | map('trim') | unique | join(' ')"),
    "upper": Described("large letters", "name | upper"),
    "urlencode": Described("a text as part of a URL", "'oak & ash' | urlencode"),
    "wordcount": Described("how many words", "name | wordcount"),
}
"""No filter that is random, or that pads to an arbitrary width. By name."""
