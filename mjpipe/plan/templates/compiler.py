"""Checks the templates of a manifest before any row is read, and compiles them for fast rendering."""

from collections.abc import Callable
from functools import partial
from itertools import islice
from types import CodeType
from typing import Any, TypeVar

import jinja2
from jinja2 import TemplateSyntaxError, UndefinedError, nodes
from jinja2.runtime import Context

from mjpipe.files import CONFLICT, RESOLVE
from mjpipe.manifest import Text
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.inclusions import wrong_inclusions
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment, Misplaced
from mjpipe.plan.templates.jinja.generated_code import undeclared
from mjpipe.plan.templates.jinja.metering import OutOfSteps
from mjpipe.plan.templates.names.pieces import (
    SOURCE_URL_NAME,
    Name,
    json_of,
    nested_column,
    pieces_of,
    renderer_of,
    with_constants,
)
from mjpipe.plan.templates.names.scope import (
    Scope,
    Values,
    columns_used,
    context_of,
    depends_on_broken,
    identity,
    undefined,
)
from mjpipe.plan.templates.syntax.fault_reasons import fault_reason
from mjpipe.plan.templates.syntax.members import members_of
from mjpipe.plan.templates.syntax.name_places import place_of_name
from mjpipe.plan.templates.syntax_help import (
    SyntaxMistake,
    advice_on_name,
    advice_on_part,
    syntax_mistake,
    unknown_parts,
)
from mjpipe.plan.templates.template import RenderFault, Template
from mjpipe.plan.templates.values.value_faults import ValueFault, column_of, written

_MARKS = ("{{", "{%", "{#")
_RESULT = "result"
_Result = TypeVar("_Result")

_MOST_REPORTED = 30
"""How many unknown names, and mistakes in included files, are reported for one template."""


