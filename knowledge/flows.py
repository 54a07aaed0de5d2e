"""Decision flows: the restricted Mermaid subset they are written in, and the same flow told as numbered steps.

One statement a line: a step ``ID["text"]``, a question ``ID{"text"}``, or an edge ``ID --> ID`` or
``ID -->|answer| ID`` whose ends may declare their node inline. A question has two or more answers; nothing leads back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

LABEL_LIMIT = 60
BLOCK = re.compile(r"^```mermaid[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_NODE = r"([A-Za-z][A-Za-z0-9_]*)(?:\[\"([^\"]*)\"\]|\{\"([^\"]*)\"\})?"
_STATEMENT = re.compile(rf"{_NODE}(?:\s*-->\s*(?:\|([^|]*)\|\s*)?{_NODE})?;?")
_HEADER = re.compile(r"(?:flowchart|graph)\s+(?:TD|TB|LR)")
_MARKUP = re.compile(r"[<>\"`\\#{}\[\]|]|&\w+;|^\d+[.)] |^[-*+] ")


class FlowError(ValueError):
    """The flow cannot be read; ``str()`` names the line and says what to do."""


@dataclass(frozen=True)
class Node:
    key: str
    text: str
    is_question: bool


@dataclass(frozen=True)
class Edge:
    start: str
    end: str
    label: str


@dataclass(frozen=True)
class Flow:
    """Nodes in reading order, from the start down."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def after(self, key: str) -> list[Edge]:
        """The edges that leave a node, in the order written."""
        return [edge for edge in self.edges if edge.start == key]


@dataclass(frozen=True)
class Way:
    """Where a step leads: the answer that leads there (empty when there is none to give) and the step's number."""

    answer: str
    step: int


@dataclass(frozen=True)
class Step:
    """One numbered step of a flow told as text."""

    number: int
    text: str
    is_question: bool
    ways: tuple[Way, ...]


@dataclass
class _Draft:
    nodes: dict[str, Node | None] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)


def sources(markdown: str) -> list[str]:
    """The flows written in a document, in order, as Mermaid source."""
    return BLOCK.findall(markdown)


def parse(source: str) -> Flow:
    """Read one flow. Raises FlowError."""
    lines = [(number, line.strip()) for number, line in enumerate(source.splitlines(), 1) if line.strip()]
    if not lines or not _HEADER.fullmatch(lines[0][1]):
        raise FlowError("line 1: a flow begins with “flowchart TD”.")
    draft = _Draft()
    for number, line in lines[1:]:
        _read(draft, number, line)
    nodes = {}
    for key, node in draft.nodes.items():
        if node is None:
            raise FlowError(f'“{key}” is used but has no text: write {key}["…"] or {key}{{"…"}} once.')
        nodes[key] = node
    return _checked(nodes, tuple(draft.edges))


def steps(flow: Flow) -> list[Step]:
    """The flow as numbered steps, each saying where it leads."""
    numbers = {node.key: number for number, node in enumerate(flow.nodes, 1)}
    return [
        Step(
            number=numbers[node.key],
            text=node.text,
            is_question=node.is_question,
            ways=tuple(Way(edge.label, numbers[edge.end]) for edge in flow.after(node.key)),
        )
        for node in flow.nodes
    ]


def _read(draft: _Draft, number: int, line: str) -> None:
    found = _STATEMENT.fullmatch(line)
    if not found:
        raise FlowError(f'line {number}: “{line}” is neither a node ID["text"] or ID{{"text"}} nor an edge ID --> ID.')
    start, step, question, label, end, end_step, end_question = found.groups()
    _declare(draft, number, start, step, question)
    if end:
        _declare(draft, number, end, end_step, end_question)
        draft.edges.append(Edge(start, end, _label(number, label or "", required=label is not None)))


def _declare(draft: _Draft, number: int, key: str, step: str | None, question: str | None) -> None:
    text = step if step is not None else question
    if text is None:
        draft.nodes.setdefault(key, None)
        return
    if draft.nodes.get(key):
        raise FlowError(f"line {number}: “{key}” has its text already; give each node its text once.")
    draft.nodes[key] = Node(key, _label(number, text), is_question=question is not None)


def _label(number: int, text: str, *, required: bool = True) -> str:
    text = " ".join(text.split())
    if required and not text:
        raise FlowError(f"line {number}: a label is empty; write a few words.")
    if len(text) > LABEL_LIMIT:
        raise FlowError(f"line {number}: “{text}” has {len(text)} characters; at most {LABEL_LIMIT}.")
    if _MARKUP.search(text):
        raise FlowError(f"line {number}: “{text}” holds markup; use plain words (“below”, “at least”).")
    return text


def _checked(nodes: dict[str, Node], edges: tuple[Edge, ...]) -> Flow:
    if not nodes:
        raise FlowError("the flow has no steps.")
    for node in nodes.values():
        answers = [edge.label for edge in edges if edge.start == node.key]
        if node.is_question and (len(answers) < 2 or not all(answers)):
            raise FlowError(f"the question “{node.text}” needs two or more edges with answers: {node.key} -->|Yes| …")
    return Flow(tuple(nodes[key] for key in _reading_order(nodes, edges)), edges)


def _reading_order(nodes: dict[str, Node], edges: tuple[Edge, ...]) -> Iterator[str]:
    """Every node after all that lead to it and otherwise as written. Raises FlowError on a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter({key: [] for key in nodes})
    for edge in edges:
        sorter.add(edge.end, edge.start)
    written = {key: place for place, key in enumerate(nodes)}
    try:
        sorter.prepare()
    except CycleError as error:
        raise FlowError(f"the flow runs in a circle: {' → '.join(reversed(error.args[1]))}.") from None
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted({*ready, *sorter.get_ready()}, key=written.__getitem__)
        first = ready.pop(0)
        sorter.done(first)
        yield first
