"""The bench scripts run: on a few documents, without a look at the time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import copies
from tests.bench.measures import measured
from tests.environment import ROOT


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, f"tests/bench/{script}.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_relevance(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    copies.write([], 30, folder / "documents.jsonl.gz")
    asked = [{"id": "1", "text": "renal 7"}, {"id": "2", "text": "zzzzqqqq"}]
    (folder / "queries.word.jsonl").write_text("".join(json.dumps(question) + "\n" for question in asked))
    (folder / "qrels.word.tsv").write_text("1\tmade-7\t2\n2\tmade-8\t1\n")
    assert "made word n=2 ndcg@10=" in run("relevance", str(folder))


def test_speed() -> None:
    printed = run("search", "--documents", "40", "--questions", "3", "--beside", "60")
    for line in (
        "index: ",
        "cold: ",
        "ours: p50",
        "tantivy",
        "PostgreSQL",
        "publication to findable",
        "beside a writer of 60",
        "memory",
    ):
        assert line in printed


def test_measures() -> None:
    figures = measured([(["a", "b"], {"b": 1}), ([], {"a": 1}), (["a"], {"a": 2, "c": 1})])
    assert str(figures) == "n=3 ndcg@10=0.486 recall@100=0.500 mrr=0.500 zero=0.333"


def test_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROUNDS": "1", "REQUESTS": "8", "DOCUMENTS": "20", "CONSULTS": "20"}.items():
        monkeypatch.setenv(f"FLOOR_{name}", value)
    printed = run("floor")
    for page in ("floor", "document", "search", "queue", "consult", "ask", "home"):
        assert f"page {page}: ratio to the floor " in printed
