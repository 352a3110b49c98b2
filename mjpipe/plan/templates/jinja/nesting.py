"""Refuses templates that are too long or too deep, before Jinja and Python compile them recursively."""

from collections.abc import Iterable

from jinja2 import TemplateSyntaxError, nodes

SOURCE_LIMIT = 100_000
"""Characters of a template, or of a file that it includes."""

_WORDS = 10_000
"""Names, values and signs. They take ten times as long to compile as plain text."""

_TAGS = 16
"""Tags within tags: Python compiles at most 20 loops within each other."""

_BRACKETS = 20

_SIGNS = 100
"""`not` and `-` before a value, and `else` after one. They are parsed recursively, as brackets are."""

_OPERATIONS = 100
"""Operations within operations: `a or b or c` has two, and so has `a | upper | trim`."""

_OPENING = frozenset({"for", "if", "macro", "call", "filter", "with", "block", "autoescape"})
_SIGN = frozenset({"not", "else", "-", "+"})


def refuse_large_source(source: str) -> None:
    """Raises TemplateSyntaxError for a source that is too long."""
    if len(source) > SOURCE_LIMIT:
        raise TemplateSyntaxError(f"it has more than {SOURCE_LIMIT:,} characters", 1)


def refuse_large_code(tokens: Iterable[tuple[int, str, str]]) -> None:
    """Raises TemplateSyntaxError for a source that is nested too deeply, or takes too long to compile.

    `tokens` are those of Jinja's lexer.
    """
    words = 0
    tags = 0
    tag = ""
    assigns = False
    signs = [0]  # for each bracket that is open, and outside of all
    for line, kind, word in tokens:
        words += kind not in ("data", "whitespace")
        if kind in ("block_begin", "variable_begin"):
            tag, assigns, signs = ("?" if kind == "block_begin" else ""), False, [0]
        elif kind == "block_end":
            tags += tag in _OPENING or (tag == "set" and not assigns)
            tags -= tag.startswith("end")
        elif tag == "?" and kind == "name":
            tag = word
        elif kind == "operator" and word in ("(", "[", "{"):
            signs.append(0)
        elif kind == "operator" and word in (")", "]", "}") and len(signs) > 1:
            signs.pop()
        elif kind == "operator" and word == ",":
            signs[-1] = 0
        elif kind in ("operator", "name") and word in _SIGN:
            signs[-1] += 1
        elif kind == "operator" and word == "=" and len(signs) == 1:
            assigns = True
        if tags > _TAGS or len(signs) > _BRACKETS or sum(signs) > _SIGNS:
            raise _too_deep(line)
        if words > _WORDS:
            raise TemplateSyntaxError(f"it has more than {_WORDS:,} words and signs of code", line)


def refuse_nested_tree(tree: nodes.Node) -> None:
    """Raises TemplateSyntaxError for a syntax tree that is nested too deeply."""
    level: list[nodes.Node] = [tree]
    for _ in range(_OPERATIONS):
        level = [child for node in level for child in node.iter_child_nodes()]
    if level:
        raise _too_deep(level[0].lineno)


def _too_deep(line: int) -> TemplateSyntaxError:
    return TemplateSyntaxError("it is nested too deeply", line)
