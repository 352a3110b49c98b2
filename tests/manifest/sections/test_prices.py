from pathlib import Path

import pytest

from mjpipe.manifest import manifest_from

HEAD = "mjpipe: 1\ncampaign: c\nnodes: {hero: {kind: generate, params: {prompt: a pot}}}\n"


def amounts(prices: str, folder: Path) -> dict[str, str]:
    loaded = manifest_from(f"{HEAD}prices: {prices}\n", folder / "campaign.yaml")
    assert loaded.diagnostics == ()
    assert loaded.manifest
    return {key: str(amount) for key, amount in loaded.manifest.price_overrides.items()}


WANTED = {"enhance": "0.10", "generate/turbo/hd": "0.555555", "vary": "1", "image-edit/fast": "0.3"}


def test_prices_stand_in_the_manifest(tmp_path: Path) -> None:
    assert amounts('{enhance: 0.10, generate/turbo/hd: "0.555555", vary: 1, image-edit/fast: 0.3}', tmp_path) == WANTED


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prices.toml", 'enhance = 0.10\n"generate/turbo/hd" = "0.555555"\nvary = 1\nimage-edit/fast = 0.3'),
        (
            "prices.TOML",
            "enhance = 0.10\r\n'generate/turbo/hd' = 0.555555\r\nvary = 1\r\n\"image-edit/fast\" = 0.3\r\n",
        ),
        ("prices.yaml", "enhance: 0.10\ngenerate/turbo/hd: 0.555555\nvary: 1\nimage-edit/fast: 0.3\n"),
        ("prices", "\ufeffenhance: 0.10\ngenerate/turbo/hd: 0.555555\nvary: 1\nimage-edit/fast: 0.3\n"),
    ],
)
def test_prices_stand_in_a_file_beside_the_manifest(name: str, text: str, tmp_path: Path) -> None:
    quoted_key = text.replace("\nimage-edit/fast =", '\n"image-edit/fast" =')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_bytes(quoted_key.encode())
    assert amounts(f"data/{name}", tmp_path) == WANTED


@pytest.mark.parametrize(
    "key", ["generate", "text-to-image", "generate/draft", "generate/hd", "edit/turbo", "reroll", "vary"]
)
def test_a_price_is_named_by_kind_or_mode_and_by_what_its_request_has(key: str, tmp_path: Path) -> None:
    assert amounts(f"{{{key}: 0.1}}", tmp_path) == {key: "0.1"}


@pytest.mark.parametrize(
    "written", ["1e2", "0x10", "-1", "1,5", "1_0", ".inf", "$5", "1" * 13, "٣", "true", "1.0000001"]
)
def test_what_is_no_plain_amount_is_refused(written: str, tmp_path: Path) -> None:
    loaded = manifest_from(f"{HEAD}limits: {{budget: '{written}'}}\nprices: {{vary: '{written}'}}", tmp_path / "c.yaml")
    assert [found.code for found in loaded.diagnostics] == ["MJ041", "MJ041"]
    assert loaded.manifest
    assert (loaded.manifest.limits.budget, loaded.manifest.price_overrides) == (None, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vary = " + "[" * 5000, "this is not TOML: it nests too deeply"),
        ("vary = " + "9" * 5000, "this is not TOML: a number in it is too long"),
        ("vary." * 2000 + "fast = 1", "the price of `vary` is not an amount"),
        ("vary = [1]", "the price of `vary` is not an amount"),
        ("#" * 65_537, "the price file `prices.toml` cannot be read: it is larger than 64 KB"),
    ],
    ids=["lists", "digits", "tables", "a list", "size"],
)
def test_a_price_file_that_no_prices_need_is_a_mistake(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    loaded = manifest_from(f"{HEAD}prices: prices.toml\n", tmp_path / "campaign.yaml")
    assert [diagnostic.message for diagnostic in loaded.diagnostics] == [said]
