"""The params of a node, each compiled to a function that gives its value for a row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from mjpipe.contract import Field, FieldType
from mjpipe.domain import SOURCE_URL, Json, Severity
from mjpipe.manifest import Param, Text
from mjpipe.plan.jobs.requests.blame import Blame, Unusual, Wrong
from mjpipe.plan.jobs.requests.conversion import (
    ABSENT,
    SourceUrl,
    WrongValue,
    can_be_unusual,
    converter,
    leaf,
    object_of,
    reference_of,
    why_unusual,
)
from mjpipe.plan.jobs.requests.odd_texts import OddText, may_be_odd, odd_parts, words_for_nothing
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.names.scope import Scope, Values
from mjpipe.plan.templates.template import RenderFault, Template

MEMO = 4_096
"""How many rendered texts of a param are cached with their values."""


_JSON = frozenset({FieldType.URLS, FieldType.REFERENCES, FieldType.OBJECT})
"""Fields that read a text as JSON."""


class CompiledParam(Protocol):
    """Gives a param's value for a row: ABSENT when it is not given, Wrong or Unusual when something is to blame."""

    templates: tuple[Template, ...]

    def __call__(self, values: Values) -> Any: ...


class _TextParam:
    """One template for the whole value."""

    def __init__(self, field: Field, template: Template, convert: Callable[[str], Any]) -> None:
        self.templates: tuple[Template, ...] = (template,)
        self._field = field
        self._template = template
        self._render = template.render
        self._convert = convert
        self._memo: dict[str, Any] = {}
        self._can_be_unusual = can_be_unusual(field)

    def __call__(self, values: Values) -> Any:
        try:
            text = self._render(values)
        except RenderFault as fault:
            return Wrong((self._blame(render_failed(fault)),))
        value = self._memo.get(text)
        if value is None:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            value = self._memo[text] = self._read(text)
        return value

    def _read(self, text: str) -> Any:
        stripped = text.strip()
        if not stripped:
            return ABSENT
        try:
            value = self._convert(stripped)
        except WrongValue as fault:
            return Wrong((self._blame(fault),))
        return self._with_warnings(stripped, value) if self._can_be_unusual else value

    def _with_warnings(self, text: str, value: Json) -> Any:
        blames = tuple(
            self._blame(WrongValue(code, problem.message, help=problem.help), Severity.WARNING)
            for code, problem in why_unusual(self._field, text, value)
        )
        return Unusual(value, blames) if blames else value

    def _blame(self, fault: WrongValue, severity: Severity = Severity.ERROR) -> Blame:
        return Blame(self._field.name, self._template, fault, severity)


class _FreeTextParam(_TextParam):
    """A template for a text that may say anything, such as a prompt: what is odd in it gets warnings.

    Nearly every row has another prompt: to cache them would only cost.
    """

    def __init__(self, field: Field, template: Template, convert: Callable[[str], Any]) -> None:
        super().__init__(field, template, convert)
        self._words = words_for_nothing(template.columns)

    def __call__(self, values: Values) -> Any:
        try:
            text = self._render(values)
        except RenderFault as fault:
            return Wrong((self._blame(render_failed(fault)),))
        value = self._read(text)
        words = self._words(values, text) if self._words else ()
        if (words or may_be_odd(text)) and isinstance(value, str):
            odd = [*words, *((self._column(part.part, values), part) for part in odd_parts(self._field.name, value))]
            blames = tuple(self._odd(column, part) for column, part in odd)
            return Unusual(value, blames) if blames else value
        return value

    def _column(self, part: str, values: Values) -> str | None:
        """The first column that brings the odd piece."""
        used = (column for column in values if column in self._template.columns)
        return next((column for column in used if part in values[column]), None)

    def _odd(self, column: str | None, odd: OddText) -> Blame:
        fault = WrongValue(odd.code, odd.message, help=odd.help, part=odd.part, column=column)
        return self._blame(fault, Severity.WARNING)


