"""The documents are tested: commands run, links lead somewhere, the glossary has every word, and "add a model" works as written."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.reference import rounded_table
from tests.test_architecture import REGISTRIES, REPOSITORY, our_files

DOCUMENTS = our_files("*.md")
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
# Which name of an entry the glossary lists, where it is not `name`.
GLOSSARY_NAMES = {"FILTER_FIELDS": "word"}


def text_of(path: Path) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def marked_command(name: str) -> str:
    """The command in the code block after ``<!-- name -->`` of the README."""
    match = re.search(rf"^<!-- {name} -->\n```sh\n(.*?)\n```$", README, re.M | re.S)
    assert match, f"README.md has no code block after <!-- {name} -->"
    return match[1]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.M | re.S)


# --- the README's two commands ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "test"])
def test_the_two_commands_are_one_line_and_name_files_that_exist(name: str) -> None:
    command = marked_command(name)
    assert "\n" not in command, "one line to copy"
    words = shlex.split(command)
    for flag, file in pairwise(words):
        if flag == "-r":
            assert (REPOSITORY / file).is_file(), f"{file} does not exist"
    if name == "run":
        assert re.search(r"streamlit run app\.py$", command)
        assert (REPOSITORY / "app.py").is_file()
    else:
        assert re.search(r"-m pytest( -n auto --dist loadfile)?$", command)


@pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("bash") is None or shutil.which("awk") is None, reason="needs bash and awk"
)
@pytest.mark.parametrize("name", ["run", "test"])
def test_ci_runs_the_readmes_commands_word_for_word(name: str) -> None:
    script = text_of(Path(".ci/run"))
    function = re.search(r"^readme_command\(\).*$", script, re.M)
    assert function, ".ci/run reads its commands from the README"
    done = subprocess.run(["bash", "-c", f"{function[0]}\nreadme_command {name}"], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout.strip() == marked_command(name)
    assert f"readme_command {name}" in script.replace(function[0], "")
    assert (REPOSITORY / ".ci" / "run").stat().st_mode & 0o111, ".ci/run can be executed"


# --- every other command and snippet ----------------------------------------------------------------------------------


def documented_commands() -> list[tuple[str, list[str]]]:
    """(place, arguments) of every ``python -m attribution …`` in a code block of a document."""
    found = []
    for path in DOCUMENTS:
        for block in blocks(text_of(path), "sh"):
            for line in block.splitlines():
                match = re.search(r"python -m attribution (.*)$", line)
                if match:
                    found.append((f"{path}: {line.strip()}", shlex.split(match[1], comments=True)))
    return found


@pytest.mark.parametrize(("place", "arguments"), documented_commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_documented_commands_are_understood(place: str, arguments: list[str]) -> None:
    from attribution.__main__ import app

    group: Any = typer.main.get_command(app)
    assert arguments[0] in group.commands, f"{place}: there is no command {arguments[0]!r}"
    group.commands[arguments[0]].make_context(arguments[0], list(arguments[1:]))


def test_python_snippets_of_the_readme_run(sample_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippets = blocks(README, "python")
    assert snippets
    folder = next(path for path in (sample_database, sample_database.parent) if path.is_dir())
    for snippet in snippets:
        code = snippet.replace('"build"', repr(str(folder)))
        exec(compile(code, "README.md", "exec"), {})


def test_deals_named_in_documents_exist(sample: Any) -> None:
    known = {row[0] for row in sample.rows("select deal_id from marts.deals")}
    for place, arguments in documented_commands():
        if "--deal" in arguments:
            assert arguments[arguments.index("--deal") + 1] in known, place


# --- links and words --------------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```", lambda match: "\n" * match[0].count("\n"), text_of(document), flags=re.M | re.S)
    for match in re.finditer(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = match[1].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = f"{document}:{text.count(chr(10), 0, match.start()) + 1}: {match[1]}"
        path = (REPOSITORY / document).parent / target if target else REPOSITORY / document
        assert path.exists(), f"{place}: there is no such file"
        assert not anchor or anchor in anchors(path), f"{place}: there is no such heading"


FOR_USERS = [entry for entry in REGISTRIES if entry[1] not in ("STAGES", "CONNECTORS")]  # those two concern developers only


@pytest.mark.parametrize(("module", "registry"), FOR_USERS, ids=lambda value: value)
def test_every_registry_entry_is_in_the_glossary(module: str, registry: str) -> None:
    glossary = text_of(Path("docs/glossary.md"))
    for entry in getattr(importlib.import_module(module), registry):
        name = getattr(entry, GLOSSARY_NAMES.get(registry, "name"))
        assert re.search(rf"(`|### |\| ){re.escape(name)}(`| \||$)", glossary, re.M), (
            f"docs/glossary.md has no {name}: python docs/make_glossary.py"
        )


def test_the_glossary_is_what_the_registries_say(tmp_path: Path) -> None:
    copy = copy_of_repository(tmp_path)
    run(copy, "docs/make_glossary.py")
    assert (copy / "docs" / "glossary.md").read_text(encoding="utf-8") == text_of(Path("docs/glossary.md")), (
        "run python docs/make_glossary.py"
    )


def test_settings_say_why() -> None:
    """attribution.toml: every choice has a comment; what depends on the data (currency, time zone, as-of) is not set."""
    text = text_of(Path("attribution.toml"))
    settings = tomllib.loads(text)
    assert not {"currency", "time_zone", "as_of"} & settings.get("reporting", {}).keys()
    lines = ["", *text.splitlines()]
    names = ("team", "label", "group")  # one comment stands above all channels
    silent = [
        f"attribution.toml:{number}: say unit and reason: {line}"
        for number, line in enumerate(lines)
        if re.match(r"[a-z_]+ *=", line)
        and "#" not in line
        and not lines[number - 1].startswith("#")
        and not line.startswith(names)
    ]
    assert not silent, "\n" + "\n".join(silent)


# --- CONTRIBUTING: "Add a model in ten minutes" -----------------------------------------------------------------------


def copy_of_repository(folder: Path) -> Path:
    """What is needed to build, test and document, in a folder of its own."""
    copy = folder / "copy"
    ignore = shutil.ignore_patterns("__pycache__", "golden", "test_*", "screenshots")
    for name in ("attribution", "docs", "tests"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=ignore)
    shutil.copy(REPOSITORY / "tests" / "test_golden.py", copy / "tests")
    for name in ("attribution.toml", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, copy)
    return copy


def run(folder: Path, *arguments: str) -> str:
    """Run Python in a folder and return its standard output. It is a run of tests of its own, if any: no worker of this one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def insert_into_tuple(path: Path, name: str, line: str) -> None:
    """Add a line at the end of the tuple assigned to ``name``."""
    text = path.read_text(encoding="utf-8")
    node = next(
        node.value
        for node in ast.parse(text).body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and getattr(node.targets[0] if isinstance(node, ast.Assign) else node.target, "id", "") == name
    )
    assert node is not None and node.end_lineno is not None
    lines = text.splitlines(keepends=True)
    lines.insert(node.end_lineno - 1, f"    {line}\n")
    path.write_text("".join(lines), encoding="utf-8")


