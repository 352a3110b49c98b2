"""The registry of formats is what reports, options and help go by."""

import pkgutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mjpipe.cli.commands import report as report_command
from mjpipe.domain import StateFault
from mjpipe.report import ON_REQUEST, collect_costs, write_reports, write_requested
from mjpipe.report import formats as package
from mjpipe.report.formats import FORMATS, Document, Table
from tests.report.campaign import TEAPOTS, Campaign, teapots


def test_each_module_of_a_format_is_registered_once() -> None:
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)} - {"format"}
    assert {type(form) for form in FORMATS} == {Document, Table}
    assert len({form.name for form in FORMATS}) == len(FORMATS) == len(modules)
    assert all(form.name.isidentifier() for form in FORMATS)  # an option's name is that of an argument, too


def test_each_format_with_a_path_is_part_of_the_reports(campaign: Campaign, tmp_path: Path) -> None:
    teapots(campaign)
    write_reports(campaign.records, tmp_path, TEAPOTS, since=None)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {form.path for form in FORMATS if form.path}


def test_each_other_format_is_an_option_with_its_words() -> None:
    said = CliRunner(env={"COLUMNS": "200"}).invoke(report_command.command, ["--help"]).output
    for name, form in ON_REQUEST.items():
        (line,) = [line for line in said.splitlines() if line.strip().startswith(f"--{name}")]
        assert line.endswith(f"Also write {form.what}.")


def test_what_is_requested_replaces_a_file_or_is_added_to_one(campaign: Campaign, tmp_path: Path) -> None:
    teapots(campaign)
    costs = collect_costs(campaign.records, TEAPOTS, since=None)
    files = {"junit": tmp_path / "junit.xml", "github": tmp_path / "summary.md"}
    for _ in range(2):
        write_requested(campaign.records, costs, files)
    assert files["junit"].read_text("utf-8").count("<testsuites ") == 1
    assert files["github"].read_text("utf-8").count("### teapots") == 2


def test_a_requested_file_that_cannot_be_written_is_named(campaign: Campaign, tmp_path: Path) -> None:
    costs = collect_costs(campaign.records, TEAPOTS, since=None)
    with pytest.raises(StateFault, match="is a directory"):
        write_requested(campaign.records, costs, {"github": tmp_path})
