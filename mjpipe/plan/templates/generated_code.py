"""The code that templates are compiled to: Jinja's, with a step count in each block and checks around operations."""

from collections.abc import Iterable
from functools import lru_cache
from math import isinf
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

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
    operation depends on them.
    """

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("spend = environment.meter.spend")

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

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        operands = [node.expr, *(operand.expr for operand in node.ops)]
        finds = any(operand.op in ("in", "notin") for operand in node.ops)
        if not finds and any(isinstance(operand, nodes.Const) for operand in operands):
            super().visit_Compare(node, frame)  # no longer than the constant
            return
        self.write("(")
        self._through("seen", node.expr, frame)
        for operand in node.ops:
            looks = operand.op in ("in", "notin")
            self.write(f" {_OPERATORS[operand.op]} ")
            self._through("searched" if looks else "seen", operand.expr, frame)
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

    def _through(self, method: str, node: nodes.Expr, frame: Frame) -> None:
        """The value of a node, passed through a method of the meter."""
        if isinstance(node, nodes.Const):
            self.visit(node, frame)
            return
        self.write(f"environment.meter.{method}(")
        self.visit(node, frame)
        self.write(")")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        """Evaluates nothing while a template is compiled, because no rendering would count it."""
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gteq": ">=",
    "lt": "<",
    "lteq": "<=",
    "in": "in",
    "notin": "not in",
}


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
