"""The JSON Schema's errors in a manifest, as diagnostics."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias

from mjpipe.domain import Diagnostic, Kind, Place, bundled_folder, counted
from mjpipe.manifest.document.tree import KeyPath, Map, Scalar, Seq, Value, plain, shown_at, value_at
from mjpipe.manifest.names_in_messages import nearest, quoted
from mjpipe.manifest.schema.likely_keys import likely_paths
from mjpipe.manifest.schema.unknown_keys import unknown_default, unknown_key, unknown_param
from mjpipe.manifest.value_problems import STYLE_CODE_HELP, option_help
from mjpipe.manifest.written_values import number_help, possible_numbers

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_PLAIN_TEXT = {"string", "number", "boolean"}
"""Text that may be written without quotes."""

_BOUNDS = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}
_NAMED = {"nodes": "a node", "inputs": "an input", "labels": "a label"}
_BEHIND_A_COMMA = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_YAML_1_1 = {"yes": "true", "on": "true", "no": "false", "off": "false"}

_MISSING = {
    "mjpipe": "add `mjpipe: 1`, the version of the format",
    "campaign": "add `campaign: NAME`; its state lives in a folder of that name",
    "nodes": "add `nodes:`, with what to make",
    "kind": f"a node has a `kind`: {quoted(Kind)}",
    "from": "add `from: NODE`, the node whose images it works on",
}


@dataclass(frozen=True, slots=True)
class SchemaErrors:
    """The errors in a document.

    `broken` are the paths of values that have a mistake or are missing; `unusable` are those of values from which
    nothing should be read.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: set[KeyPath] = field(default_factory=set)
    unusable: set[KeyPath] = field(default_factory=set)


def schema_errors(document: Map) -> SchemaErrors:
    found = SchemaErrors()
    missing: list[tuple[KeyPath, Diagnostic]] = []
    for error in _validator().iter_errors(plain(document)):
        fault = _SchemaError(document, tuple(error.absolute_path), error)
        for path, diagnostic in fault.diagnostics():
            if _reports_a_missing_key(document, path, diagnostic):
                missing.append((path, diagnostic))
                continue
            found.diagnostics.append(diagnostic)
            if diagnostic.code != "MJ028":  # without the repeated entry the list is right
                found.broken.add(path)
            if diagnostic.code != "MJ018" and not _only_the_name_is_wrong(path, diagnostic):
                found.unusable.add(path)
            if diagnostic.code in ("MJ011", "MJ012"):
                found.broken.update(likely_paths(document, path, list(error.schema["properties"])))
    suspected = {path[:depth] for path in found.broken for depth in range(len(path) + 1)}
    excused = [diagnostic for path, diagnostic in missing if path in suspected]
    found.diagnostics.extend(diagnostic for _, diagnostic in missing if diagnostic not in excused)
    found.broken.update(path for path, _ in missing)
    return found


def _reports_a_missing_key(document: Map, path: KeyPath, diagnostic: Diagnostic) -> bool:
    return diagnostic.code in ("MJ010", "MJ018") and value_at(document, path) is None


def _only_the_name_is_wrong(path: KeyPath, diagnostic: Diagnostic) -> bool:
    """Whether only the name of an input or a node is wrong: the rest of it is checked all the same."""
    return diagnostic.code == "MJ016" and path[0] in ("inputs", "nodes") and bool(path[1])


@cache
def _validator() -> Any:
    # Importing jsonschema takes longer than all the rest of a short command.
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as said above

    return Draft202012Validator(json.loads((bundled_folder("schemas") / "manifest.schema.json").read_text("utf-8")))


_Found: TypeAlias = Iterator[tuple[KeyPath, Diagnostic]]


