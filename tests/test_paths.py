"""The command ``paths`` and what it stands on: golden files, reading, refusing, intervals."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attribution.errors import DataError, QueryError, UnknownNameError
from attribution.paths import file, shares
from attribution.paths.journeys import Paths

GOLDEN = Path(__file__).parent / "golden_paths"
HEADER = "path,conversions,value,nulls\n"

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """A function: run ``python -m attribution paths …`` in this process; (exit code, standard output, standard error)."""
    from attribution.__main__ import main

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["attribution", "paths", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return int(stopped.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """A function: a path file with this text."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "paths.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", sorted(GOLDEN.iterdir()), ids=lambda case: case.name)
def test_golden_files_byte_for_byte(case: Path, cli: Cli) -> None:
    code, out, _ = cli("--file", case / "paths.csv", "--model", "all", "--format", "csv")
    assert code == 0
    assert out == (case / "expected.csv").read_text(encoding="utf-8")
    assert (case / "why.md").exists()


@pytest.mark.parametrize("model", shares.MODELS)
def test_one_model_is_its_part_of_all(model: str, cli: Cli) -> None:
    case = GOLDEN / "three_paths"
    _, out, err = cli("--file", case / "paths.csv", "--model", model, "--format", "csv")
    expected = [row for row in rows_of((case / "expected.csv").read_text(encoding="utf-8")) if row["model"] == model]
    assert rows_of(out) == expected
    assert "3 rows, 6 conversions, 7 lost journeys, 3 values" in err
    assert ("P(conversion) 0.4615384615; the removal effects add up to 1.75" in err) == (model in shares.DATA_DRIVEN)


def test_effects_are_printed_when_asked(cli: Cli) -> None:
    _, out, _ = cli("--file", GOLDEN / "three_paths" / "paths.csv", "--model", "markov", "--effects", "--format", "csv")
    assert out == "channel,effect,value_effect\na,0.75,0.7777777778\nb,0.5,0.4444444444\nc,0.5,0.5555555556\n"


def test_ten_digits_and_empty_cells_in_every_format(cli: Cli, written: Any) -> None:
    path = written("path,conversions\na > b > c,100000000\na,1\n")
    _, out, _ = cli("--file", path, "--model", "linear", "--format", "csv")
    assert out.splitlines()[1] == "a,linear,33333334.33,"
    _, out, _ = cli("--file", path, "--model", "linear", "--format", "json")
    assert json.loads(out)[0] == {"channel": "a", "model": "linear", "conversions": 33333334.33, "value": None}
    _, out, _ = cli("--file", path, "--model", "linear", "--format", "table")
    assert out.splitlines()[0].split() == ["channel", "model", "conversions", "value"]


def test_columns_by_name_semicolons_a_byte_order_mark_and_gzip(cli: Cli, written: Any, tmp_path: Path) -> None:
    text = '\ufeff"id";"way";"won";"worth";"gone"\n1;"a > b";1;10;2\n2;"b, inc.";2;30;1\n'
    names = ("--path", "way", "--conversions", "won", "--value", "worth", "--nulls", "gone")
    code, out, _ = cli("--file", written(text), *names, "--model", "last_touch", "--format", "csv")
    assert code == 0
    assert rows_of(out)[1:] == [
        {"channel": "b", "model": "last_touch", "conversions": "1", "value": "10"},
        {"channel": "b, inc.", "model": "last_touch", "conversions": "2", "value": "30"},
    ]
    packed = tmp_path / "paths.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert cli("--file", packed, *names, "--model", "last_touch", "--format", "csv")[1] == out


def test_order_by_hand_and_chosen(cli: Cli, written: Any) -> None:
    path = written(HEADER + "a > b > c,0,0,20000\nc > b,20000,200,0\nb > b > a,10000,100,10000\n")
    _, by_hand, _ = cli("--file", path, "--model", "markov", "--order", 2, "--format", "csv")
    code, chosen, err = cli("--file", path, "--model", "markov", "--order", "auto", "--format", "csv")
    assert code == 0 and "Order 1: log-likelihood" in err and "Markov of order 2" in err
    assert chosen == by_hand
    assert by_hand != cli("--file", path, "--model", "markov", "--format", "csv")[1]


