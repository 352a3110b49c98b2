"""`mjpipe init`: make a small campaign to start from."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from mjpipe.cli.terminal import prose_width, say
from mjpipe.domain import UsageFault, bundled_folder, wrapped
from mjpipe.files import state_faults, write_if_free
from mjpipe.manifest import Manifest, TableInput, load_manifest
from mjpipe.plan import expand, recording_originals
from mjpipe.pricing import load_prices

DEFAULT = "quickstart"
MANIFEST_NAME = "campaign.yaml"
SCHEMA_NAME = "manifest.schema.json"
IGNORED = ".mjpipe/\nout/\n*picks.sandbox.csv\n"
ATTRIBUTES = "*.receipts/*.jsonl text eol=lf\n"
"""Receipts belong in git; a checkout that changed their line ends would change every line of them."""


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--example", default=DEFAULT, show_default=True, help="Which example to copy; --list names them.")
@click.option("--list", "listing", is_flag=True, help="List the examples.")
def command(directory: Path, example: str, *, listing: bool) -> None:
    """Make a small campaign in DIRECTORY that runs as it is.

    Writes the manifest `campaign.yaml`, its inputs, the schema for completion in editors, `.gitignore` and
    `.gitattributes`. Never changes a file that exists.
    """
    found = (bundled_folder("examples") / "manifests").glob("*.yaml")
    examples = dict(sorted((path.stem, path) for path in found))
    if listing:
        width = prose_width()
        for name, path in examples.items():
            first, text = f"{name:<18} ", _first_words(path)
            say(first + text if width is None else "\n".join(wrapped(text, width, first=first, rest=" " * len(first))))
        return
    if example not in examples:
        raise UsageFault(f"there is no example `{example}`", help=f"one of: {', '.join(examples)}")
    files = example_files(examples[example])
    taken = [name for name in files if (directory / name).exists()]
    if taken:
        raise _taken(directory / taken[0])
    for name, content in files.items():
        target = directory / name
        with state_faults(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not write_if_free(target, content):
                raise _taken(target)
        say(f"wrote {target}", err=True)
    manifest = directory / MANIFEST_NAME
    say("", err=True)
    say(f"what it would cost:  mjpipe plan {shlex.quote(str(manifest))}", err=True)
    say(f"try it for free:     mjpipe run {shlex.quote(str(manifest))} --sandbox", err=True)


def _taken(path: Path) -> UsageFault:
    return UsageFault(f"`{path}` exists already", help="choose another folder, or move the file away")


def example_files(manifest: Path) -> dict[str, bytes]:
    """The files of an example by their names in the new folder: the manifest, and every file that it reads."""
    text = manifest.read_text("utf-8")
    text = re.sub(r"(?m)^(# yaml-language-server: \$schema=).*$", rf"\g<1>{SCHEMA_NAME}", text)
    loaded = load_manifest(manifest).manifest
    assert loaded is not None, "the examples that come with mjpipe are valid"
    folder = manifest.resolve().parent
    return {
        MANIFEST_NAME: text.encode(),
        SCHEMA_NAME: (bundled_folder("schemas") / SCHEMA_NAME).read_bytes(),
        ".gitignore": IGNORED.encode(),
        ".gitattributes": ATTRIBUTES.encode(),
        **{path.resolve().relative_to(folder).as_posix(): path.read_bytes() for path in _read_by(loaded)},
    }


def _read_by(manifest: Manifest) -> Iterator[Path]:
    """Inputs, files that templates include, the picks file if there is one, and a price file."""
    for table in manifest.inputs.values():
        if isinstance(table, TableInput) and table.path is not None:
            yield table.path
    read: dict[Path, Path] = {}
    # Which files a template includes is only known when it is rendered.
    expand(manifest, load_prices(), lambda _: None, read_instead=recording_originals(read))
    yield from read
    if manifest.picks.exists():
        yield manifest.picks
    if manifest.price_file is not None:
        yield manifest.price_file


def _first_words(manifest: Path) -> str:
    """The first comment of an example that is written for people."""
    lines = manifest.read_text("utf-8").splitlines()
    return next(line.lstrip("# ") for line in lines if line.startswith("# ") and "yaml-language-server" not in line)
