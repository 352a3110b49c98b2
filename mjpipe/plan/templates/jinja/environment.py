"""The Jinja environment of manifests: sandboxed, strict, deterministic and bounded."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Any

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    TemplateSyntaxError,
    Undefined,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from mjpipe.plan.templates.jinja.filters_and_tests import PRODUCTS, metered_filters, metered_tests
from mjpipe.plan.templates.jinja.generated_code import MeteredCode
from mjpipe.plan.templates.jinja.metering import Meter, refuse_method
from mjpipe.plan.templates.jinja.nesting import refuse_large_code, refuse_large_source, refuse_nested_tree
from mjpipe.plan.templates.values.bounds import (
    bounded_range,
    bounded_text,
    formatted_with,
    refuse_growth,
    replaced,
    texts_joined,
    zero_filled,
)
from mjpipe.plan.templates.values.comparisons import NO_NAMES, TESTS, Names, compared
from mjpipe.plan.templates.values.conditions import not_false
from mjpipe.plan.templates.values.former_reading import FormerReading
from mjpipe.plan.templates.values.numbers import refuse_repetition
from mjpipe.plan.templates.values.value_faults import refuse_letters, refuse_list


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXT_METHODS = _names(
    """
    capitalize casefold count endswith find isalnum isalpha isdecimal isdigit islower isnumeric isspace
    istitle isupper join lower lstrip partition removeprefix removesuffix replace rfind rpartition
    rsplit rstrip split splitlines startswith strip swapcase title upper zfill
    """
)


class _Namespace(Namespace):
    """Jinja's, with another text: the original shows all its contents, even itself."""

    def __repr__(self) -> str:
        return "a namespace"


_Namespace.__name__ = "namespace"  # what templates call it

GLOBALS: Mapping[str, Any] = {"range": bounded_range, "dict": dict, "namespace": _Namespace}

_CALL = 5
"""Steps of calling a function, besides those for its arguments."""

_SCOPES = frozenset({"_loop_vars", "_block_vars"})
"""Arguments that generated code adds to a call."""

_PLAIN = (int, float, list, tuple, set)
_WITH_TEXT = (int, float, list, tuple, dict, Undefined)

_MAPPING_METHODS = frozenset({"get", "items", "keys", "values"})


class Misplaced(TemplateSyntaxError):
    """A tag of Jinja's that manifests may not use; its name is `tag`."""

    def __init__(self, tag: str, line: int) -> None:
        super().__init__(f"`{tag}` cannot be used in a manifest", line)
        self.tag = tag