class Compiler:
    """Checks and compiles the texts of one manifest. `names` are all that they use; compilers may share them."""

    def __init__(self, environment: BoundedEnvironment, mistakes: Mistakes, names: set[str] | None = None) -> None:
        self.names: set[str] = set() if names is None else names
        self._environment = environment
        self._mistakes = mistakes
        self._code: dict[tuple[str, bool], CodeType] = {}

    def keep_former_meaning(self) -> None:
        """Refuses comparisons that older releases answered otherwise, where they change a result."""
        self._environment.former.matters = True

    def parsed(self, text: Text, scope: Scope, *, expression: bool = False) -> nodes.Template | None:
        """The syntax tree of a text; None when it is not valid Jinja, and the mistakes say why."""
        environment = self._environment
        wrong: list[SyntaxMistake] = []
        try:
            tree = environment.expression(text.source, _RESULT) if expression else environment.parse(text.source)
            wrong = list(unknown_parts(tree, text, environment.filters, environment.tests, expression=expression))
            if not wrong:
                self._code[text.source, expression] = environment.compile(tree)
                return tree
        except Misplaced as fault:
            place = place_of_name(text, fault.tag)
            self._mistakes.error(place, "MJ066", fault_reason(fault), help="use `{% include %}` to bring in a text")
        except TemplateSyntaxError as fault:
            wrong = [syntax_mistake(fault, text, scope, expression=expression)]
        except Exception as fault:  # noqa: BLE001 - Jinja and Python fail in many ways on odd or overlong templates
            self._mistakes.error(text.place, "MJ065", f"the template is wrong: {fault_reason(fault)}")
        for found in wrong:
            self._mistakes.error(found.place, "MJ065", f"the template is wrong: {found.message}", help=found.help)
        return None

    def knows_names(self, tree: nodes.Template, text: Text, scope: Scope, *, expression: bool = False) -> bool:
        """Whether all names in a template are known; if not, the mistakes say which."""
        self.names |= undeclared(tree)
        self.names.update(name for of, name in members_of(tree) if of == "row")
        errors = self._mistakes.errors
        for name, message, advice in islice(undefined(tree, scope), _MOST_REPORTED):
            place = place_of_name(text, name, expression=expression)
            self._mistakes.error(
                place, "MJ066", message, help=advice_on_name(name, text, scope, expression=expression) or advice
            )
        for message in islice(wrong_inclusions(self._environment, tree, scope), _MOST_REPORTED):
            place = place_of_name(text, "include")
            advice = RESOLVE if message.endswith(CONFLICT) else None
            self._mistakes.error(place, "MJ065", f"the template is wrong: {message}", help=advice)
        return self._mistakes.errors == errors

    def _compiled(self, source: str, *, expression: bool = False) -> jinja2.Template:
        """The `parsed` source, for contexts that contain the globals: Jinja would add them to each context."""
        return jinja2.Template.from_code(self._environment, self._code[source, expression], {})

    def rendering(
        self,
        text: Text,
        tree: nodes.Template,
        scope: Scope,
        context: Callable[[Any], dict[str, Any]],
        values_of: Callable[[Any], Values] = identity,
    ) -> Callable[[Any], str]:
        """Renders with Jinja what `context` makes of its argument, in which `values_of` finds the values of the row;
        raises RenderFault for every fault in the template.
        """
        template, environment = self._compiled(text.source), self._environment
        run, blocks, concat = template.root_render_func, template.blocks, environment.concat

        def render(values: Any) -> str:
            # As `template.render`, without copying the context, which takes longer than a short template.
            return concat(run(Context(environment, context(values), None, blocks)))

        return self._bounded(render, text, columns_used(tree, scope), values_of)

    def _bounded(
        self,
        work: Callable[[Any], _Result],
        text: Text,
        columns: frozenset[str],
        values_of: Callable[[Any], Values] = identity,
        *,
        expression: bool = False,
    ) -> Callable[[Any], _Result]:
        """Counts the work of a template, and turns its faults into RenderFaults.

        A value of a row that is to blame is looked for in the `columns`.

        A template that ran out of steps fails at once for every further row: its fault is known, and a plan of many
        rows should not wait for each.
        """
        begin = self._environment.meter.begin
        blanks, former = self._environment.blanks, self._environment.former
        given_up: list[str] = []

        def bounded(values: Any) -> _Result:
            if given_up:
                raise RenderFault(given_up[0])
            begin()
            try:
                result = work(values)
                if former.differs:
                    former.check(partial(work, values), result)
            except OutOfSteps as fault:
                given_up.append(fault_reason(fault))
                raise RenderFault(given_up[0]) from None
            except ValueFault as fault:
                column = fault.column or column_of(fault.value, columns, values_of(values))
                raise RenderFault(
                    fault.reason(column),
                    code=fault.code,
                    help=fault.advice(column),
                    column=None if fault.of_template else column,
                ) from None
            except UndefinedError as fault:
                raise RenderFault(fault_reason(fault), help=advice_on_part(fault, columns, values_of(values))) from None
            except Exception as fault:  # noqa: BLE001 - the user's code may do anything
                raise RenderFault(fault_reason(fault)) from None
            if blanks:
                self._warn_of_blanks(text, values_of(values), expression=expression)
                blanks.clear()
            return result

        return bounded

    def _warn_of_blanks(self, text: Text, values: Values, *, expression: bool) -> None:
        """Blank cells that were compared with a number: one warning for each template and column."""
        at = hash(tuple(map(str, values.values())))
        for column in self._environment.blanks:
            place, name = text.place, "an empty text"
            if column is not None:
                place = place_of_name(text, column, expression=expression)
                name = f"`{column}` is empty in some rows, and"
            self._mistakes.warning(
                place,
                "MJ106",
                f"{name} is compared with a number",
                help="an empty cell is unequal to every number, and neither smaller nor larger: "
                f"`{written(column)} != ''` asks whether there is one",
                at=at,
            )

    def template(self, text: Text, scope: Scope, *, as_json: bool = False) -> Template | None:
        """None when it is wrong, or depends on another mistake. One that is just a column with lists or objects gives
        them `as_json` if the field takes that.
        """
        tree = self.parsed(text, scope)
        if tree is None or not self.knows_names(tree, text, scope) or depends_on_broken(tree, scope):
            return None
        if as_json and (column := nested_column(tree, scope)):
            only = frozenset({column})
            return Template(text=text, render=json_of(column), columns=only, reads=only, whole=column)
        pieces = pieces_of(tree, scope)
        if pieces is None:
            return self._with_jinja(tree, text, scope)
        pieces = with_constants(pieces, scope.vars)
        names = [piece for piece in pieces if isinstance(piece, Name)]
        if not names:
            whole = "".join(map(str, pieces))
            plain = not any(mark in text.source for mark in _MARKS)
            return Template(text=text, render=lambda _: whole, constant=whole, plain=plain)
        columns = frozenset(piece.name for piece in names if piece.of == "row")
        return Template(
            text=text,
            render=renderer_of(pieces),
            columns=columns,
            reads=columns,
            whole=names[0].name if columns and len(pieces) == 1 else None,
            asks_source=Name(of="source", name="key") in names,
            is_source_url=pieces == (SOURCE_URL_NAME,),
            has_source_url=SOURCE_URL_NAME in names,
        )

    def condition(self, text: Text, scope: Scope) -> Callable[[Values], bool] | None:
        """An expression, as in `where`; None when it is wrong, or depends on another mistake."""
        odd = next((mark for mark in _MARKS if mark in text.source), None)
        if odd or not text.source.strip():
            place = text.at(text.source.find(odd), len(odd)) if odd else text.place
            message = "an expression has no braces" if odd else "the expression is empty"
            self._mistakes.error(place, "MJ065", message, help="for example `stock != '0'`")
            return None
        tree = self.parsed(text, scope, expression=True)
        if tree is None or not self.knows_names(tree, text, scope, expression=True) or depends_on_broken(tree, scope):
            return None
        template = self._compiled(text.source, expression=True)
        context = context_of(scope)

        def holds(values: Values) -> bool:
            seen = template.new_context(context(values), shared=True)
            self._environment.concat(template.root_render_func(seen))
            return bool(seen.vars[_RESULT])

        return self._bounded(holds, text, columns_used(tree, scope), expression=True)

    def _with_jinja(self, tree: nodes.Template, text: Text, scope: Scope) -> Template:
        render = self.rendering(text, tree, scope, context_of(scope))
        used = undeclared(tree)
        return Template(
            text=text,
            render=render,
            columns=scope.variables.intersection(used)
            | scope.columns.intersection(name for of, name in members_of(tree) if of == "row"),
            reads=columns_used(tree, scope),
            constant=self._constant(render, text, tree, scope, used),
            asks_source="source" in used,
            has_source_url=("source", "url") in members_of(tree),
        )

    def _constant(
        self, render: Callable[[Values], str], text: Text, tree: nodes.Template, scope: Scope, used: frozenset[str]
    ) -> str | None:
        """The text of a template that uses nothing of a row, not even through an included file."""
        from_vars = all(name == "vars" or scope.is_constant(name) for name in used)
        if not from_vars or next(tree.find_all(nodes.Include), None):
            return None
        try:
            return render({})
        except RenderFault as fault:
            self._mistakes.error(text.place, fault.code, fault.message("the template"), help=fault.help)
            return ""
