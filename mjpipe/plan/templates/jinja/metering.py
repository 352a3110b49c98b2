"""Limits what templates do, by counting steps and depth; the count is the same on every machine."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import chain
from types import NoneType
from typing import Any, TypeVar

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Macro

from mjpipe.plan.templates.values.bounds import DEPTH_LIMIT, STEP_LIMIT, bounded_value
from mjpipe.plan.templates.values.value_faults import refuse_list

STEPS_IN_STOCK = 500_000
"""Steps that all templates of a manifest may take beyond `STEPS_PER_RENDERING`."""

STEPS_PER_RENDERING = 1_000
"""Steps that each rendering adds to the stock; usual templates take about ten."""

_CHARACTERS = 100
"""Characters of a text that one step goes through in a fast operation."""

_CHARACTERS_OF_ITEM = 20
"""The same for texts in a list, which may need quotes and escapes."""

_CHARACTERS_OF_ARGUMENT = 10
_BITS = 32

_SCALARS = frozenset({bool, float, NoneType})
_MAPPINGS = frozenset({dict})
_VIEWS = frozenset({type({}.keys()), type({}.values()), type({}.items())})

T = TypeVar("T", bound=Callable[..., Any])


class OutOfSteps(SecurityError):
    """A template takes too many steps."""


class Series:
    """The items that a filter gives one by one in Jinja: they can be read once, and have no length or text.

    All of them are made at once, so that they are counted where they are made.
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)
        self._rest = iter(self.items)

    def __iter__(self) -> Iterator[Any]:
        return self._rest

    def __repr__(self) -> str:
        """Also called for the text of a list that contains one."""
        raise SecurityError("a series of values is not text: use `| join`")


_LISTS = frozenset({list, tuple, set}) | _VIEWS
_CONTAINERS = _LISTS | _MAPPINGS


