"""The params of a node that rows change, each compiled to what gives its value for a row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from mjpipe.contract import Field, FieldType
from mjpipe.domain import SOURCE_URL, Json
from mjpipe.manifest import Param, Text
from mjpipe.plan.jobs.conversion import (
    ABSENT,
    FAULTY,
    SourceUrl,
    WrongValue,
    can_be_odd,
    converter,
    leaf,
    object_of,
    oddities,
    reference_of,
)
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler, RenderFault, Template
from mjpipe.plan.templates.scope import Scope, Values

MEMO = 4_096
"""How many texts of a param are remembered with their values."""

Blame = Callable[[str, Template | None, WrongValue, bool], None]
"""Told the field and the template of each value that is wrong, or with True only strange; knows the row that is looked
at. Without a template the value was written as it is.
"""


class CompiledParam(Protocol):
    """Gives a param's value for a row: ABSENT when it is not given, FAULTY when it is wrong, which was blamed."""

    templates: tuple[Template, ...]

    def __call__(self, values: Values) -> Any: ...


class _TextParam:
    """One template for the whole value."""

    def __init__(self, field: Field, template: Template, convert: Callable[[str], Any], blame: Blame) -> None:
        self.templates: tuple[Template, ...] = (template,)
        self._field = field
        self._template = template
        self._render = template.render
        self._convert = convert
        self._blame = blame
        # Prompts are as many as rows: remembering them would only cost.
        self._remembers = field.type is not FieldType.TEXT or bool(field.options)
        self._memo: dict[str, Any] = {}
        self._can_be_strange = can_be_odd(field)

    def __call__(self, values: Values) -> Any:
        try:
            text = self._render(values)
        except RenderFault as fault:
            return self._wrong(WrongValue("MJ067", f"the template fails: {fault}"))
        value = self._memo.get(text)
        return self._resolved(text) if value is None else value

    def _resolved(self, text: str) -> Any:
        stripped = text.strip()
        if not stripped:
            return ABSENT
        try:
            value = self._convert(stripped)
        except WrongValue as fault:
            return self._wrong(fault)
        strange = list(oddities(self._field, stripped, value)) if self._can_be_strange else []
        for code, objection in strange:
            oddity = WrongValue(code, objection.message, help=objection.help)
            self._blame(self._field.name, self._template, oddity, True)
        if self._remembers and not strange:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            self._memo[text] = value
        return value

    def _wrong(self, fault: WrongValue) -> Any:
        self._blame(self._field.name, self._template, fault, False)
        return FAULTY


class _TreeParam:
    """YAML with templates at its leaves: a list of URLs or references, an object, or a plain value."""

    def __init__(self, field: Field, param: Any, convert: Callable[[str], Any], blame: Blame) -> None:
        self.templates = tuple(_templates(param))
        self._field = field
        self._param = param
        self._convert = convert
        self._blame = blame

    def __call__(self, values: Values) -> Any:
        match self._param:
            case list():
                lists = [self._guarded(self._items, param, values) for param in self._param]
                return FAULTY if FAULTY in lists else list(chain.from_iterable(lists)) or ABSENT
            case dict():
                return self._guarded(self._object, self._param, values)
            case _:
                return self._guarded(self._plain, self._param, values)

    def _guarded(self, make: Callable[[Any, Values], Any], param: Any, values: Values) -> Any:
        try:
            return make(param, values)
        except RenderFault as fault:
            wrong = WrongValue("MJ067", f"the template fails: {fault}")
        except WrongValue as fault:
            wrong = fault
        self._blame(self._field.name, next(_templates(param), None), wrong, False)
        return FAULTY

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
    compiler: Compiler
    mistakes: Mistakes
    blame: Blame
    known_fields: frozenset[str]

    def slot(self, field: Field, param: Param) -> CompiledParam | None:
        """None when a template of it is wrong, or hangs on what another mistake leaves unknown."""
        convert = converter(field, self.known_fields)
        if isinstance(param, Text):
            template = self._template(field, param)
            if template is None:
                return None
            if template.is_source_url:
                return _TreeParam(field, [template], convert, self.blame)
            return _TextParam(field, template, convert, self.blame)
        tree = self._tree(field, param)
        return None if tree is None else _TreeParam(field, tree, convert, self.blame)

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
        template = self.compiler.template(text, self.scope)
        if template is None or not template.has_source_url:
            return template
        if template.is_source_url and field.type in (FieldType.URLS, FieldType.REFERENCES):
            return template
        self.mistakes.error(
            text.place,
            "MJ068",
            "`source.url` can only be the whole of a URL",
            help="it is known when the source has been made, not before",
        )
        return None


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
    """Lists and mappings without the leaves that are not given."""
    match param:
        case Template() if param.is_source_url:
            return SourceUrl(SOURCE_URL)
        case Template():
            return leaf(param.render(values))
        case list():
            return [value for item in param if (value := _rendered(item, values)) is not ABSENT]
        case dict():
            entries = {name: _rendered(item, values) for name, item in param.items()}
            return {name: value for name, value in entries.items() if value is not ABSENT}
        case _:
            return param