@dataclass(frozen=True, slots=True)
class _SchemaError:
    """One error of the validator, in the value at `path`."""

    document: Map
    path: KeyPath
    error: Any

    def diagnostics(self) -> _Found:
        if "propertyNames" in self.error.absolute_schema_path:
            return self._name()
        if self.error.instance is None:
            return self._no_value()
        match self.error.validator:
            case "additionalProperties":
                return self._unknown_keys()
            case "required":
                return self._missing_keys()
            case "type":
                return self._wrong_type()
            case "pattern":
                return self._pattern()
            case "enum" | "anyOf":
                return self._options()
            case "const":
                return self._version()
            case "minimum" | "maximum" | "exclusiveMinimum":
                return self._bound()
            case "minItems" | "minProperties" | "minLength":
                return self._too_short()
            case "maxLength":
                return self._too_long()
            case "uniqueItems":
                return self._twice()
            case "oneOf":
                return self._one_source() if isinstance(self.error.instance, dict) else iter(())  # reported as a type
            case other:
                raise AssertionError(f"the schema says `{other}`, for which there are no words")

    def _report(self, code: str, message: str, help_text: str | None = None) -> _Found:
        yield (
            self.path,
            Diagnostic(place=shown_at(self.document, self.path), code=code, message=message, help=help_text),
        )

    @property
    def _owner(self) -> str:
        return _owner(self.path)

    @property
    def _written(self) -> str:
        return _written(_at(self.document, self.path))

    def _no_value(self) -> _Found:
        commented = "#" in shown_at(self.document, self.path).text
        help_text = "text after `#` is a comment: quote the text" if commented else "leave the key out if there is none"
        return self._report("MJ013", f"{self._owner} has no value", help_text)

    def _unknown_keys(self) -> _Found:
        known = list(self.error.schema["properties"])
        for key in self.error.instance.keys() - set(known):
            path = (*self.path, key)
            place = _key_place(self.document, path)
            match self.path:
                case ("defaults",):
                    diagnostic = unknown_default(place, key, known)
                case ("nodes", str(node), "params"):
                    kind = self.document.map("nodes").map(node).written("kind")
                    diagnostic = unknown_param(place, key, known, node, f"{kind}")
                case _:
                    diagnostic = unknown_key(place, key, known, self._owner)
            if written := self._decimal(key):
                diagnostic = replace(diagnostic, help=f"a comma ends a value within braces: write {written}")
            yield path, diagnostic

    def _decimal(self, key: str) -> str | None:
        """How `{budget: 25,00}` is to be written, in which `00` is an unknown key; or `{budget: 1,249.00}`."""
        before, digits = None, _BEHIND_A_COMMA.fullmatch(key) and self.error.instance[key] is None
        for name, value in self.error.instance.items() if digits else ():
            if name == key:
                break
            before = name, value
        if before is None or not isinstance(before[1], int):
            return None
        numbers = possible_numbers(f"{before[1]},{key}")
        return " or ".join(f"`{before[0]}: {number}`" for number in numbers)

    def _missing_keys(self) -> _Found:
        # The validator reports each missing key without naming it: all are reported each time, and later once.
        for key in self.error.validator_value:
            if key not in self.error.instance:
                missing = self._report("MJ010", f"{self._owner} has no `{key}`", _MISSING.get(key))
                yield from self._all([key], missing)

    def _wrong_type(self) -> _Found:
        takes, got = _takes(self.error.validator_value), self.error.instance
        help_text = "put it in quotes" if takes == "text" and not isinstance(got, list | dict) else None
        if isinstance(got, list) and self._is_param:
            help_text = self._axis
        elif isinstance(got, str) and "number" in takes:
            help_text = number_help(got, whole="whole" in takes)
        elif isinstance(got, int) and "sref_urls" in self.path:
            help_text = STYLE_CODE_HELP
        text = "the text " if isinstance(got, str) else ""
        return self._report("MJ013", f"{self._owner} takes {takes}, not {text}{self._written}", help_text)

    @property
    def _is_param(self) -> bool:
        return self.path[-2:-1] in (("params",), ("defaults",))

    @property
    def _axis(self) -> str:
        """Help for a list where the API takes one value."""
        name = self.path[-1]
        return f'for several values, make them an axis of a `matrix`, and write `{name}: "{{{{ {name} }}}}"`'

    def _pattern(self) -> _Found:
        if self.path[0] in ("campaign", "was"):
            help_text = "it names a folder: use letters, digits, `.`, `_` and `-`, no dot or dash first"
            return self._report("MJ016", f"{self._written} is not a valid campaign name", help_text)
        types = self.error.schema["type"]
        word = _YAML_1_1.get(self.error.instance.casefold()) if "boolean" in types else None
        message = f"{self._owner} takes {_takes(types)}, not the text {self._written}"
        number = number_help(self.error.instance, whole="integer" in types) if "boolean" not in types else None
        return self._report("MJ013", message, f"use `{word}`" if word else number)

    def _options(self) -> _Found:
        options = self.error.validator_value
        if self.error.validator == "anyOf":
            options = next(branch["enum"] for branch in options if "enum" in branch)
        written = str(self.error.instance)
        help_text = option_help(written, [*map(str, options)])
        if self.path[-1:] == ("images",) and nearest(written, map(str, options)) is None:
            help_text = "use `pick`, `all`, or numbers such as `[0, 2]`"
        elif isinstance(self.error.instance, list) and self._is_param:
            help_text = self._axis
        return self._report("MJ014", f"{self._owner} cannot be {self._written}", help_text)

    def _version(self) -> _Found:
        message = f"a manifest of format version {self._written} cannot be read"
        quoted_only = self._written == f"`{self.error.validator_value}`"
        help_text = (
            "write it without quotes" if quoted_only else f"this mjpipe reads `mjpipe: {self.error.validator_value}`"
        )
        return self._report("MJ017", message, help_text)

    def _bound(self) -> _Found:
        bound = f"{_BOUNDS[self.error.validator]} {self.error.validator_value}"
        return self._report("MJ015", f"{self._owner} is {bound}, not {self._written}")

    def _too_short(self) -> _Found:
        least = self.error.validator_value
        few = "is empty" if not self.error.instance else f"has at least {least} entries"
        return self._report("MJ015", f"{self._owner} {few}")

    def _too_long(self) -> _Found:
        most = self.error.validator_value
        return self._report("MJ015", f"{self._owner} is longer than {counted(most, 'character')}")

    def _twice(self) -> _Found:
        seen: list[Any] = []
        for index, item in enumerate(self.error.instance):
            if item in seen:
                path = (*self.path, index)
                message = f"{self._owner} has {_written(_at(self.document, path))} twice"
                yield path, Diagnostic(place=shown_at(self.document, path), code="MJ028", message=message)
            seen.append(item)

    def _name(self) -> _Found:
        name, path = self.error.instance, (*self.path, self.error.instance)
        what = _NAMED.get(str(self.path[-1]), "a column or variable")
        help_text: str | None = "a name starts with a letter and has letters, digits, `_` and `-`"
        if self.error.validator == "maxLength":
            help_text = f"a name has at most {self.error.validator_value} characters"
        message = f"`{name}` is not a valid name for {what}"
        if not name:
            message, help_text = f"{what} needs a name", None
        place = _key_place(self.document, path)
        yield path, Diagnostic(place=place, code="MJ016", message=message, help=help_text)

    def _one_source(self) -> _Found:
        sources = [branch["required"][0] for branch in self.error.validator_value]
        given = [key for key in sources if key in self.error.instance]
        if not given:
            missing = self._report("MJ018", f"{self._owner} has no rows", f"give one of {quoted(sources)}")
            return self._all(sources, missing)
        message = f"{self._owner} has {quoted(given[:-1])} and `{given[-1]}`"
        return self._all(given, self._report("MJ018", message, "rows come from one place: make an input of each"))

    def _all(self, keys: list[str], found: _Found) -> _Found:
        """The same diagnostics, for each of several keys of the value."""
        for _, diagnostic in found:
            yield from (((*self.path, key), diagnostic) for key in keys)


