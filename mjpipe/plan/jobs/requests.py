"""The `input` object of a node's jobs: what no row changes is made once, the rest row by row."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from mjpipe.contract import DEFAULT_SPEED, FIELDS_OF_KIND, IMAGE_INDEX, ONE_IMAGE, Field, Mode
from mjpipe.domain import SOURCE_URL, Json, Usd
from mjpipe.manifest import Node, Param
from mjpipe.plan.jobs.compiled_params import CompiledParam, ParamCompiler
from mjpipe.plan.jobs.conversion import ABSENT, FAULTY, WrongValue
from mjpipe.plan.jobs.rules import RULED, broken_rules
from mjpipe.plan.templates.scope import Values
from mjpipe.pricing import PriceTable

PRICED = ("speed", "version", "is_hd")
"""The fields that a price hangs on."""


class Requests:
    """Makes the requests of one node. Those of a `broken` one lack the params that are wrong whatever the row."""

    def __init__(self, node: Node, slots: ParamCompiler, prices: PriceTable) -> None:
        self.mode = node.mode
        self._broken_fields: set[str] = set()
        self._slots = slots
        self._prices = prices
        self._quotes: dict[tuple[Json, ...], Usd | None] = {}
        self._varying: list[tuple[str, CompiledParam, Any]] = []
        self._frame: dict[str, Any] = {"mode": self.mode.value}
        if self.mode in ONE_IMAGE:
            self._frame[IMAGE_INDEX] = None
        for field in FIELDS_OF_KIND[node.kind]:
            if node.doubts(f"params.{field.name}"):
                self._only_look_at(field, node.params.get(field.name))
            else:
                self._add(field, node.params.get(field.name), _fallback(field, node))
        self._slot_of = {name: slot for name, slot, _ in self._varying}
        self.asks_source = any(template.asks_source for slot in self._slot_of.values() for template in slot.templates)
        self._ruled = not self._slot_of.keys().isdisjoint(RULED)
        if not self._ruled:
            self._check(self._frame, self._broken_fields)
        self._priced = not self._slot_of.keys().isdisjoint(PRICED)
        self._constant_price = None if self._priced or self.broken else prices.quote(self._frame)

    @property
    def broken(self) -> bool:
        return bool(self._broken_fields)

    def request(self, values: Values, number: int | None) -> dict[str, Any]:
        """The request for a row, and for the number of the source's image, without what is wrong with it, which was
        blamed.
        """
        request = self._frame.copy()
        if number is not None and IMAGE_INDEX in request:
            request[IMAGE_INDEX] = number
        broken_fields = self._broken_fields
        for name, slot, fallback in self._varying:
            value = slot(values)
            if value is ABSENT:
                value = fallback
                if value is ABSENT:
                    del request[name]
                    continue
                if isinstance(value, WrongValue):
                    self._slots.blame(name, slot.templates[0], value, False)
                    value = FAULTY
            if value is FAULTY:
                broken_fields = broken_fields | {name}
                del request[name]
                continue
            request[name] = value
        if self._ruled:
            self._check(request, broken_fields)
        return request

    def price(self, request: Mapping[str, Any], source_price: Usd | None) -> Usd | None:
        """What the table says; for a reroll without a price of its own, what its source costs."""
        price = self._quote(request) if self._priced else self._constant_price
        return source_price if price is None and self.mode is Mode.REROLL else price

    def _quote(self, request: Mapping[str, Any]) -> Usd | None:
        asked = tuple([request.get(name) for name in PRICED])
        if asked not in self._quotes:
            self._quotes[asked] = self._prices.quote(request)
        return self._quotes[asked]

    def _only_look_at(self, field: Field, param: "Param | None") -> None:
        """What is wrong already may have other mistakes in its templates."""
        self._broken_fields.add(field.name)
        if param is not None:
            self._slots.slot(field, param)

    def _add(self, field: Field, param: "Param | None", fallback: Any) -> None:
        """A param joins the frame, in the API's order: with its value if no row changes it."""
        if param is None:
            if fallback is not ABSENT:
                self._frame[field.name] = fallback
            return
        slot = self._slots.slot(field, param)
        if slot is None:
            self._broken_fields.add(field.name)
            return
        if any(template.constant is None and not template.is_source_url for template in slot.templates):
            self._frame[field.name] = None
            self._varying.append((field.name, slot, fallback))
            return
        value = slot({})
        if value is ABSENT:
            value = fallback
        if isinstance(value, WrongValue):
            self._slots.blame(field.name, next(iter(slot.templates), None), value, False)
            value = FAULTY
        if value is FAULTY:
            self._broken_fields.add(field.name)
        elif value is not ABSENT:
            self._frame[field.name] = value

    def _check(self, request: Mapping[str, Any], broken_fields: AbstractSet[str]) -> None:
        """Blames what breaks a rule between fields, unless one of these fields is wrong itself."""
        for fields, fault in broken_rules(request):
            if not broken_fields.isdisjoint(fields):
                continue
            name = next((field for field in fields if field in self._slot_of), fields[0])
            templates = self._slot_of[name].templates if name in self._slot_of else ()
            self._slots.blame(name, next(iter(templates), None), fault, False)


def _fallback(field: Field, node: Node) -> Any:
    """The value of a param that is not given; for one that must be given, what is wrong then."""
    match field.name:
        case "prompt":
            return WrongValue("MJ072", "the prompt is empty", help="a prompt says what the picture shows")
        case "speed":
            return DEFAULT_SPEED.value
        case "image_urls" if node.sources or node.doubts("from"):
            return [SOURCE_URL]
    return ABSENT
