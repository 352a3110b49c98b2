"""`mjpipe schema`: print the schemas of what mjpipe reads and writes."""

from pathlib import Path

import click

from mjpipe.cli.terminal import say
from mjpipe.domain import UsageFault, bundled_folder
from mjpipe.manifest import did_you_mean


@click.command("schema")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema NAME, for example `manifest` for an editor. Without NAME, list all schemas."""
    files = [path for path in bundled_folder("schemas").iterdir() if path.is_file()]
    schemas = dict(sorted((path.name.partition(".")[0], path) for path in files))
    if name is None:
        for known, path in schemas.items():
            say(f"{known:<15} {_title(path)}")
        return
    if name not in schemas:
        raise UsageFault(
            f"there is no schema `{name}`", help=did_you_mean(name, schemas) or "`mjpipe schema` lists them"
        )
    say(schemas[name].read_text("utf-8"), nl=False)


def _title(path: Path) -> str:
    """What a schema calls itself, be it JSON Schema or OpenAPI."""
    import yaml  # noqa: PLC0415 - only for the list

    document = yaml.safe_load(path.read_text("utf-8"))  # JSON is YAML too
    return str(document["title"] if "title" in document else document["info"]["title"])
