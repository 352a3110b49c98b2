"""Receipts are read only when they are not as the ledger last saw them."""

import os
from pathlib import Path

from mjpipe.ledger import Ledger
from mjpipe.ledger.receipts import SeenFile, changed, seen_now


def _remembered(folder: Path) -> dict[str, SeenFile]:
    return {file.name: file for file in seen_now(folder)}


def test_a_folder_that_is_not_there_has_no_files_and_has_not_changed(tmp_path: Path) -> None:
    folder = tmp_path / "m.receipts"
    assert seen_now(folder) == ()
    assert not changed(folder, {})


def test_files_as_they_were_left_have_not_changed(tmp_path: Path) -> None:
    (tmp_path / "a-1.jsonl").write_text("one\n")
    seen = _remembered(tmp_path)
    assert not changed(tmp_path, seen)


def test_a_checkout_that_writes_the_same_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a-1.jsonl"
    path.write_text("one\n")
    seen = _remembered(tmp_path)
    os.utime(path, ns=(1, 1))
    assert not changed(tmp_path, seen)


def test_other_content_of_the_same_size_is_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a-1.jsonl"
    path.write_text("one\n")
    seen = _remembered(tmp_path)
    path.write_text("two\n")
    os.utime(path, ns=(1, 1))
    assert changed(tmp_path, seen)


def test_a_longer_a_new_and_a_missing_file_are_changes(tmp_path: Path) -> None:
    path = tmp_path / "a-1.jsonl"
    path.write_text("one\n")
    seen = _remembered(tmp_path)
    other = tmp_path / "b-1.jsonl"
    other.write_text("one\n")
    assert changed(tmp_path, seen)
    other.unlink()
    with path.open("a") as file:
        file.write("two\n")
    assert changed(tmp_path, seen)
    path.unlink()
    assert changed(tmp_path, seen)


def test_links_folders_and_other_files_are_no_receipts(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about these")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "README.md")
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert seen_now(tmp_path) == ()
    assert not changed(tmp_path, {})


def test_the_ledger_remembers_files_by_their_names() -> None:
    ledger = Ledger.in_memory()
    one, two = (SeenFile(name=f"{name}-1.jsonl", size=4, modified=5, sha256=name) for name in "ab")
    ledger.receipt_files.remember([one, two])
    longer = SeenFile(name="a-1.jsonl", size=8, modified=9, sha256="c")
    ledger.receipt_files.remember([longer])
    assert ledger.receipt_files.seen() == {"a-1.jsonl": longer, "b-1.jsonl": two}
    ledger.receipt_files.remember_all([two])
    assert ledger.receipt_files.seen() == {"b-1.jsonl": two}
