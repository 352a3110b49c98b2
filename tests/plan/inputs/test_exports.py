"""Files as spreadsheets and shops export them: read, or named at the place where something is wrong."""

import io
import zipfile

import pytest

from tests.plan.planning import Plan, Planned

ROWS = """
    inputs: {cups: {csv: cups.csv, key: sku%s}}
    nodes: {hero: {kind: generate, for_each: [cups], params: {prompt: "a {{ name }} on a table"}}}
"""


def read(plan: Plan, rows: str | bytes, more: str = "") -> Planned:
    return plan(ROWS % more, cups_csv=rows)


def prompts(planned: Planned) -> list[str]:
    return [str(job.request["prompt"]).removeprefix("a ").removesuffix(" on a table") for job in planned.jobs]


def said(planned: Planned) -> list[str]:
    folder = f"{planned.manifest.path.parent}/"
    return [line.replace(folder, "") for line in planned.said()]


def advice(planned: Planned) -> str | None:
    folder = f"{planned.manifest.path.parent}/"
    help_ = planned.diagnostics[0].help
    return None if help_ is None else help_.replace(folder, "")


@pytest.mark.parametrize(
    "rows",
    [
        "sku,name,,\r\nE-1,jug,,\r\nE-2,bowl,,\r\n,,,\r\n",
        "sku,,name\nE-1,,jug\nE-2, ,bowl\n",
        "sku,name\nE-1,jug,,\nE-2,bowl\n",
        "sep=;\r\nsku;name\r\nE-1;jug\r\nE-2;bowl\r\n",
        '"sep=;"\r\nsku;name\r\nE-1;jug\r\nE-2;bowl\r\n',
        "\ufeffsep=\t\nsku\tname\nE-1\tjug\nE-2\tbowl\n",
        "SEP=|\n\nsku|name\nE-1|jug\nE-2|bowl\n",
        "# our stock, in spring\nsku,name,note\nE-1,jug,\nE-2,bowl,\n",
        "# one, two, three\n#\n\nsku;name;price\nE-1;jug;12,50\nE-2;bowl;9,00\n",
        "sku;name, long;price, net, in EUR\nE-1;jug;1,50\nE-2;bowl;2,50\n".replace("name, long", "name"),
        "\u200bsku\u200b,\ufeffname\nE-1,jug\nE-2,bowl\n",
        "sku\tname\r\nE-1\tjug\r\nE-2\tbowl\r\n".encode("utf-16"),
        b"\xfe\xff" + "sku,name\nE-1,jug\nE-2,bowl\n".encode("utf-16-be"),
        "sku,name\nE-1,jug\nE-2,bowl\n".encode("utf-32"),
        "sku,name\n\n\nE-1,jug\n,\n  ,  \nE-2,bowl\n\n",
    ],
)
def test_an_export_is_read(plan: Plan, rows: str | bytes) -> None:
    planned = read(plan, rows)
    assert planned.diagnostics == ()
    assert (planned.keys, prompts(planned)) == (["hero/E-1", "hero/E-2"], ["jug", "bowl"])


def test_a_header_may_begin_with_a_hash_sign(plan: Plan) -> None:
    planned = plan(ROWS.replace("key: sku", "key: '#'") % "", cups_csv="#,name\n1,jug\n")
    assert (planned.diagnostics, planned.keys) == ((), ["hero/1"])


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("Products;;\nsku;name;price\nT-1;jug;12,50\n", 2),
        ("Template=x\tVersion=1\t\t\nSeller SKU\tTitle\tBrand\tPrice\nsku\tname\tbrand\tprice\nT-1\tjug\tN\t9\n", 3),
        ('A list of "cups\n\nsku,name\nT-1,jug\n', 3),
    ],
)
def test_lines_above_the_header_are_passed_over_with_header(plan: Plan, rows: str, line: int) -> None:
    planned = read(plan, rows, f", header: {line}")
    assert (planned.diagnostics, prompts(planned)) == ((), ["jug"])


def test_the_help_names_the_line_of_a_header_that_has_the_key(plan: Plan) -> None:
    planned = read(plan, "Template=x,Version=1\nSeller SKU,Title\nsku,name\nT-1,jug\n")
    assert said(planned)[0] == "campaign.yaml:4:37 MJ056 `key` of input `cups` names an unknown column `sku`"
    assert advice(planned) == "line 3 of `cups.csv` has it: say `header: 3`"


