from mjpipe.domain import bundled_folder
from tests.cli.program import Mjpipe


def test_each_schema_that_is_shipped_is_listed_and_printed_as_it_is(mjpipe: Mjpipe) -> None:
    files = {path.name.partition(".")[0]: path for path in bundled_folder("schemas").iterdir()}
    assert [line.split()[0] for line in mjpipe("schema").stdout.splitlines()] == sorted(files)
    assert mjpipe("schema", "manifest").stdout == files["manifest"].read_text("utf-8")
    assert mjpipe("schema", "plan").stdout == files["plan"].read_text("utf-8")


def test_the_list_says_what_each_schema_is_of(mjpipe: Mjpipe) -> None:
    assert "manifest        a manifest of mjpipe: one image campaign\n" in mjpipe("schema").stdout


def test_an_unknown_schema_is_a_usage_error_that_names_the_nearest(mjpipe: Mjpipe) -> None:
    refused = mjpipe("schema", "manifst", code=2)
    assert refused.stderr == "error: there is no schema `manifst`\nhelp: did you mean `manifest`?\n"
