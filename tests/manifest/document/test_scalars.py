import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.manifest.document.scalars import resolve


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("1:1", "1:1"),
        ("16:9", "16:9"),
        ("190:20:30", "190:20:30"),
        ("2026-11-22", "2026-11-22"),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("007", 7),
        ("0o7", 7),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("-.INF", "-.INF"),
        (".nan", ".nan"),
        (".", "."),
        ("1" * 41, "1" * 41),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(written: str, meant: object) -> None:
    assert (resolve(written), type(resolve(written))) == (meant, type(meant))


@given(st.text())
def test_any_text_means_something(written: str) -> None:
    resolve(written)


@given(st.integers(-(10**30), 10**30))
def test_integers_are_exact(number: int) -> None:
    assert resolve(str(number)) == number
