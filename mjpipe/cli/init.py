"""`mjpipe init`: a small campaign to start from."""

import re
from pathlib import Path

import click

from mjpipe.domain import UsageFault, shipped
from mjpipe.manifest import TableInput, load_manifest

DEFAULT = "quickstart"
MANIFEST_NAME = "campaign.yaml"
SCHEMA_NAME = "manifest.schema.json"
IGNORED = ".mjpipe/\nout/\nout.sandbox/\n"


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--example", default=DEFAULT, show_default=True, help="Which example to copy; --list names them.")
@click.option("--list", "listing", is_flag=True, help="List the examples.")
def command(directory: Path, example: str, *, listing: bool) -> None:
    """Make a small campaign in DIRECTORY that runs as it is.

    Writes the manifest `campaign.yaml`, its inputs, the schema that editors complete from, and a `.gitignore`. No file
    that is there already is touched.
    """
    examples = {path.stem: path for path in sorted((shipped("examples") / "manifests").glob("*.yaml"))}
    if listing:
        for name, path in examples.items():
            click.echo(f"{name:<18} {_first_words(path)}")
        return
    if example not in examples:
        raise UsageFault(f"there is no example `{example}`", help=f"one of: {', '.join(examples)}")
    files = _files(examples[example])
    taken = [name for name in files if (directory / name).exists()]
    if taken:
        raise UsageFault(
            f"`{directory / taken[0]}` exists already", help="choose another folder, or move the file away"
        )
    for name, content in files.items():
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        click.echo(f"wrote {target}", err=True)
    manifest = directory / MANIFEST_NAME
    click.echo("", err=True)
    click.echo(f"what it would cost:  mjpipe plan {manifest}", err=True)
    click.echo(f"try it for free:     mjpipe run {manifest} --sandbox", err=True)


def _files(manifest: Path) -> dict[str, bytes]:
    """What to write, by its name in the new folder."""
    text = manifest.read_text("utf-8")
    text = re.sub(r"(?m)^(# yaml-language-server: \$schema=).*$", rf"\g<1>{SCHEMA_NAME}", text)
    files = {
        MANIFEST_NAME: text.encode(),
        SCHEMA_NAME: (shipped("schemas") / SCHEMA_NAME).read_bytes(),
        ".gitignore": IGNORED.encode(),
    }
    loaded = load_manifest(manifest).manifest
    assert loaded is not None, "the examples that come with mjpipe are valid"
    for table in loaded.inputs.values():
        if isinstance(table, TableInput) and table.path is not None:
            files[table.path.relative_to(manifest.resolve().parent).as_posix()] = table.path.read_bytes()
    return files


def _first_words(manifest: Path) -> str:
    """The first comment of an example that is meant for people."""
    lines = manifest.read_text("utf-8").splitlines()
    return next(line.lstrip("# ") for line in lines if line.startswith("# ") and "yaml-language-server" not in line)