@pytest.mark.parametrize("line", [2, 9])
def test_a_header_on_an_empty_line_is_an_error(plan: Plan, line: int) -> None:
    planned = read(plan, "sku,name\n\nT-1,jug\n", f", header: {line}")
    assert said(planned) == [f"campaign.yaml:4:50 MJ050 line {line} of `cups.csv` is empty or behind its end"]


def test_a_row_without_the_cells_that_nobody_uses_is_read_with_one_warning(plan: Plan) -> None:
    planned = read(plan, "sku;name;note\r\nS-1;jug;x\r\nS-2;bowl\r\nS-3;cup\r\n")
    message = "the row ends early: its last columns, which no template uses, are read as empty"
    assert said(planned) == [f"cups.csv:3:1 MJ103 {message}"]
    assert (planned.diagnostics[0].also, planned.diagnostics[0].is_error) == (1, False)
    assert prompts(planned) == ["jug", "bowl", "cup"]
    assert planned.jobs[1].row["sku"] == "S-2"


@pytest.mark.parametrize("rows", ["note;sku;name\nx;S-1;jug\ny;S-2\n", "note;sku;name\nx;S-1;jug\ny"])
def test_a_row_without_a_cell_that_is_used_is_an_error(plan: Plan, rows: str) -> None:
    planned = read(plan, rows)
    (line,) = said(planned)
    assert line.startswith("cups.csv:3:")
    assert "but the header names 3 columns" in line
    assert planned.diagnostics[0].is_error
    assert (planned.diagnostics[0].help or "").endswith("cells are divided by semicolons")


def test_a_column_without_a_name_that_has_a_cell_is_an_error_at_the_cell(plan: Plan) -> None:
    assert said(read(plan, "sku,name,,\nE-1,jug,,\nE-2,bowl,,9\n")) == [
        "cups.csv:3:11 MJ054 column 4 of `cups.csv` has a cell, and no name on line 1"
    ]


@pytest.mark.parametrize("again", ["\ufeffsku,name", "sku,name", '"sku","name"'])
def test_a_second_header_in_the_middle_is_not_bought(plan: Plan, again: str) -> None:
    planned = read(plan, f"\ufeffsku,name\nC-1,jug\n{again}\nC-2,bowl\n")
    assert said(planned) == ["cups.csv:3:1 MJ064 another file begins here: two were joined"]


def test_another_table_in_the_middle_is_not_read_on(plan: Plan) -> None:
    planned = read(plan, "sku,name\nC-1,jug\n\ufeffname,sku\nbowl,C-2\n")
    assert said(planned) == ["cups.csv:3:1 MJ064 another file begins here: two were joined"]


@pytest.mark.parametrize("header", ["SKU,Name,Price", "name,sku,price", "price,SKU,NAME", "name,sku", "sku,price,"])
def test_a_header_in_the_middle_is_found_in_another_order_and_case(plan: Plan, header: str) -> None:
    planned = read(plan, f"sku,name,price\nC-1,jug,3\n{header}\nC-2,cup,4\n")
    assert said(planned) == ["cups.csv:3:1 MJ064 another file begins here: two were joined"]


@pytest.mark.parametrize("row", ["name,jug,3", "sku,,", "C-2,name,price", "name,name,name"])
def test_a_row_with_the_name_of_a_column_is_a_row(plan: Plan, row: str) -> None:
    planned = read(plan, f"sku,name,price\nC-1,jug,3\n{row}\n")
    assert "MJ064" not in "".join(said(planned))
    assert len(planned.jobs) == 2


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("sku,name\nC-1,jug\n<<<<<<< HEAD\nC-2,a\n=======\nC-2,b\n>>>>>>> x\n", "3:1"),
        ("sku,name\nC-1,jug\nC-2,b\n>>>>>>> x, and y\n", "4:1"),
        ("sku,name\nC-1,jug\n=======\nC-2,b\n", "3:1"),
        ('sku,name\nC-1,"a jug\n<<<<<<< HEAD\nwith a lid"\n', "3:1"),
        ("<<<<<<< HEAD\nsku,name\n", "1:1"),
    ],
)
def test_a_git_conflict_is_not_bought(plan: Plan, rows: str, place: str) -> None:
    assert said(read(plan, rows)) == [f"cups.csv:{place} MJ063 a git conflict is not resolved"]


