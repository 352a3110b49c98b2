"""Checks the files that templates include by name, before any row is read."""

from collections.abc import Iterator

from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError

from mjpipe.domain import Place
from mjpipe.manifest import Text
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment
from mjpipe.plan.templates.names.scope import Scope, undefined
from mjpipe.plan.templates.syntax.fault_reasons import fault_reason
from mjpipe.plan.templates.syntax.name_places import place_of_name
from mjpipe.plan.templates.values.bounds import DEPTH_LIMIT


def wrong_inclusions(environment: BoundedEnvironment, tree: nodes.Template, scope: Scope) -> Iterator[str]:
    """What is wrong with the files that a template includes by name, and with the files that those include."""
    return _wrong_inclusions(environment, tree, scope, (), set())


def _wrong_inclusions(
    environment: BoundedEnvironment, tree: nodes.Template, scope: Scope, through: tuple[str, ...], seen: set[str]
) -> Iterator[str]:
    if environment.loader is None and next(tree.find_all(nodes.Include), None):
        yield "nothing can be included here"
        return
    for inclusion in tree.find_all(nodes.Include):
        if not isinstance(inclusion.template, nodes.Const):
            continue
        file = str(inclusion.template.value)
        if file in through:
            yield f"`{file}` includes itself"
        elif len(through) >= DEPTH_LIMIT:
            yield f"`{file}` is included more than {DEPTH_LIMIT} files deep"
        elif file not in seen:
            seen.add(file)
            yield from _wrong_in_file(environment, file, inclusion, scope, through, seen)


def _wrong_in_file(
    environment: BoundedEnvironment,
    file: str,
    inclusion: nodes.Include,
    scope: Scope,
    through: tuple[str, ...],
    seen: set[str],
) -> Iterator[str]:
    assert environment.loader
    try:
        environment.meter.begin()
        environment.get_template(file)  # unknown filters show only here
        source, _, _ = environment.loader.get_source(environment, file)
        included = environment.parse(source)
    except TemplateNotFound as fault:
        if not inclusion.ignore_missing:
            yield fault.message or file
    except SecurityError as fault:
        yield fault.message or file
    except TemplateSyntaxError as fault:
        yield f"`{file}`, line {fault.lineno}: {fault_reason(fault)}"
    except Exception as fault:  # noqa: BLE001 - as for a template of the manifest
        yield f"`{file}`: {fault_reason(fault)}"
    else:
        for name, message, _ in undefined(included, scope):
            yield f"`{file}`, line {place_of_name(_text_of(file, source), name).line}: {message}"
        yield from _wrong_inclusions(environment, included, scope, (*through, file), seen)


def _text_of(file: str, source: str) -> Text:
    return Text(
        source, tuple(Place(file=file, line=number, text=line) for number, line in enumerate(source.split("\n"), 1))
    )
