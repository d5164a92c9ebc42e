"""The house's contracts as tests: who may import whom, what a page may hold, what a file must begin with. Messages say file:line.

Every rule has a snippet that it must refuse, so that a rule cannot fall asleep.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
NOT_OURS = {".venv", "venv", "build", ".git", "node_modules", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py"}
REGISTRIES = (
    ("attribution.schema", "TABLES"),
    ("attribution.build", "STAGES"),
    ("attribution.models", "MODELS"),
    ("attribution.metrics", "METRICS"),
    ("attribution.query", "DIMENSIONS"),
    ("attribution.connectors", "CONNECTORS"),
    ("attribution.filters", "FILTER_FIELDS"),
    ("attribution.checks", "CHECKS"),
)


@dataclass
class Source:
    """One Python file: where it is in the repository, its text and its tree."""

    path: Path
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    def is_in(self, *folders: str) -> bool:
        return any(self.path.is_relative_to(folder) for folder in folders)

    @cached_property
    def imports(self) -> list[tuple[str, int]]:
        """Every imported module in full (``from a import b`` is a.b and a) with its line."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    package = list(self.path.parent.parts)[: len(self.path.parent.parts) - node.level + 1]
                    base = ".".join([*package, base] if base else package)
                found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
            elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name in ("import_module", "__import__") and node.args and isinstance(node.args[0], ast.Constant):
                    found.append((str(node.args[0].value), node.lineno))
        return found

    def importing(self, *modules: str) -> Iterator[tuple[str, int]]:
        """The imports that are one of the modules or below one."""
        for name, line in self.imports:
            if any(name == module or name.startswith(f"{module}.") for module in modules):
                yield name, line

    @cached_property
    def strings(self) -> list[tuple[str, int]]:
        """String literals (f-strings as one, with ``{}`` for their values), docstrings left out, with their lines."""
        docstrings, pieces, found = set(), set(), []
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    docstrings.add(id(first.value))
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
                pieces.update(id(part) for part in node.values)
                found.append(("".join(map(str, parts)), node.lineno))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | pieces:
                found.append((node.value, node.lineno))
        return found

    def says(self, line: int, message: str) -> str:
        return f"{self.path}:{line}: {message}"


def our_files(pattern: str) -> list[Path]:
    """Files of the repository, relative, without environments and caches."""
    found = (path.relative_to(REPOSITORY) for path in REPOSITORY.rglob(pattern))
    return sorted(path for path in found if not NOT_OURS & set(path.parts))


SOURCES = [Source(path, (REPOSITORY / path).read_text(encoding="utf-8")) for path in our_files("*.py")]

# --- the rules --------------------------------------------------------------------------------------------------------


def the_library_knows_no_app(source: Source) -> Iterator[str]:
    if source.is_in("attribution"):
        for name, line in source.importing("streamlit", "pages", "app"):
            yield source.says(line, f"attribution works without the app, so it must not import {name}")


def only_db_imports_duckdb(source: Source) -> Iterator[str]:
    if source.path != Path("attribution/db.py") and not source.is_in("tests", "benchmarks"):
        for name, line in source.importing("duckdb"):
            yield source.says(line, f"only attribution/db.py imports {name}; use `from attribution import db`")


def only_the_store_imports_sqlalchemy(source: Source) -> Iterator[str]:
    if not source.is_in("attribution/store", "tests"):
        for name, line in source.importing("sqlalchemy", "alembic", "psycopg"):
            yield source.says(line, f"what people write goes through attribution/store, so only it imports {name}")


def pages_ask_the_library(source: Source) -> Iterator[str]:
    """Pages import attribution, pages.components, streamlit and the standard library; a page never imports a page."""
    if not source.is_in("pages", "app.py"):
        return
    for name, line in source.importing("attribution.db", "attribution.connectors", "attribution.models.weights", "sqlglot"):
        yield source.says(line, f"pages hold no data access: they must not import {name}")
    for name, line in source.importing("pages"):
        if source.is_in("pages") and not (name == "pages.components" or name.startswith("pages.components.")):
            yield source.says(line, f"what pages share is in pages/components, so a page must not import {name}")


SQL = re.compile(r"^\s*(select|SELECT)\s.*\b(from|FROM)\b|^\s*with\s+\w+\s+as\s*\(|\bselect\b.*\bfrom\s+[a-z_]+\.[a-z_]+", re.S)


def pages_hold_no_sql(source: Source) -> Iterator[str]:
    if source.is_in("pages", "app.py"):
        for text, line in source.strings:
            if SQL.search(text):
                yield source.says(line, "pages hold no SQL: make it a metric or a method of the dataset")


def charts_know_no_database(source: Source) -> Iterator[str]:
    if source.is_in("attribution/charts"):
        known = ("db", "dataset", "query", "build", "connectors", "bridge", "explain", "checks")
        for name, line in source.importing(*(f"attribution.{module}" for module in known), "duckdb", "plotly"):
            yield source.says(line, f"charts turn a DataFrame into a plain dict, so they must not import {name}")


