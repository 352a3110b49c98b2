"""Diagnostics of unknown keys, each with the key that was probably meant."""

from mjpipe.contract import FLAGS_WITHOUT_FIELD
from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest.names_in_messages import did_you_mean, quoted
from mjpipe.manifest.schema.likely_keys import MERGE, kinds_with_param, likely_key

_NO_MERGE = "YAML 1.2 does not merge mappings: write it out, or use `defaults`"


def unknown_param(place: Place, key: str, known: list[str], node: str, kind: str) -> Diagnostic:
    has = f"`{kind}` has {quoted(known)}" if known else f"`{kind}` has no params"
    kinds = kinds_with_param(key)
    help_text = f"it is for {quoted(kinds)}" if kinds else _near_param(key, known) or has
    return Diagnostic(place=place, code="MJ012", message=f"node `{node}` has no param `{key}`", help=help_text)


def unknown_default(place: Place, key: str, known: list[str]) -> Diagnostic:
    help_text = "write it in the `params` of the node" if key == "mode" else _near_param(key, known)
    message = f"`{key}` cannot be a default" if key == "mode" else f"no kind has a param `{key}`"
    return Diagnostic(place=place, code="MJ012", message=message, help=help_text)


def unknown_key(place: Place, key: str, known: list[str], owner: str) -> Diagnostic:
    if key == MERGE:
        help_text: str | None = _NO_MERGE
    elif "params" in known and kinds_with_param(key):
        help_text = "it belongs under `params:`"
    else:
        meant = likely_key(key, known)
        help_text = f"did you mean `{meant}`?" if meant else did_you_mean(key, known)
    return Diagnostic(place=place, code="MJ011", message=f"{owner} has no key `{key}`", help=help_text)


def _near_param(key: str, known: list[str]) -> str | None:
    if key == MERGE:
        return _NO_MERGE
    if key.lstrip("-").casefold() in FLAGS_WITHOUT_FIELD and key not in known:
        return "remove it: the service has no field for it"
    meant = likely_key(key, known)
    return f"did you mean `{meant}`?" if meant else None