_MISPLACED = {nodes.Extends: "extends", nodes.Import: "import", nodes.FromImport: "from"}


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Templates see texts, numbers, lists and mappings, and harmless methods of these.

    Nothing is random, nothing grows beyond `OUTPUT_LIMIT`, an undefined name is a fault, and the `meter` counts every
    step. Call `meter.begin()` before each rendering.
    """

    code_generator_class = MeteredCode
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, loader: BaseLoader | None, meter: Meter) -> None:
        # Not optimised: values that Jinja calculates while it compiles would not be counted, and take the square of a
        # template's length.
        super().__init__(
            undefined=StrictUndefined, loader=loader, finalize=self.put_out, auto_reload=False, optimized=False
        )
        self.meter = meter
        self.former = FormerReading()
        self.blanks: set[str | None] = set()
        """Columns whose blanks were compared with a number since this was last emptied; None is an unknown one."""
        self.filters = metered_filters(self.filters, meter)
        comparisons = {name: partial(self._compares, operator) for name, operator in TESTS.items()}
        self.tests = metered_tests(self.tests, comparisons, meter)
        self.globals = dict(GLOBALS)

    def expression(self, source: str, result: str) -> nodes.Template:
        """An expression as a template that stores its value as `result`. Raises TemplateSyntaxError."""
        parser = Parser(self, source, state="variable")
        value = parser.parse_expression()
        if not parser.stream.eos:
            rest = parser.stream.current
            problem = "'=' does not compare: write '=='"
            raise TemplateSyntaxError(
                problem if rest.type == "assign" else f"'{rest.value}' follows the end of the expression", rest.lineno
            )
        holds = nodes.Not(nodes.Not(value, lineno=1), lineno=1)
        tree = nodes.Template([nodes.Assign(nodes.Name(result, "store"), holds, lineno=1)], lineno=1)
        refuse_nested_tree(tree)
        return tree.set_environment(self)  # type: ignore[return-value]  # it returns itself

    def _tokenize(self, source: str, name: str | None, filename: str | None = None, state: str | None = None) -> Any:
        refuse_large_source(source)
        refuse_large_code(self.lexer.tokeniter(source, name, filename, state))
        return super()._tokenize(source, name, filename, state)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        refuse_nested_tree(tree)
        for misplaced in tree.find_all(tuple(_MISPLACED)):
            raise Misplaced(_MISPLACED[type(misplaced)], misplaced.lineno)
        return tree

    def concat(self, parts: Iterable[str]) -> str:
        """Joins the output of a template, a macro or a block."""
        text = bounded_text(parts)
        self.meter.copied(text)
        return text

    def concatenated(self, parts: tuple[Any, ...]) -> str:
        return self.concat(str(self.put_out(part)) for part in parts)

    def compared(self, operator: str, left: Any, right: Any, names: Names = NO_NAMES) -> Any:
        """Whether a comparison holds, by the name that Jinja's syntax tree has for it."""
        meter = self.meter
        meter.spend(meter.size(left) + meter.size(right))
        return compared(operator, left, right, names, self.blanks.add, self.former)

    def _compares(self, operator: str, value: Any, other: Any) -> Any:
        return compared(operator, value, other, NO_NAMES, self.blanks.add, self.former)

    not_false = staticmethod(not_false)
    refuse_letters = staticmethod(refuse_letters)

    def put_out(self, value: Any) -> Any:
        """The output for a value: nothing for None, and a SecurityError for what has no text of its own."""
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        refuse_list(value)
        if isinstance(value, _WITH_TEXT):
            return self.meter.seen(value)
        refuse_method(value)
        raise SecurityError("a series of values is not text: use `| join`")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            refuse_repetition(left, right)
        return self._calculated(context, operator, left, right)

    def repeated(self, context: Context, left: Any, right: Any) -> Any:
        """`left * right`, of which one is a text that the template has itself."""
        return self._calculated(context, "*", left, right)

    def _calculated(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        refuse_growth(operator, left, right)
        if isinstance(left, int):
            self.meter.pay(left, (right,), product=True)
        elif operator == "%" and isinstance(left, str):
            self.meter.pay(left, (right,))
            return self.meter.made(formatted_with(left, right))
        return self.meter.made(super().call_binop(context, operator, left, right))

    def call(self, context: Context, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        meter = self.meter
        if isinstance(called, Macro | LoopContext | BlockReference):
            meter.enter(_CALL + len(args) + len(kwargs))
            text = super().call(context, called, *args, **kwargs)
            meter.leave()
            return text
        of = getattr(called, "__self__", None)
        if isinstance(of, str):
            meter.pay(of, args, product=called.__name__ in PRODUCTS)
            if called.__name__ in _BOUNDED_METHODS:
                called = partial(_BOUNDED_METHODS[called.__name__], of)
        else:
            given = (value for name, value in kwargs.items() if name not in _SCOPES)
            meter.spend(_CALL + sum(map(meter.size, chain(args, given))))
        return meter.made(super().call(context, called, *args, **kwargs))

    def sliced(self, value: Any, start: Any, stop: Any, step: Any) -> Any:
        return self.meter.made(value[start:stop:step])

    def wrap_str_format(self, value: Any) -> None:
        """There is no method `format` here, because its widths cannot be bounded."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        if isinstance(obj, Mapping):
            return attr in _MAPPING_METHODS
        if isinstance(obj, _PLAIN):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`row.items` is the column `items`, if there is one."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not isinstance(argument, str | int):
            self.meter.seen(argument)  # which is hashed
        return super().getitem(obj, argument)


_BOUNDED_METHODS: Mapping[str, Callable[..., str]] = {
    "replace": replaced,
    "join": texts_joined,
    "zfill": zero_filled,
}