def connectors_know_little(source: Source) -> Iterator[str]:
    if source.is_in("attribution/connectors"):
        allowed = tuple(f"attribution.{module}" for module in ("schema", "config", "errors", "db", "connectors"))
        for name, line in source.importing("attribution"):
            if not any(name == module or name.startswith(f"{module}.") for module in allowed):
                yield source.says(line, f"connectors know schema, config, errors and db only, not {name}")


def no_html_no_pickle(source: Source) -> Iterator[str]:
    for name, line in source.importing("pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"):
        yield source.says(line, f"{name} runs code when it is read; use JSON")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html":
            yield source.says(node.value.lineno, "unsafe_allow_html lets data become markup")
        if isinstance(node, ast.keyword) and node.arg == "url_path":
            yield source.says(node.value.lineno, "never set url_path (streamlit#16611)")


def names_say_something(source: Source) -> Iterator[str]:
    if source.path.name in FORBIDDEN_NAMES:
        yield source.says(1, f"{source.path.name} says nothing about what is in it")


def no_page_outside_a_section(source: Source) -> Iterator[str]:
    """Streamlit runs a file directly in pages/ without app.py, and so without sign-in."""
    if source.path.parent == Path("pages") and source.path.name != "__init__.py":
        yield source.says(1, "a page directly in pages/ can be opened past app.py; put it into a section's folder")


def caches_are_in_one_place(source: Source) -> Iterator[str]:
    if source.is_in("pages", "app.py") and not source.path.match("pages/components/*data.py"):
        for node in ast.walk(source.tree):
            called = node.func if isinstance(node, ast.Call) else None
            name = node.attr if isinstance(node, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            if name in ("cache_data", "cache_resource", "kept"):
                yield source.says(
                    node.lineno, f"{name} belongs to data.py, content_data.py or meeting_data.py in pages/components/"
                )


def no_mock_of_our_own_code(source: Source) -> Iterator[str]:
    if source.is_in("tests"):
        for node in ast.walk(source.tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)) and node.args):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            target = node.args[0]
            if (
                name in ("patch", "setattr")
                and isinstance(target, ast.Constant)
                and str(target.value).startswith(("attribution", "pages"))
            ):
                yield source.says(node.lineno, f"no mock of our own code: {target.value}")


def modules_say_what_they_are_for(source: Source) -> Iterator[str]:
    ours = source.is_in("attribution", "pages", "app.py", "sample_data", "tests")
    if ours and source.text.strip() and not ast.get_docstring(source.tree):
        yield source.says(1, "a module begins with a sentence that says what it is for")


RULES: tuple[Callable[[Source], Iterator[str]], ...] = (
    the_library_knows_no_app,
    only_db_imports_duckdb,
    only_the_store_imports_sqlalchemy,
    pages_ask_the_library,
    pages_hold_no_sql,
    charts_know_no_database,
    connectors_know_little,
    no_html_no_pickle,
    names_say_something,
    no_page_outside_a_section,
    caches_are_in_one_place,
    no_mock_of_our_own_code,
    modules_say_what_they_are_for,
)

VIOLATIONS = (
    (the_library_knows_no_app, "attribution/query.py", "import streamlit as st"),
    (the_library_knows_no_app, "attribution/query.py", "def late():\n    from streamlit import runtime"),
    (the_library_knows_no_app, "attribution/charts/theme.py", "from pages.components import data"),
    (only_db_imports_duckdb, "attribution/query.py", "import duckdb"),
    (only_db_imports_duckdb, "attribution/connectors/files.py", "from duckdb import connect"),
    (only_db_imports_duckdb, "pages/revenue/overview.py", "import importlib\nimportlib.import_module('duckdb')"),
    (only_the_store_imports_sqlalchemy, "pages/content/spotlight.py", "from sqlalchemy import select"),
    (only_the_store_imports_sqlalchemy, "attribution/content/weekly.py", "import psycopg"),
    (pages_ask_the_library, "pages/revenue/overview.py", "from attribution import db"),
    (pages_ask_the_library, "pages/revenue/overview.py", "from pages.revenue import deals"),
    (pages_ask_the_library, "pages/revenue/overview.py", "from . import deals"),
    (pages_hold_no_sql, "pages/revenue/overview.py", "rows = dataset.rows('select deal_id from marts.deals')"),
    (pages_hold_no_sql, "app.py", "table = 'deals'\nrows = dataset.rows(f'with final as (select 1 as x) select x from {table}')"),
    (charts_know_no_database, "attribution/charts/revenue.py", "from attribution import db"),
    (charts_know_no_database, "attribution/charts/revenue.py", "from ..dataset import Dataset"),
    (connectors_know_little, "attribution/connectors/files.py", "from attribution.build import build"),
    (connectors_know_little, "attribution/connectors/files.py", "from .. import query"),
    (no_html_no_pickle, "pages/revenue/overview.py", "st.markdown(text, unsafe_allow_html=True)"),
    (no_html_no_pickle, "attribution/filters.py", "import pickle"),
    (no_html_no_pickle, "app.py", "st.Page(run, url_path='overview')"),
    (names_say_something, "attribution/utils.py", ""),
    (no_page_outside_a_section, "pages/overview.py", ""),
    (caches_are_in_one_place, "pages/revenue/overview.py", "@st.cache_data\ndef answer():\n    return 42"),
    (no_mock_of_our_own_code, "tests/test_app.py", "mocker.patch('attribution.build.build')"),
    (modules_say_what_they_are_for, "attribution/query.py", "import json"),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule: Callable[[Source], Iterator[str]]) -> None:
    messages = [message for source in SOURCES for message in rule(source)]
    assert not messages, "\n" + "\n".join(messages)


