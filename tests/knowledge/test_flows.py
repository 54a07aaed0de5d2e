"""Decision flows: what can be read, what is refused and why, the text equivalent, the drawing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import drawings, flows
from knowledge.models import FlowDrawing

FLOW = """flowchart TD
    A{"Suspected infection?"}
    B["Cultures & lactate; call"]
    C["Look for another cause"]
    A -->|Yes| B
    A -->|No, or unsure| C
    B --> D["Give fluid"]
    C --> D
"""


def test_steps_say_where_they_lead() -> None:
    told = [
        (step.number, step.text, step.is_question, [(way.answer, way.step) for way in step.ways])
        for step in flows.steps(flows.parse(FLOW))
    ]
    assert told == [
        (1, "Suspected infection?", True, [("Yes", 2), ("No, or unsure", 3)]),
        (2, "Cultures & lactate; call", False, [("", 4)]),
        (3, "Look for another cause", False, [("", 4)]),
        (4, "Give fluid", False, []),
    ]


BAD = [
    ("", "line 1: a flow begins with"),
    ('sequenceDiagram\nA["x"]', "line 1: a flow begins with"),
    ("flowchart TD", "the flow has no steps"),
    ("flowchart TD\nA --> B", "“A” is used but has no text"),
    ('flowchart TD\nA["x"]\nclick A "https://x"', 'line 3: “click A "https://x"” is neither'),
    ('flowchart TD\nA["x"]\nstyle A fill:#f00', "line 3: “style A fill:#f00” is neither"),
    ('flowchart TD\nA["<img src=x>"]', "holds markup"),
    ('flowchart TD\nA["`x`"]', "holds markup"),
    ('flowchart TD\nA["&lt;b"]', "holds markup"),
    ('flowchart TD\nA[""]', "a label is empty"),
    (f'flowchart TD\nA["{"x" * 61}"]', "has 61 characters; at most 60"),
    ('flowchart TD\nA["x"]\nA["y"]', "line 3: “A” has its text already"),
    ('flowchart TD\nA{"q?"} --> B["x"]', "needs two or more edges with answers"),
    ('flowchart TD\nA{"q?"} -->|Yes| B["x"]\nA --> C["y"]', "needs two or more edges with answers"),
    ('flowchart TD\nA["x"] --> B["y"]\nB --> A', "runs in a circle: "),
    ('flowchart TD\nA["x"] --> A', "runs in a circle: "),
]


@pytest.mark.parametrize(("source", "said"), BAD)
def test_what_is_refused_says_why(source: str, said: str) -> None:
    with pytest.raises(flows.FlowError) as caught:
        flows.parse(source)
    assert said in str(caught.value)


@given(st.text(alphabet='AB "[]{}|->\nflowchartTD;&#', max_size=80))
def test_anything_is_a_flow_or_a_flow_error(text: str) -> None:
    try:
        found = flows.parse(f"flowchart TD\n{text}")
    except flows.FlowError:
        return
    assert len(flows.steps(found)) == len(found.nodes)


@pytest.mark.django_db
def test_drawn_once_for_each_ground() -> None:
    light, dark = drawings.drawing(FLOW, "light"), drawings.drawing(FLOW, "dark")
    assert light.startswith("<svg")
    assert "Suspected infection?" in light
    assert "Cultures &amp; lactate; call" in light
    assert "#0b5a75" in light
    assert "#7cc8e2" in dark
    assert "<script" not in light
    assert 'width="100%"' not in light
    assert drawings.drawing(FLOW, "light") == light
    assert FlowDrawing.objects.count() == 2