def test_a_git_conflict_in_one_column_is_not_bought(plan: Plan) -> None:
    text = ROWS.replace("key: sku", "key: name") % ""
    planned = plan(text, cups_csv="name\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n")
    assert said(planned) == ["cups.csv:2:1 MJ063 a git conflict is not resolved"]


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "Grand total", "Summe", "Somme", "合計"])
def test_a_row_of_sums_is_warned_of(plan: Plan, word: str) -> None:
    planned = read(plan, f"sku,name,price\nT-1,jug,12\n{word},,21\n")
    assert said(planned) == ["cups.csv:3:1 MJ101 the row is probably none: it is a sum, or has nothing for the prompt"]
    assert advice(planned) == """delete it, or leave such rows out: `where: "name != ''"`"""
    assert said(read(plan, f"sku,name,price\nT-1,jug,12\n{word},,21\n", """, where: "name != ''" """)) == []


@pytest.mark.parametrize("rows", ["sku;name;price\nA;jug;1\n", "SKU\tName\tprice\nA\tjug\t1\n", "sku|name\nA|jug\n"])
def test_a_header_below_a_title_is_found_whatever_divides_its_cells(plan: Plan, rows: str) -> None:
    planned = read(plan, "Export of 28.11.\n\n" + rows)
    assert said(planned) == ["campaign.yaml:4:37 MJ056 `key` of input `cups` names an unknown column `sku`"]
    assert advice(planned) == "line 3 of `cups.csv` has it: say `header: 3`"


def test_a_key_in_another_case_is_no_reason_to_name_the_line_of_the_header(plan: Plan) -> None:
    assert advice(read(plan, "SKU,name\nA,jug\n")) == "did you mean `SKU`?"


def test_a_row_of_sums_without_an_empty_cell_is_warned_of_at_the_end(plan: Plan) -> None:
    planned = read(plan, "sku,name,price\nT-1,jug,12\nTotal,1 piece,12\n")
    assert said(planned) == ["cups.csv:3:1 MJ101 the row is probably none: it is a sum, or has nothing for the prompt"]
    assert advice(planned) == """delete it, or leave such rows out: `where: "sku != 'Total'"`"""
    assert said(read(plan, "sku,name,price\nT-1,jug,12\nTotal,1 piece,12\n", """, where: "sku != 'Total'" """)) == []


def test_a_second_header_for_programs_is_warned_of(plan: Plan) -> None:
    rows = "sku\tname\tItem Brand\tPrice\nitem_sku\titem_name\tbrand_name\tprice\nA-1\tjug\tNord\t12\n"
    planned = read(plan, rows)
    assert said(planned) == ["cups.csv:2:1 MJ101 the row is probably none: its cells are names of columns"]
    assert advice(planned) == "delete it, or say `header: 2` to use these names"
    planned = read(plan, rows.replace("\nitem_sku", "\n\nitem_sku"))
    assert advice(planned) == "delete it, or say `header: 3` to use these names"
    for ordinary in ("jug_a\tjug\toak\t12", "jug_a\tjug_a\tjug_a\tjug_a", "t_1\ta_b\tc_d\t12", "A_a\tb_b\tc_c\td_d"):
        assert said(read(plan, f"sku\tname\tItem Brand\tPrice\n{ordinary}\n")) == []


def test_a_product_that_is_called_total_is_none(plan: Plan) -> None:
    assert said(read(plan, "sku,name,note\nTotal-1,jug,\nT-2,total recall mug,\n")) == []


def test_rows_of_further_images_are_to_be_left_out(plan: Plan) -> None:
    text = ROWS.replace("key: sku", "key: Variant SKU").replace("{{ name }}", "{{ Title }}") % ""
    rows = "Handle,Title,Variant SKU\njug,Oak jug,J-1\njug,Oak jug,\n"
    planned = plan(text, cups_csv=rows)
    assert said(planned) == ["cups.csv:3:13 MJ104 the row has no `Variant SKU`, which is its key"]
    assert advice(planned) == """leave such rows out: `where: "Variant_SKU != ''"`"""
    twice = plan(text, cups_csv=rows + "jug,Oak jug,\n")
    assert twice.diagnostics[-1].code == "MJ057"
    assert (twice.diagnostics[-1].help or "").endswith("""leave such rows out: `where: "Variant_SKU != ''"`""")
    assert said(plan(text.replace("key:", """where: "Variant_SKU != ''", key:"""), cups_csv=rows)) == []