class Meter:
    """Counts the steps that the templates of one manifest take; raises OutOfSteps for too many.

    A step is about a microsecond's work, whatever the machine: a loop's turn, a call, a hundred characters copied. One
    rendering has `STEP_LIMIT` of them. All renderings together share a stock to which each adds a little, so that a
    template that is just within its bounds cannot hold up a plan of many rows.
    """

    def __init__(self) -> None:
        self._stock = STEPS_IN_STOCK
        self._granted = 0
        self._left = 0
        self._depth = 0

    def begin(self) -> None:
        """Starts the count of a rendering, or of compiling a template."""
        # As short as possible: it is called for each template of each row.
        stock = self._stock - self._granted + self._left + STEPS_PER_RENDERING
        self._stock = stock = stock if stock < STEPS_IN_STOCK else STEPS_IN_STOCK  # noqa: FURB136 - `min` takes longer
        self._granted = self._left = stock if stock < STEP_LIMIT else STEP_LIMIT  # noqa: FURB136 - as above
        self._depth = 0

    def spend(self, steps: int) -> None:
        """Counts steps. Gives None, which generated code relies on."""
        self._left -= steps
        if self._left < 0:
            self._left = 0
            if self._granted == STEP_LIMIT:
                raise OutOfSteps(f"it takes more than {STEP_LIMIT:,} steps")
            raise OutOfSteps(
                f"the templates take more than {STEPS_PER_RENDERING:,} steps on average, and have used up "
                f"{STEPS_IN_STOCK:,} beyond that"
            )

    def enter(self, steps: int) -> None:
        """Counts a call of a macro, an included file, or a recursive loop; `leave` ends it."""
        self.spend(steps)
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise SecurityError(f"macros, loops or included files call each other more than {DEPTH_LIMIT} deep")

    def leave(self) -> None:
        self._depth -= 1

    def size(self, value: Any) -> int:
        """The steps that it takes to go through a value once."""
        kind = type(value)
        if kind is str:
            return 1 + len(value) // _CHARACTERS
        if kind is int:
            return 1 + int(value.bit_length()) // _BITS
        if kind in _SCALARS:
            return 1
        if kind in _CONTAINERS:
            return self._walked(value)
        if isinstance(value, str):
            return 1 + len(value) // _CHARACTERS
        if isinstance(value, range):
            return 1 + len(value)
        if isinstance(value, Series):
            return self._walked(value.items)
        refuse_method(value)
        return 1

    def seen(self, value: Any) -> Any:
        """The value; counts that something goes through it once, such as a comparison."""
        self.spend(self.size(value))
        return value

    def searched(self, value: Any) -> Any:
        """The value; counts that something is searched in it."""
        if type(value) not in _MAPPINGS:
            self.spend(self.size(value))
        return value

    def pay(self, value: Any, others: Iterable[Any] = (), *, product: bool = False, factor: int = 1) -> None:
        """Counts going through a value with the help of others: with all of them for each item of a list, and for
        each character of a text if what is done is a `product` of both.
        """
        steps = factor * self.size(value)
        rest = sum(map(self._of_argument, others))
        product = product or type(value) in _CONTAINERS or isinstance(value, Series)
        self.spend(steps * (1 + rest) if product else steps + rest)

    def _of_argument(self, value: Any) -> int:
        if isinstance(value, str):
            return len(value) // _CHARACTERS_OF_ARGUMENT
        return self.size(value) - 1

    def copied(self, text: str) -> None:
        """Counts making a text."""
        if len(text) >= _CHARACTERS:
            self.spend(len(text) // _CHARACTERS)

    def made(self, value: Any) -> Any:
        """A value that an operation has made: checked for its size and counted as a copy."""
        value = bounded_value(value)
        if isinstance(value, str):
            self.copied(value)
        elif type(value) in _LISTS:
            self.spend(len(value) // _CHARACTERS_OF_ITEM)
        elif isinstance(value, Iterator):
            return Series(value)
        return value

    def metered(self, call: T, *, product: bool = False, factor: int = 1, of_text: bool = False) -> T:
        """A filter or a test whose steps are counted, multiplied by `factor` for a slow one. It gives all its items at
        once. One `of_text` refuses lists.
        """
        first = 1 if hasattr(call, "jinja_pass_arg") else 0

        @wraps(call)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and type(args[0]) is str and len(args[0]) < _CHARACTERS:
                self.spend(factor)  # the usual case, kept short
            elif len(args) > first:
                if of_text:
                    refuse_list(args[first])
                self.pay(args[first], chain(args[first + 1 :], kwargs.values()), product=product, factor=factor)
            value = call(*args, **kwargs)
            return value if type(value) is str and len(value) < _CHARACTERS else self.made(value)

        return counted  # type: ignore[return-value]  # of the same signature

    def _walked(self, value: Any) -> int:
        """Goes through nested lists without recursion, as long as there are steps left."""
        steps = 1
        depth = 0
        level = [value]
        while level:
            depth += 1
            if depth > DEPTH_LIMIT:
                raise SecurityError(f"a value has lists more than {DEPTH_LIMIT} deep")
            deeper = []
            for container in level:
                steps += len(container)
                if steps > self._left:
                    self.spend(steps)
                for item in chain(container, container.values()) if type(container) in _MAPPINGS else container:
                    kind = type(item)
                    if kind is str:
                        steps += len(item) // _CHARACTERS_OF_ITEM
                    elif kind in _CONTAINERS:
                        deeper.append(item)
                    elif kind is Series:
                        deeper.append(item.items)
                    elif kind not in _SCALARS:
                        steps += self.size(item)
            level = deeper
        return steps


def refuse_method(value: Any) -> None:
    """Raises SecurityError for a method: its text is its address, which differs in each run."""
    if callable(value) and not isinstance(value, Undefined | Macro | LoopContext):
        name = getattr(value, "__name__", type(value).__name__)
        raise SecurityError(f"`{name}` is a method: write `{name}()`")