class _TreeParam:
    """YAML with templates at its leaves: a list of URLs or references, an object, or a plain value."""

    def __init__(self, field: Field, param: Any, convert: Callable[[str], Any]) -> None:
        self.templates = tuple(_templates(param))
        self._field = field
        self._param = param
        self._convert = convert

    def __call__(self, values: Values) -> Any:
        match self._param:
            case list():
                lists = [self._guarded(self._items, param, values) for param in self._param]
                blames = [blame for one in lists if isinstance(one, Wrong) for blame in one.blames]
                return Wrong(tuple(blames)) if blames else list(chain.from_iterable(lists)) or ABSENT
            case dict():
                return self._guarded(self._object, self._param, values)
            case _:
                return self._guarded(self._plain, self._param, values)

    def _guarded(self, make: Callable[[Any, Values], Any], param: Any, values: Values) -> Any:
        """What is made of a param, or the fault with the template that it comes from."""
        template: Template | None
        try:
            return make(param, values)
        except _LeafFault as fault:
            template, wrong = fault.template, fault.fault
        except RenderFault as fault:
            template, wrong = next(_templates(param), None), render_failed(fault)
        except WrongValue as fault:
            part = param[fault.entry] if isinstance(param, dict) and fault.entry else param
            template, wrong = next(_templates(part), None), fault
        return Wrong((Blame(self._field.name, template, wrong),))

    def _items(self, param: Any, values: Values) -> list[Json]:
        """The references that an item of a list gives: none when it is empty."""
        if isinstance(param, Template) and param.is_source_url:
            return [SOURCE_URL]
        if isinstance(param, Template):
            text = param.render(values).strip()
            return list(self._convert(text)) if text else []
        value = _rendered(param, values)
        if isinstance(value, dict) and not value.get("url"):
            return []
        return [reference_of(self._field, value)]

    def _object(self, param: Any, values: Values) -> Any:
        return object_of(self._field, _rendered(param, values)) or ABSENT

    def _plain(self, param: Any, values: Values) -> Any:  # noqa: ARG002 - one signature for all
        return self._convert(str(param).lower())


@dataclass(frozen=True, slots=True)
class ParamCompiler:
    """Compiles the params of one node."""

    scope: Scope
    templates: Compiler
    mistakes: Mistakes
    known_fields: frozenset[str]

    def compiled(self, field: Field, param: Param) -> CompiledParam | None:
        """None when a template of it is wrong, or depends on another mistake."""
        convert = converter(field, self.known_fields)
        if isinstance(param, Text):
            template = self._template(field, param)
            if template is None:
                return None
            if template.is_source_url:
                return _TreeParam(field, [template], convert)
            free = field.type is FieldType.TEXT and not field.options
            return (_FreeTextParam if free else _TextParam)(field, template, convert)
        tree = self._tree(field, param)
        return None if tree is None else _TreeParam(field, tree, convert)

    def _tree(self, field: Field, param: Param) -> Any:
        match param:
            case Text():
                return self._template(field, param)
            case list():
                items = [self._tree(field, item) for item in param]
                return None if None in items else items
            case dict():
                entries = {name: self._tree(field, item) for name, item in param.items()}
                return None if None in entries.values() else entries
            case _:
                return param

    def _template(self, field: Field, text: Text) -> Template | None:
        template = self.templates.template(text, self.scope, as_json=field.type in _JSON)
        if template is None or not template.has_source_url:
            return template
        if template.is_source_url and field.type in (FieldType.URLS, FieldType.REFERENCES):
            return template
        self.mistakes.error(
            text.place,
            "MJ068",
            "`source.url` can only be the whole of a URL",
            help="the URL is not known before the source has been made",
        )
        return None


class _LeafFault(Exception):
    """A fault of one template among several, which names that template."""

    def __init__(self, template: Template, fault: WrongValue) -> None:
        super().__init__(str(fault))
        self.template = template
        self.fault = fault


def render_failed(fault: RenderFault) -> WrongValue:
    return WrongValue(fault.code, fault.message("the template"), help=fault.help, column=fault.column)


def _templates(param: Any) -> Iterator[Template]:
    match param:
        case Template():
            yield param
        case list():
            for item in param:
                yield from _templates(item)
        case Mapping():
            for item in param.values():
                yield from _templates(item)


def _rendered(param: Any, values: Values) -> Any:
    """Lists and mappings without the leaves that are not given. Raises _LeafFault."""
    match param:
        case Template() if param.is_source_url:
            return SourceUrl(SOURCE_URL)
        case Template():
            return _leaf(param, values)
        case list():
            return [value for item in param if (value := _rendered(item, values)) is not ABSENT]
        case dict():
            entries = {name: _rendered(item, values) for name, item in param.items()}
            return {name: value for name, value in entries.items() if value is not ABSENT}
        case _:
            return param


def _leaf(template: Template, values: Values) -> Any:
    try:
        return leaf(template.render(values))
    except RenderFault as fault:
        raise _LeafFault(template, render_failed(fault)) from None
    except WrongValue as fault:
        raise _LeafFault(template, fault) from None