@pytest.mark.parametrize(("rule", "path", "text"), VIOLATIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_violation_is_refused(rule: Callable[[Source], Iterator[str]], path: str, text: str) -> None:
    messages = list(rule(Source(Path(path), text)))
    assert messages
    assert all(re.match(re.escape(path) + r":\d+: ", message) for message in messages)


def test_every_rule_has_a_violation() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(RULES)


def test_words_are_no_violations() -> None:
    page = '"""Select deals from a list."""\nst.selectbox("Select")\nst.caption("Touch dates select parts of deals from the CRM")'
    assert not list(pages_hold_no_sql(Source(Path("pages/revenue/overview.py"), page))), "plain English is no SQL"


# --- what is not in one file ------------------------------------------------------------------------------------------


def test_the_repository_is_walked() -> None:
    paths = {str(source.path) for source in SOURCES}
    assert {"app.py", "attribution/db.py", "tests/test_architecture.py"} <= paths
    assert len([path for path in paths if path.startswith("attribution/")]) > 20


@pytest.mark.parametrize(("module", "name"), REGISTRIES, ids=lambda value: value)
def test_registries_are_tuples_of_unique_names(module: str, name: str) -> None:
    registry = getattr(importlib.import_module(module), name)
    assert isinstance(registry, tuple), (
        f"{module}.{name} is a {type(registry).__name__}: registries are tuples in the order users see"
    )
    keys = [
        getattr(entry, "name", None) or getattr(entry, "attribute", None) or getattr(entry, "schema", None) for entry in registry
    ]
    assert all(keys), f"{module}.{name}: every entry has a name"
    assert len(set(keys)) == len(keys), f"{module}.{name}: a name twice in {keys}"


def test_stages_and_sql_folders_agree() -> None:
    from attribution.build import STAGES

    sql = REPOSITORY / "attribution" / "sql"
    folders = {path.name for path in sql.iterdir() if path.is_dir() and re.match(r"\d+_", path.name)}
    in_stages = [f"{stage.number}_{stage.schema}" for stage in STAGES]
    assert in_stages == sorted(in_stages), "stages are in the order of their numbers"
    composed_only = {f"{stage.number}_{stage.schema}" for stage in STAGES if all(table.compose for table in stage.tables)}
    assert set(in_stages) - composed_only == folders - composed_only, "every layer has its folder in attribution/sql"
    for stage in STAGES:
        named = {table.name for table in stage.tables if table.compose is None}
        files = {path.stem for path in (sql / f"{stage.number}_{stage.schema}").glob("*.sql")}
        assert files == named, (
            f"attribution/sql/{stage.number}_{stage.schema}: {sorted(files ^ named)} are not in both STAGES and the folder"
        )
    from attribution.checks import CHECKS

    checks = {path.stem for path in (sql / "checks").glob("*.sql")}
    assert checks == {check.name for check in CHECKS}, "every check is a file of attribution/sql/checks and a line of CHECKS"


def test_stages_read_only_what_is_made_before() -> None:
    """A table of the same layer may be read by a later one of STAGES, never by an earlier one."""
    from attribution.build import STAGES

    for stage in STAGES:
        names = [table.name for table in stage.tables]
        for index, table in enumerate(stage.tables):
            if table.compose is not None:
                continue
            text = (stage.folder / f"{table.name}.sql").read_text(encoding="utf-8")
            for later in names[index:]:
                match = re.search(rf"\b{stage.schema}\.{later}\b(?!\.)", re.sub(r"--[^\n]*", "", text))
                if match and re.search(rf"(from|join)\s+{stage.schema}\.{later}\b", text):
                    line = text.count("\n", 0, match.start()) + 1
                    pytest.fail(f"{stage.folder.name}/{table.name}.sql:{line}: reads {stage.schema}.{later}, which is made later")


def test_every_model_is_known_to_the_oracle() -> None:
    from attribution.models import MODELS
    from tests.reference import MODELS as ORACLE

    assert {model.name for model in MODELS} == set(ORACLE), "a model is in the registry and in tests/reference.py"


def test_the_longest_test_files_exist() -> None:
    from tests.conftest import LONGEST

    gone = [name for name in LONGEST if not (REPOSITORY / "tests" / f"{name}.py").exists()]
    assert not gone, f"tests/conftest.py: LONGEST names files that are not there: {gone}"