def _takes(types: str | list[str]) -> str:
    """What a key takes, in words. That a number may also be a template is left out."""
    names = [types] if isinstance(types, str) else [name for name in types if name != "null"]
    if set(names) >= _PLAIN_TEXT:
        names = ["string"]
    elif "string" in names and not {"array", "object"} & set(names):
        names = [name for name in names if name != "string"] or names
    return " or ".join(_TYPES[name] for name in names)


def _owner(path: KeyPath) -> str:
    """What users call the value at `path`."""
    match path:
        case ():
            return "the manifest"
        case ("nodes", str(name)):
            return f"node `{name}`"
        case ("inputs", str(name)):
            return f"input `{name}`"
        case (*rest, int(index)):
            return f"entry {index + 1} of {_owner(tuple(rest))}"
        case _:
            return f"`{path[-1]}`"


def _at(document: Map, path: KeyPath) -> Value:
    value = value_at(document, path)
    assert value is not None, "the validator reports what is there"
    return value


def _written(value: Value) -> str:
    return (
        f"`{value.text.source}`" if isinstance(value, Scalar) else "a list" if isinstance(value, Seq) else "a mapping"
    )


def _key_place(document: Map, path: KeyPath) -> Place:
    parent = _at(document, path[:-1])
    return parent.entries[str(path[-1])].place if isinstance(parent, Map) else parent.place
