"""Why a template fails, in the words of our messages."""

import re

from jinja2 import TemplateError

_LONGEST = 200
_ARITHMETIC = {
    "concatenate str": "a text and a number cannot be added",
    "multiply sequence": "a text cannot be multiplied",
    "operand type for abs": "a text has no absolute value",
}
"""What Python says of arithmetic with texts, by a part of the message, in plainer words."""
_KINDS = {"`str object`": "a text", "`dict object`": "an object", "`list object`": "a list"}
_QUOTED = r"'([^']*)'"  # compiled only when a template fails, not at every start


def fault_reason(fault: Exception) -> str:
    """What went wrong, in the form of our messages: no capital, names in backticks, at most one line."""
    message = str(fault)
    if isinstance(fault, TemplateError) and fault.message:
        message = fault.message
    if isinstance(fault, SyntaxError):  # in Jinja's generated code: its line numbers would mislead
        message = fault.msg
    if isinstance(fault, RecursionError):
        message = "it is nested too deeply"
    if isinstance(fault, MemoryError):
        message = "it takes too much memory"
    if "integer string conversion" in message:
        message = "a number has too many digits"
    message = re.sub(_QUOTED, r"`\1`", message.rstrip(".")) or type(fault).__name__
    for of_python, plain in _KINDS.items():
        message = message.replace(of_python, plain)
    if isinstance(fault, TypeError) and _is_text_beside_number(message):
        message = next((plain for part, plain in _ARITHMETIC.items() if part in message), message)
        message += "; cells are text: convert them with `| number`"
    message = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
    return message[0].lower() + message[1:]


def _is_text_beside_number(message: str) -> bool:
    return "multiply sequence" in message or {"str"} < {*re.findall(r"str|int|float|abs|number", message)}
