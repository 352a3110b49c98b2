"""The Jinja environment of manifests: sandboxed, strict, the same today and tomorrow, and bounded in what it makes."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, Undefined, nodes, pass_environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from mjpipe.domain import reason_of
from mjpipe.plan.bounds import (
    bounded_range,
    bounded_text,
    formatted,
    refuse_growth,
    replaced,
    texts_joined,
    zero_filled,
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILTERS = _names(
    """
    abs capitalize count d default dictsort first float format int items join last length list lower map
    max min reject rejectattr replace reverse round select selectattr sort string title tojson trim
    truncate unique upper urlencode wordcount
    """
)
"""No filter that is random, or that pads to any width."""

_TEXT_METHODS = _names(
    """
    capitalize casefold count endswith find isalnum isalpha isdecimal isdigit islower isnumeric isspace
    istitle isupper join lower lstrip partition removeprefix removesuffix replace rfind rpartition
    rsplit rstrip split splitlines startswith strip swapcase title upper zfill
    """
)
GLOBALS: Mapping[str, Any] = {"range": bounded_range, "dict": dict, "namespace": Namespace}

_PLAIN = (int, float, list, tuple, set)
_WITH_TEXT = (str, int, float, list, tuple, dict, Undefined)

_MAPPING_METHODS = frozenset({"get", "items", "keys", "values"})


class _BoundedCode(CodeGenerator):
    """Compiles `~` to a call that the environment can bound, as the sandbox does with other operators."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("environment.concatenated((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


def put_out(value: Any) -> Any:
    """What a template puts out for a value: nothing for None, and no objects that would show as their address."""
    if isinstance(value, _WITH_TEXT):
        return value
    if value is None:
        return ""
    if callable(value):
        raise SecurityError(f"`{value.__name__}` is a method: write `{value.__name__}()`")
    raise SecurityError("a series of values is no text: `| join` makes it one")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Templates see texts, numbers, lists and mappings, and harmless methods of these; nothing is random, nothing
    grows beyond `OUTPUT_LIMIT`, and an undefined name is a fault.
    """

    code_generator_class = _BoundedCode
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader | None, finalize: Callable[[Any], Any] = put_out) -> None:
        super().__init__(undefined=StrictUndefined, loader=loader, finalize=finalize, auto_reload=False)
        self.filters = {name: call for name, call in self.filters.items() if name in FILTERS}
        self.filters |= {"replace": replaced, "join": _joined, "format": formatted, "tojson": _json}
        self.globals = dict(GLOBALS)

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """What a template, a macro or a block puts out."""
        return bounded_text(parts)

    def concatenated(self, parts: tuple[Any, ...]) -> str:
        return self.concat(str(put_out(part)) for part in parts)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        refuse_growth(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        of = getattr(called, "__self__", None)
        if isinstance(of, str) and called.__name__ in _BOUNDED_METHODS:
            called = partial(_BOUNDED_METHODS[called.__name__], of)
        return super().call(context, called, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> None:
        """`format` is no method here, because its widths cannot be bounded."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        if isinstance(obj, Mapping):
            return attr in _MAPPING_METHODS
        if isinstance(obj, _PLAIN):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`row.items` is the column `items`, where there is one."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


StandIn: TypeAlias = Callable[[Path], Path]
"""Gives for a file, by its absolute path, the one that is read in its place."""


def themselves(path: Path) -> Path:
    return path


class FolderLoader(BaseLoader):
    """Files below one folder, wherever links lead, or what stands in for them.

    Which files templates include may hang on a row, so a stand-in is asked for when a file is read, not before.
    """

    def __init__(self, folder: Path, stand_in: StandIn) -> None:
        self._folder = folder.absolute()
        self._stand_in = stand_in

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002 - Jinja's signature
        named = Path(os.path.abspath(self._folder / template))  # noqa: PTH100 - stand-ins know no links
        try:
            path = named.resolve()
        except (OSError, ValueError, RuntimeError):
            raise TemplateNotFound(template, f"`{template}` is no name of a file") from None
        if not path.is_relative_to(self._folder.resolve()):
            raise SecurityError(f"`{template}` is outside the folder of the manifest")
        try:
            source = self._stand_in(named).read_text("utf-8-sig")
        except FileNotFoundError:
            raise TemplateNotFound(template, f"`{template}` does not exist") from None
        except UnicodeDecodeError:
            raise TemplateNotFound(template, f"`{template}` is not UTF-8") from None
        except OSError as fault:
            raise TemplateNotFound(template, f"`{template}` cannot be read: {reason_of(fault)}") from None
        return source, str(path), None


@pass_environment
def _joined(
    environment: Environment, value: Iterable[Any], between: str = "", attribute: str | int | None = None
) -> str:
    """Jinja's `join`, bounded."""
    parts = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    return texts_joined(str(between), parts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_BOUNDED_METHODS: Mapping[str, Callable[..., str]] = {
    "replace": replaced,
    "join": texts_joined,
    "zfill": zero_filled,
}