@pytest.mark.parametrize("sign", ["\u200b", "\u00a0", "\u00ad", "\u202e", "\u2060"])
def test_keys_that_look_the_same_are_an_error(plan: Plan, sign: str) -> None:
    for rows in (f"T-1,jug\nT-1{sign},cup\n", f"{sign}T-1,jug\nT-1,cup\n"):
        planned = read(plan, f"sku,name\n{rows}")
        assert said(planned) == ["cups.csv:3:1 MJ102 two rows of `cups` have keys that look the same"]
        assert planned.diagnostics[0].is_error


def test_a_key_or_a_cell_with_signs_that_nobody_sees_is_warned_of(plan: Plan) -> None:
    planned = read(
        plan, "sku,name,note\nT-1\u00a0,jug,\nT-2,tea\u00adpot,\nT-3,bowl,a\u00adb\nT-4,\u0645\u06cc\u200c\u062e,\n"
    )
    assert said(planned) == [
        "cups.csv:2:1 MJ102 the key has a sign that nobody sees: no-break space (U+00A0)",
        "cups.csv:3:5 MJ102 the cell has a sign that nobody sees: soft hyphen (U+00AD)",
    ]
    assert not any(diagnostic.is_error for diagnostic in planned.diagnostics)


@pytest.mark.parametrize(
    ("where", "message"), [(", where: \"name == 'cup'\"", "`where` or `limit`"), (", limit: 0", "`where` or `limit`")]
)
def test_an_input_whose_rows_are_all_left_out_says_so(plan: Plan, where: str, message: str) -> None:
    planned = read(plan, "sku,name\nT-1,jug\n", where)
    assert (planned.diagnostics[0].code, advice(planned)) == ("MJ061", f"{message} leaves out all that it has")


def test_inch_marks_do_not_move_the_place_of_a_mistake(plan: Plan) -> None:
    text = ROWS.replace("on a table", "on a table', stylization: '{{ style }}").replace('"', "'") % ""
    planned = plan(text, cups_csv='sku,name,style\nN-1,12" plate,120\nN-2,8" bowl,much\nN-3,"a 6"" cup, of\ntin",x\n')
    assert said(planned) == [
        "cups.csv:3:13 MJ070 `stylization` takes a whole number, not `much`",
        "cups.csv:5:6 MJ070 `stylization` takes a whole number, not `x`",
    ]


@pytest.mark.parametrize(
    ("encoding", "name", "guess"),
    [
        ("cp1252", "crème brûlée", "with `encoding: cp1252` it reads `crème brûlée`"),
        ("cp932", "青い急須ポット", "with `encoding: shift_jis` it reads `青い急須ポット`"),
        ("cp1251", "синий чайник", "with `encoding: cp1251` it reads `синий чайник`"),
        ("cp1250", "żółty dzbanek, łyżka", "with `encoding: cp1250` it reads `żółty dzbanek`"),
    ],
)
def test_the_help_says_how_a_file_that_is_not_utf_8_would_read(
    plan: Plan, encoding: str, name: str, guess: str
) -> None:
    rows = f'sku,name\nT-1,"{name}"\n'.encode(encoding)
    planned = read(plan, rows)
    assert [diagnostic.code for diagnostic in planned.diagnostics] == ["MJ051"]
    assert guess in (advice(planned) or "")
    said_so = guess.removeprefix("with `encoding: ").partition("`")[0]
    assert prompts(read(plan, rows, f", encoding: {said_so}")) == [name]


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (packed("xl/workbook.xml"), "is an Excel workbook"),
        (packed("mimetype", "content.xml"), "is a spreadsheet of LibreOffice (.ods)"),
        (packed("Index/Document.iwa"), "is a Numbers document"),
        (packed("cups.csv"), "is a ZIP archive"),
        (b"PK\x03\x04", "is a ZIP archive"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Excel workbook"),
        (b"\n<!doctype HTML><html>", "is a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><rss>", "is XML"),
        (b"\x1f\x8b\x08", "is compressed with gzip"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_of_another_kind_is_named(plan: Plan, content: bytes, what: str, form: str) -> None:
    planned = plan(ROWS.replace("csv: cups.csv", f"{form}: cups.csv") % "", cups_csv=content)
    assert [line.partition("`cups.csv` ")[2] for line in said(planned)] == [what]
    assert planned.diagnostics[0].help
