"""The `input` object of a node's jobs: constant params are made once, the others row by row."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from mjpipe.contract import DEFAULT_SPEED, FIELDS_OF_KIND, IMAGE_INDEX, Field
from mjpipe.domain import SOURCE_URL, Json, Severity, Usd, in_plain_form
from mjpipe.manifest import Node, Param
from mjpipe.plan.jobs.requests.blame import Blame, Unusual, Wrong
from mjpipe.plan.jobs.requests.compiled_params import CompiledParam, ParamCompiler
from mjpipe.plan.jobs.requests.conversion import ABSENT, WrongValue
from mjpipe.plan.jobs.requests.request_rules import RULED, broken_rules
from mjpipe.plan.templates.names.scope import Values
from mjpipe.pricing import PriceTable

PRICED = ("speed", "version", "is_hd")
"""The fields that a price depends on."""


class Requests:
    """Makes the requests of one node.

    `columns` are the variables that they are made of, `reads` all from which they can get a value, `described_by` those
    that stand within the text of a prompt. `blames` has what is wrong in all rows. Then it is `broken`, and its
    requests lack these params.
    """

    def __init__(self, node: Node, params: ParamCompiler, prices: PriceTable) -> None:
        self.mode = node.mode
        self.blames: tuple[Blame, ...] = ()
        self._broken_fields: set[str] = set()
        self._params = params
        self._prices = prices
        self._quotes: dict[tuple[Json, ...], Usd | None] = {}
        self._varying: list[tuple[str, CompiledParam, Any]] = []
        self._frame: dict[str, Any] = {"mode": self.mode.value}
        if self.mode.facts.sends_image_number:
            self._frame[IMAGE_INDEX] = None
        for field in FIELDS_OF_KIND[node.kind]:
            if node.is_broken(f"params.{field.name}"):
                self._only_look_at(field, node.params.get(field.name))
            else:
                self._add(field, node.params.get(field.name), _fallback(field, node))
        self._compiled = {name: param for name, param, _ in self._varying}
        templates = [template for param in self._compiled.values() for template in param.templates]
        self.asks_source = any(template.asks_source for template in templates)
        self.columns: frozenset[str] = frozenset().union(*(template.columns for template in templates))
        self.reads: frozenset[str] = frozenset().union(*(template.reads for template in templates))
        self.described_by: frozenset[str] = frozenset().union(
            *(
                template.columns
                for name in ("prompt", "remixPrompt")
                for template in (self._compiled[name].templates if name in self._compiled else ())
                if template.whole is None
            )
        )
        self._ruled = not self._compiled.keys().isdisjoint(RULED)
        if not self._ruled:
            self.blames += tuple(self._breaches(self._frame, self._broken_fields))
        self._priced = not self._compiled.keys().isdisjoint(PRICED)
        self._constant_price = None if self._priced or self.broken else prices.quote(self._frame)

    @property
    def broken(self) -> bool:
        return bool(self._broken_fields)

    def request(
        self, values: Values, number: int | None, form: Callable[[Any], Any] = in_plain_form
    ) -> tuple[dict[str, Any], list[Blame]]:
        """The request for a row and an image of the source, with its values in a form; most texts in ASCII are in it
        already. Wrong values are left out, and blamed.
        """
        request = self._frame.copy()
        if number is not None and IMAGE_INDEX in request:
            request[IMAGE_INDEX] = number
        blames: list[Blame] = []
        broken_fields = self._broken_fields
        for name, param, fallback in self._varying:
            value = param(values)
            if value is ABSENT:
                value = fallback
            if isinstance(value, Unusual):
                blames += value.blames
                value = value.value
            elif isinstance(value, Wrong):
                blames += value.blames
                broken_fields = broken_fields | {name}
                value = ABSENT
            if value is ABSENT:
                del request[name]
            elif value.__class__ is str and value.isascii() and "\r" not in value:
                request[name] = value
            else:
                request[name] = form(value)
        if self._ruled:
            blames += self._breaches(request, broken_fields)
        return request, blames

    def former_request(self, values: Values, number: int | None) -> dict[str, Any] | None:
        """What older releases sent, which left the form of texts as it was. `values` are as they read them. None where
        it would be wrong today.
        """
        request, blames = self.request(values, number, lambda value: value)
        return None if any(blame.severity is Severity.ERROR for blame in blames) else request

    def price(self, request: Mapping[str, Any], source_price: Usd | None) -> Usd | None:
        """What the table says; for a mode that repeats its source, without a price of its own, what that costs."""
        price = self._quote(request) if self._priced else self._constant_price
        return source_price if price is None and self.mode.facts.repeats_source else price

    def _quote(self, request: Mapping[str, Any]) -> Usd | None:
        asked = tuple([request.get(name) for name in PRICED])
        if asked not in self._quotes:
            self._quotes[asked] = self._prices.quote(request)
        return self._quotes[asked]

    def _only_look_at(self, field: Field, param: "Param | None") -> None:
        """A param that is wrong already may have other mistakes in its templates."""
        self._broken_fields.add(field.name)
        if param is not None:
            self._params.compiled(field, param)

    def _add(self, field: Field, param: "Param | None", default: Any) -> None:
        """A param joins the frame, in the API's order: with its value if no row changes it."""
        if param is None:
            if default is not ABSENT:
                self._frame[field.name] = default
            return
        compiled = self._params.compiled(field, param)
        if compiled is None:
            self._broken_fields.add(field.name)
            return
        fallback = default
        if isinstance(default, WrongValue):
            fallback = Wrong((Blame(field.name, next(iter(compiled.templates), None), default),))
        if any(template.constant is None and not template.is_source_url for template in compiled.templates):
            self._frame[field.name] = None
            self._varying.append((field.name, compiled, fallback))
        else:
            self._add_constant(field.name, compiled({}), fallback)

    def _add_constant(self, name: str, value: Any, fallback: Any) -> None:
        if value is ABSENT:
            value = fallback
        if isinstance(value, Wrong | Unusual):
            self.blames += value.blames
        if isinstance(value, Wrong):
            self._broken_fields.add(name)
        elif value is not ABSENT:
            self._frame[name] = in_plain_form(value.value if isinstance(value, Unusual) else value)

    def _breaches(self, request: Mapping[str, Any], broken_fields: AbstractSet[str]) -> Iterator[Blame]:
        """What breaks a rule between fields, unless one of these fields is wrong itself."""
        for fields, fault in broken_rules(request):
            if broken_fields.isdisjoint(fields):
                name = next((field for field in fields if field in self._compiled), fields[0])
                templates = self._compiled[name].templates if name in self._compiled else ()
                yield Blame(name, next(iter(templates), None), fault)


def _fallback(field: Field, node: Node) -> Any:
    """The value of a param that is not given; for one that must be given, a WrongValue."""
    match field.name:
        case "prompt":
            return WrongValue("MJ072", "the prompt is empty", help="describe what the picture shows")
        case "speed":
            return DEFAULT_SPEED.value
        case "image_urls" if node.sources or node.is_broken("from"):
            return [SOURCE_URL]
    return ABSENT