def test_a_data_frame_says_the_same_as_its_file(written: Any) -> None:
    path = written(HEADER + "a > b,1,10,2\nb,2,30,1\na>a>c ,3,50,4\n")
    frame = pd.read_csv(path)
    from_frame = file.from_arrow(*(pa.array(frame[name]) for name in ("path", "conversions", "value", "nulls")))
    from_file = file.read(path)
    assert from_frame.names == from_file.names == ("a", "b", "c")
    for name in ("codes", "starts", "conversions", "lost", "value"):
        assert np.array_equal(getattr(from_frame, name), getattr(from_file, name)), name
    with pytest.raises(DataError, match="in memory: a number is missing, negative"):
        file.from_arrow(pa.array(["a"]), pa.array([-1]))


def test_many_names_and_many_blocks(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names met late keep their number, whatever the width of the codes so far."""
    monkeypatch.setattr(file, "_BYTES_AT_ONCE", 1 << 12)
    lines = [f"channel {index:05} > channel {index // 7:05},1,1,0\n" for index in range(70_000)]
    paths = file.read(written(HEADER + "".join(lines)))
    assert len(paths) == 70_000 and len(paths.names) == 70_000 and paths.codes.dtype == np.uint32
    assert [paths.names[code] for code in paths.codes[2 * 69_999 :]] == ["channel 69999", "channel 09999"]
    credited = shares.credit(paths, "position_based").conversions
    assert credited[69_999] == 0.5 and credited[0] == pytest.approx(0.5 + 7 * 0.5)


# --- what it refuses --------------------------------------------------------------------------------------------------

REFUSED = [
    ("", ":1: the first line is empty"),
    (HEADER, "a header and no row"),
    (
        "pathe,conversions\na,1\n",
        ":1: there is no column 'path' (--path). Did you mean 'pathe'? Name the column to read: --path NAME",
    ),
    ("path,total_conversions\na,1\n", ":1: there is no column 'conversions' (--conversions). Did you mean 'total_conversions'?"),
    ("path,x\na,1\n", "It has: path, x."),
    ("path,conversions,path\na,1,a\n", ":1: two columns are called 'path'"),
    (HEADER + "a,1,1,0\na > > b,1,1,0\n", ":3: the path 'a > > b' has an empty step (2 of 3)"),
    (HEADER + "a >,1,1,0\n", ":2: the path 'a >' has an empty step (2 of 2)"),
    (HEADER + "> a,1,1,0\n", ":2: the path '> a' has an empty step (1 of 2)"),
    (HEADER + "a,1,1,0\n  ,1,1,0\n", ":3: the path (path) is empty. Take journeys without touches out"),
    (HEADER + ",1,1,0\n", ":2: the path (path) is empty"),
    (HEADER + "a,1,1,0\n\na,-2,1,0\n", ":4: conversions is '-2'; it must be 0 or more"),
    (HEADER + "a,1,1,-1\n", ":2: nulls is '-1'; it must be 0 or more"),
    (HEADER + "a,1,-5,0\n", ":2: value is '-5'; it must be 0 or more"),
    (HEADER + "a,,1,0\n", ":2: conversions is empty. Write 0 where there is none."),
    (HEADER + "a,1,,0\n", ":2: value is empty"),
    (HEADER + "a,1,1,\n", ":2: nulls is empty"),
    (HEADER + "a,1,1,0\nb,many,1,0\n", ":3: conversions is 'many', which is no number"),
    ("path;conversions\na;1,5\n", ":2: conversions is '1,5', which is no number. Decimals are written with a point."),
    (HEADER + "a,nan,1,0\n", ":2: conversions is 'nan', which is no number"),
    (HEADER + "a,1e308,1,0\nb,1e308,1,0\n", ":2: conversions is '1e308', more than 1e+15, which cannot be added up"),
    (HEADER + "a,inf,1,0\n", ":2: conversions is 'inf', which is no number"),
    (HEADER + "a,1,1,0\nb,1,1\n", ":3: 3 cells where the header has 4"),
    (HEADER + "a,1,1,0\nb,1,1,0,9\n", ":3: 5 cells where the header has 4. A name with a separator in it must stand in quotes."),
    (HEADER + 'a,1,1,0\n"b,1,1,0\nc,1,1,0\n', ":3: "),
    (HEADER + 'a,1,1,0\n"b\nc",1,1,0\n', ":3: a quoted cell goes on over 2 lines"),
    (HEADER + "a,0,7,1\n", ":2: value is '7' where conversions is 0: a value needs a conversion"),
    (HEADER + "a,0,0,3\n", "There is no conversion in these journeys"),
    ((HEADER + "a,1,1,0\n").encode() + b"caf\xe9,1,1,0\n", "is not UTF-8 text. Save the file as CSV UTF-8"),
    ((HEADER + "a,1,1,0\n").encode("utf-16"), "UTF-8"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_a_bad_file_is_refused_with_file_line_and_what_to_do(text: str | bytes, words: str, cli: Cli, written: Any) -> None:
    code, out, err = cli("--file", written(text), "--model", "linear")
    assert (code, out) == (1, "")
    assert words in err and "Error: " in err and "Traceback" not in err
    if words.startswith(":"):
        assert f"paths.csv{words}" in err


def test_no_file_a_folder_and_damaged_gzip(cli: Cli, tmp_path: Path) -> None:
    assert cli("--file", tmp_path / "none.csv", "--model", "linear")[0] == 1
    code, _, err = cli("--file", tmp_path, "--model", "linear")
    assert code == 1 and "this is a folder" in err
    broken = tmp_path / "paths.csv.gz"
    broken.write_bytes(gzip.compress((HEADER + "a > b,1,1,0\n" * 9_000).encode())[:-40])
    code, _, err = cli("--file", broken, "--model", "linear")
    assert code == 1 and "paths.csv.gz" in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "markof"], "Did you mean 'markov'?"),
        (["--model", "markov", "--order", "4"], "neither 1, 2, 3 nor auto"),
        (["--model", "markov", "--order", "x"], "neither 1, 2, 3 nor auto"),
        (["--model", "markov", "--bootstrap", "-1"], "greater than or equal to 0"),
        ([], "--model"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], words: str, cli: Cli) -> None:
    code, out, err = cli("--file", GOLDEN / "one_path" / "paths.csv", *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_a_column_asked_for_by_name_must_be_there_and_serve_once(cli: Cli) -> None:
    one = GOLDEN / "one_path" / "paths.csv"
    code, _, err = cli("--file", one, "--model", "linear", "--value", "revenue")
    assert code == 1 and "there is no column 'revenue' (--value)" in err
    code, _, err = cli("--file", one, "--model", "linear", "--value", "conversions")
    assert code == 1 and "'conversions' is used for two things" in err


def test_fifty_thousand_values(cli: Cli, written: Any) -> None:
    path = written(HEADER + "".join(f"v{index} > v{index + 1},1,10,1\n" for index in range(50_000)))
    code, out, _ = cli("--file", path, "--model", "linear", "--format", "csv")
    assert code == 0 and len(rows_of(out)) == 50_001
    for model in shares.DATA_DRIVEN:
        code, out, err = cli("--file", path, "--model", model)
        assert (code, out) == (1, "")
        assert "50,001 states; at most 2,000" in err and "group rare values" in err
    code, out, err = cli("--file", path, "--model", "all", "--bootstrap", 1_000)
    assert code == 1


def test_notices_say_what_the_answer_rests_on(cli: Cli, written: Any) -> None:
    path = written("path,conversions,nulls\na > b,3,0\nc,0,0\n")
    code, out, err = cli("--file", path, "--model", "markov", "--format", "csv")
    assert code == 0
    assert [row["conversions"] for row in rows_of(out)] == ["1.5", "1.5", "0"]
    assert "1 rows have neither a conversion nor a lost journey" in err
    assert "there is no lost journey, so P(conversion) is 1" in err
    assert "only 3 conversions: too few to rank anything (at least 10)" in err


# --- intervals --------------------------------------------------------------------------------------------------------


def some_paths(rows: int, names: int = 6, seed: int = 2, won: int = 3) -> Paths:
    generator = np.random.default_rng(seed)
    paths = [[f"c{code}" for code in generator.integers(0, names, generator.integers(1, 6))] for _ in range(rows)]
    conversions = generator.integers(0, won, rows)
    return Paths.from_lists(paths, conversions, generator.integers(0, 4, rows), conversions * generator.integers(50, 150, rows))


@pytest.mark.parametrize("order", [1, 2])
def test_intervals_hold_the_share_and_know_their_seed(order: int) -> None:
    paths = some_paths(300)
    found = shares.bootstrap(paths, shares.MODELS, draws=200, seed=1, order=order)
    chain = shares.fit(paths, shares.MODELS, order)
    assert list(found) == list(shares.MODELS)
    for model, intervals in found.items():
        share = shares.credit(paths, model, chain).share
        assert (intervals.low <= share).all() and (share <= intervals.high).all(), model
        assert (intervals.high - intervals.low).max() < 0.2
        assert intervals.value_low is not None and (intervals.value_low <= intervals.value_high).all()
        assert ((intervals.rank_holds >= 0) & (intervals.rank_holds <= 1)).all()
        assert intervals.is_enough
    shuffled = paths.take(np.random.default_rng(9).permutation(len(paths)))
    again = shares.bootstrap(shuffled, shares.MODELS, draws=200, seed=1, order=order)
    other = shares.bootstrap(paths, ("linear",), draws=200, seed=2, order=order)
    assert all(np.array_equal(again[model].low, found[model].low) for model in shares.MODELS), (
        "the order of rows is no information"
    )
    assert not np.array_equal(other["linear"].low, found["linear"].low)


def test_intervals_are_those_of_a_proportion_where_they_are_known() -> None:
    """First touch over single-touch paths is a proportion: 30 of 100 won, so ± 1.645 × √(0.3 × 0.7 / 100)."""
    paths = Paths.from_lists([["a"], ["b"]], [30, 70], [50, 10])
    found = shares.bootstrap(paths, ("first_touch",), draws=4_000)["first_touch"]
    width = 1.645 * (0.3 * 0.7 / 100) ** 0.5
    assert found.low[0] == pytest.approx(0.3 - width, abs=0.011)
    assert found.high[0] == pytest.approx(0.3 + width, abs=0.011)
    assert found.rank_holds == pytest.approx([1, 1], abs=0.01)


def test_draws_of_a_chain_agree_with_chains_of_draws() -> None:
    """The bootstrap's Markov shares are those of chains fitted on the drawn journeys one by one."""
    paths = some_paths(60).merged()
    found = shares.bootstrap(paths, ("markov", "markov_shapley"), draws=40, seed=3)
    generator = np.random.default_rng(3)
    won = generator.multinomial(round(paths.total_conversions), paths.conversions / paths.total_conversions, size=40)
    lost = generator.multinomial(round(paths.total_lost), paths.lost / paths.total_lost, size=40)
    for model, intervals in found.items():
        each = [
            shares.credit(Paths(paths.names, paths.codes, paths.starts, w.astype(float), n.astype(float)), model).share
            for w, n in zip(won, lost, strict=True)
        ]
        assert intervals.low == pytest.approx(np.quantile(each, 0.05, axis=0)), model
        assert intervals.high == pytest.approx(np.quantile(each, 0.95, axis=0)), model


def test_above_fifteen_values_intervals_stay_around_the_sampled_share() -> None:
    paths = some_paths(400, names=18)
    found = shares.bootstrap(paths, ("markov_shapley",), draws=60)["markov_shapley"]
    given = shares.credit(paths.merged(), "markov_shapley")
    assert given.errors is not None and given.errors.max() < 0.01
    assert ((found.low < given.share) & (given.share < found.high)).mean() > 0.9


def test_few_deals_one_deal_one_channel_and_parts_of_conversions() -> None:
    for paths, enough in (
        (Paths.from_lists([["a"]], [1]), False),
        (Paths.from_lists([["a", "b"]], [9], [4]), False),
        (Paths.from_lists([["a", "b"], ["b"]], [9.6, 0.4], [0, 2.5], [96, 4]), True),
    ):
        for model, intervals in shares.bootstrap(paths, shares.MODELS, draws=50).items():
            assert intervals.is_enough is enough, model
            assert np.isfinite(intervals.low).all() and np.isfinite(intervals.high).all()


def test_too_many_draws_for_memory_are_refused() -> None:
    with pytest.raises(QueryError, match="do not fit into memory"):
        shares.bootstrap(some_paths(20), shares.MODELS, draws=10_000_000)
    with pytest.raises(UnknownNameError, match="Did you mean 'linear'"):
        shares.bootstrap(some_paths(20), ("lineal",))


def test_the_command_prints_intervals_of_conversions(cli: Cli, written: Any) -> None:
    path = written(HEADER + "a > b,20,200,20\nb,10,300,10\nc > a,5,50,40\n")
    arguments = ("--file", path, "--model", "all", "--bootstrap", 100, "--seed", 4, "--format", "csv")
    code, out, _ = cli(*arguments)
    assert code == 0
    rows = rows_of(out)
    assert list(rows[0]) == ["channel", "model", "conversions", "value", "low", "high"]
    assert all(float(row["low"]) <= float(row["conversions"]) <= float(row["high"]) for row in rows)
    assert cli(*arguments)[1] == out, "the same seed, the same bytes"
