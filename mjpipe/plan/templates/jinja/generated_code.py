"""The code that templates are compiled to: Jinja's, with a step count in each block and checks around operations."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import isinf
from types import MappingProxyType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from mjpipe.plan.templates.syntax.members import bare_name
from mjpipe.plan.templates.values.comparisons import TESTS, Names
from mjpipe.plan.templates.values.conditions import columns_as_conditions

_FREE = (nodes.Name, nodes.Const, nodes.TemplateData, nodes.Operand, nodes.Pair, nodes.Keyword, nodes.Output)
_WITH_BLOCKS = (
    nodes.For,
    nodes.If,
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.With,
    nodes.AssignBlock,
    nodes.Block,
    nodes.Scope,
)
_BLOCKS = ("body", "else_")

_OF_INCLUSION = 50
"""Steps of including a file, and of a `block`: both copy the names that they see."""


_BITS = 4_096


class MeteredCode(CodeGenerator):
    """Each block counts its steps when it is entered. Values go through the environment's meter if the time of an
    operation depends on them. Columns as conditions, and comparisons, go through the environment.
    """

    _checked: Mapping[int, tuple[str, str]] = MappingProxyType({})
    """The nodes whose values are checked, by `id`: with which function of the environment, and its other arguments."""

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("spend = environment.meter.spend")
        for check in sorted({check for check, _ in self._checked.values()}):
            self.writeline(f"{check} = environment.{check}")

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        statements = list(nodes)
        self.writeline(f"spend({steps_of(statements)})")
        super().blockvisit(statements, frame)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - Jinja's name, as those below
        test = node.test
        if test is not None:
            # The test of a loop is not a block, and drops items before the body sees them.
            count = nodes.EnvironmentAttribute(f"meter.spend({steps_of([test])})", lineno=test.lineno)
            node.test = nodes.Or(count, test, lineno=test.lineno)
        try:
            super().visit_For(node, frame)
        finally:
            node.test = test

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:  # noqa: N802
        self.writeline(f"environment.meter.enter({_OF_INCLUSION})")
        super().visit_Include(node, frame)
        self.writeline("environment.meter.leave()")

    def visit_Block(self, node: nodes.Block, frame: Frame) -> None:  # noqa: N802
        self.writeline(f"spend({_OF_INCLUSION})")
        super().visit_Block(node, frame)

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802
        too_long = isinstance(node.value, int) and node.value.bit_length() > _BITS
        if too_long or (isinstance(node.value, float) and isinf(node.value)):
            self.fail("a number is too large", node.lineno)
        super().visit_Const(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concatenated((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self._checked = _checks_in(node)
        super().visit_Template(node, frame)

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        check = self._checked.get(id(node))
        if check is None:
            return super().visit(node, *args, **kwargs)
        self.write(f"{check[0]}(")
        super().visit(node, *args, **kwargs)
        self.write(f", {check[1]})")
        return None

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        """`a < b < c` becomes `a < (t := b) and t < c`, so that each side can be read as a number."""
        self.write("(")
        left: nodes.Expr | str = node.expr
        for number, operand in enumerate(node.ops, 1):
            kept = "" if number == len(node.ops) else self.temporary_identifier()
            self._comparison(operand.op, left, operand.expr, frame, kept)
            left = kept
            self.write(" and " if kept else ")")

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802
        if node.name in TESTS and len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            self._comparison(TESTS[node.name], node.node, node.args[0], frame)
        else:
            super().visit_Test(node, frame)

    def _comparison(
        self, operator: str, left: nodes.Expr | str, right: nodes.Expr, frame: Frame, kept: str = ""
    ) -> None:
        """One comparison. A text on the left is the name of a local variable; `kept` is that of one which gets the
        value on the right.
        """
        if operator in ("in", "notin"):
            self.write("(")
            self._through("seen", left, frame)
            self.write(" in " if operator == "in" else " not in ")
            self._kept(kept, lambda: self._through("searched", right, frame))
            self.write(")")
        elif operator in _EQUALITY and not kept and isinstance(right, nodes.Const) and isinstance(right.value, str):
            # The usual case, kept short: a cell and a text.
            seen, text = self.temporary_identifier(), repr(right.value)
            self.write(f"({seen} {_EQUALITY[operator]} {text} if type({seen} := ")
            self._plain(left, frame)
            self.write(f") is str else environment.compared({operator!r}, {seen}, {text}, {_names(left, right)}))")
        else:
            self.write(f"environment.compared({operator!r}, ")
            self._plain(left, frame)
            self.write(", ")
            self._kept(kept, lambda: self._plain(right, frame))
            self.write(f", {_names(left, right)})")

    def _plain(self, node: nodes.Expr | str, frame: Frame) -> None:
        if isinstance(node, str):
            self.write(node)
        else:
            self.visit(node, frame)

    def _kept(self, name: str, write: Callable[[], None]) -> None:
        if name:
            self.write(f"({name} := ")
        write()
        if name:
            self.write(")")

    def visit_Mul(self, node: nodes.BinExpr, frame: Frame) -> None:  # noqa: N802
        if not any(isinstance(side, nodes.Const) and isinstance(side.value, str) for side in (node.left, node.right)):
            super().visit_Mul(node, frame)
            return
        self.write("environment.repeated(context, ")
        self.visit(node.left, frame)
        self.write(", ")
        self.visit(node.right, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        self.write("{")
        for pair in node.items:
            self._through("seen", pair.key, frame)  # which is hashed
            self.write(": ")
            self.visit(pair.value, frame)
            self.write(", ")
        self.write("}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.sliced(")
        self.visit(node.node, frame)
        for bound in (node.arg.start, node.arg.stop, node.arg.step):
            self.write(", ")
            self.visit(bound or nodes.Const(None), frame)
        self.write(")")

    def _through(self, method: str, node: nodes.Expr | str, frame: Frame) -> None:
        """The value of a node, or of a local variable, passed through a method of the meter."""
        if isinstance(node, nodes.Const):
            self.visit(node, frame)
            return
        self.write(f"environment.meter.{method}(")
        self._plain(node, frame)
        self.write(")")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        """Evaluates nothing while a template is compiled, because no rendering would count it."""
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


_EQUALITY = {"eq": "==", "ne": "!="}


def _checks_in(tree: nodes.Template) -> dict[int, tuple[str, str]]:
    loops = [node.iter for node in tree.find_all(nodes.For) if not isinstance(node.iter, nodes.Const)]
    checks = {id(items): ("refuse_letters", repr(bare_name(items))) for items in loops}
    return checks | {
        found: ("not_false", f"{column.name!r}, {column.bare}") for found, column in columns_as_conditions(tree).items()
    }


def _names(left: nodes.Expr | str, right: nodes.Expr) -> Names:
    """The columns on both sides of a comparison; of a local variable, none is known."""
    return None if isinstance(left, str) else bare_name(left), bare_name(right)


class _Names(MeteredCode):
    """Compiles to nothing; it collects the names that a template uses and does not set."""

    def __init__(self, tree: nodes.Template) -> None:
        assert tree.environment
        super().__init__(tree.environment, None, None, optimized=False)
        self.undeclared: set[str] = set()

    def write(self, x: str) -> None:
        """Nothing is written."""

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        for action, name in frame.symbols.loads.values():
            if action == "resolve" and name is not None and name not in self.environment.globals:
                self.undeclared.add(name)


@lru_cache(maxsize=8)  # several ask about one template
def undeclared(tree: nodes.Template) -> frozenset[str]:
    """The same as `jinja2.meta` finds, without evaluating constants, which takes the square of a template's length."""
    names = _Names(tree)
    names.visit(tree)
    return frozenset(names.undeclared)


def steps_of(body: Iterable[nodes.Node]) -> int:
    """The steps of a block, without those of inner blocks and those that depend on values."""
    steps = 0
    rest = list(body)
    while rest:
        node = rest.pop()
        steps += not isinstance(node, _FREE)
        rest.extend(node.iter_child_nodes(exclude=_BLOCKS if isinstance(node, _WITH_BLOCKS) else None))
    return max(1, steps)