def test_add_a_model_in_ten_minutes(tmp_path: Path) -> None:
    """The steps of CONTRIBUTING, in its order and with its own snippet, in a copy of the repository."""
    chapter = re.search(r"## Add a model in ten minutes\n(.*?)\n## ", text_of(Path("CONTRIBUTING.md")), re.S)
    assert chapter, "CONTRIBUTING opens with this chapter"
    [snippet] = blocks(chapter[1], "python")
    name = re.search(r'Model\(\s*"(\w+)"', snippet)
    assert name and name[1] == "square", "this test knows the arithmetic of the model `square`"
    copy = copy_of_repository(tmp_path)

    # 1. An entry in MODELS.
    insert_into_tuple(copy / "attribution" / "models" / "rules.py", "MODELS", snippet.strip())

    # 2. Golden rows: five touches, so 1, 4, 9, 16, 25 of 55.
    case = copy / "tests" / "golden" / "square"
    shutil.copytree(REPOSITORY / "tests" / "golden" / "worked_example" / "data", case / "data")
    shares = {f"T{position}": Fraction(position**2, 55) for position in range(1, 6)}
    credits = rounded_table({touch: share * 12000 for touch, share in shares.items()})
    rows = [f",D1,square,{touch},{share},{credits[touch]}," for touch, share in shares.items()]
    (case / "expected.csv").write_text("settings,deal_id,model,touch_id,weight,credit,reason\n" + "\n".join(rows) + "\n")
    (case / "why.md").write_text(
        "# Squares\n\nFive touches get 1, 4, 9, 16 and 25 parts of 55.\n" + "Of 12,000.00 that is: see expected.csv.\n" * 3
    )

    # 3. The oracle.
    reference = copy / "tests" / "reference.py"
    text = reference.read_text(encoding="utf-8")
    text = text.replace('*NAMED, "last_non_direct"', '*NAMED, "square", "last_non_direct"', 1)
    branch = '        if model == "linear":\n'
    assert text.count(branch) == 1
    own = '        if model == "square":\n            total = sum(n * n for n in range(1, len(ids) + 1))\n'
    own += "            return {key: Fraction(n * n, total) for n, key in enumerate(ids, 1)}\n"
    reference.write_text(text.replace(branch, own + branch), encoding="utf-8")

    # 4. The glossary, then the tests; the command line has the model already.
    run(copy, "docs/make_glossary.py")
    assert "`square`" in (copy / "docs" / "glossary.md").read_text(encoding="utf-8")
    passed = run(copy, "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "tests/test_golden.py", "-k", "square")
    assert re.search(r"2 passed", passed), passed
    run(copy, "-m", "attribution", "build", "--data", str(case / "data"), "--db", "database")
    table = run(
        copy, "-m", "attribution", "credit", "--db", "database", "--model", "square", "--by", "touch", "--measure", "revenue"
    )
    assert table == "touch,model,revenue\n" + "".join(f"{touch},square,{credits[touch]}\n" for touch in shares)
    assert "square" in run(copy, "-m", "attribution", "models")
