"""Pasting: what Word, Google Docs and web pages put on the clipboard becomes the Markdown an editor would type."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.pasting import markdown_from_html
from knowledge.rendering import render
from knowledge.word import NotReadable, read_word
from tests.knowledge.words import DOCUMENT, docx

WORD = r"""<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><link rel=File-List href="file:///C:/clip_filelist.xml">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- /* Font Definitions */ @font-face {font-family:Wingdings;} p.MsoNormal {margin:0cm;} --></style></head>
<body lang=EN-US style='tab-interval:36.0pt'><!--StartFragment-->
<h1>Oxygen in <b>adults</b><o:p></o:p></h1>
<p class=MsoNormal>Give oxygen when SpO<sub>2</sub> is below <b>92&nbsp;%</b> &lt;target&gt;
<i style='mso-bidi-font-style:normal'>unless</i> the patient retains CO<sub>2</sub>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>Nasal cannula<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><!--[if !supportLists]--><span
style='mso-list:Ignore'>o<span>&nbsp; </span></span><!--[endif]-->1 to 4 L/min<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp;</span>
</span>Venturi mask<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>1.<span>&nbsp;</span></span>First</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>2.<span>&nbsp;</span></span>Second</p>
<table class=MsoTableGrid border=1><tr><td width=100><p class=MsoNormal><b>Device<o:p></o:p></b></p></td>
<td><p class=MsoNormal><b>Flow</b></p></td></tr>
<tr><td><p class=MsoNormal>Mask</p><p>with bag</p></td><td><p class=MsoNormal>10 | 15 L/min</p></td></tr></table>
<p class=MsoNormal>See <a href="https://example.org/a(b)">the paper</a> and <a href="file:///C:/x.doc">mine</a>
<a href="javascript:alert(1)">too</a>.<img src="file:///C:/a.png"></p><script>alert(1)</script>
<!--EndFragment--></body></html>"""
FROM_WORD = """# Oxygen in adults

Give oxygen when SpO₂ is below **92 %** <target> *unless* the patient retains CO₂.

- Nasal cannula
  - 1 to 4 L/min
- Venturi mask

1. First
2. Second

| Device | Flow |
| --- | --- |
| Mask with bag | 10 ∣ 15 L/min |

See [the paper](https://example.org/a%28b%29) and mine too."""
GOOGLE = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-8f1"><h2 dir="ltr"><span
style="font-size:16pt;font-weight:700;">Fluids</span></h2><p dir="ltr" style="line-height:1.38;"><span
style="font-weight:400;">Give </span><span style="font-weight:700;">30 mL/kg</span><span> of </span><span
style="font-style:italic;font-weight:700">balanced</span><span style="font-weight:400;"> crystalloid.</span></p>
<ul style="margin-top:0;"><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span>One</span></p></li><ul>
<li dir="ltr" aria-level="2"><p role="presentation"><span>Inner</span></p></li>
</ul><li><p><span>Two</span></p></li></ul>
<br /><div dir="ltr"><table><colgroup><col /></colgroup><tbody><tr><td><p><span>Drug</span></p></td><td><p>
<span>Dose</span></p></td></tr><tr><td><p><span>A</span></p></td><td><ul><li>5 mg</li>
<li>10 mg</li></ul></td></tr></tbody></table></div>
<p><a href="https://www.google.com/url?q=https://doi.org/10.1/x&amp;sa=D"><span>DOI</span></a></p></b>"""
FROM_GOOGLE = """## Fluids

Give **30 mL/kg** of ***balanced*** crystalloid.

- One
  - Inner
- Two

| Drug | Dose |
| --- | --- |
| A | 5 mg; 10 mg |

[DOI](https://doi.org/10.1/x)"""
PAGE = """<div class="post"><style>.x{color:red}</style><h3>When to <span>stop</span></h3><p>At 10<sup>9</sup>/L or
<strong>less</strong>.<br>See <em>above</em>.</p><ol><li>First<ul><li>inner</li></ul></li><li>Second</li></ol>
<blockquote><p>Quoted</p></blockquote><svg onload=alert(1)></svg><iframe src="https://x"></iframe></div>"""
FROM_PAGE = """### When to stop

At 10⁹/L or **less**.
See *above*.

1. First
   - inner
2. Second

> Quoted"""


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (WORD, FROM_WORD),
        (GOOGLE, FROM_GOOGLE),
        (PAGE, FROM_PAGE),
        ("plain text", "plain text"),
        ("<p>a*b_c</p>", r"a\*b\_c"),
        ("", ""),
        ("<p>zero\u200bwidth\u00a0space</p>", "zerowidth space"),
    ],
    ids=["word", "google docs", "web page", "plain", "marks", "empty", "invisible"],
)
def test_what_is_pasted_becomes_markdown(html: str, markdown: str) -> None:
    assert markdown_from_html(html).replace("  \n", "\n") == markdown


def test_what_nests_without_end_keeps_its_words() -> None:
    assert "words" in markdown_from_html("<blockquote>" * 5000 + "words")


@given(st.text(max_size=200))
def test_anything_can_be_pasted_and_shown(html: str) -> None:
    assert "<script" not in render(markdown_from_html(html)).html


def test_a_word_file_becomes_its_title_and_text(tmp_path: Path) -> None:
    found = read_word(io.BytesIO(docx(title="Oxygen in adults")))
    assert found.title == "Oxygen in adults"
    assert found.body.startswith("# Oxygen for adults\n\n## When\n\nGive oxygen **early** when needed.")
    assert "| Device | Flow |" in found.body
    assert "- Nasal cannula" in found.body
    untitled = read_word(io.BytesIO(docx()))
    assert untitled.title == "Oxygen for adults"
    assert untitled.body.startswith("## When")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nothing", "no Word document"),
        (b"PK\x03\x04broken", "no Word document"),
        (docx(parts={"word/document.xml": DOCUMENT[:80]}), "cannot be read"),
        (docx(parts={"word/document.xml": f'<!DOCTYPE a [<!ENTITY x "y">]>{DOCUMENT}'}), "entities"),
        (docx(parts={f"word/x{number}": "" for number in range(2001)}), "unpacks"),
        (docx(parts={"word/media/a.bin": "0" * (81 * 1024 * 1024)}), "unpacks"),
        (docx(parts={"word/x.xml": "0" * (21 * 1024 * 1024)}), "more text"),
    ],
    ids=["no zip", "broken zip", "broken xml", "entities", "parts", "bomb", "long part"],
)
def test_a_bad_word_file_is_named_in_words(content: bytes, words: str) -> None:
    with pytest.raises(NotReadable, match=words):
        read_word(io.BytesIO(content))


def test_a_zip_without_a_document_is_none() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("a.txt", "a")
    with pytest.raises(NotReadable, match="no Word document"):
        read_word(file)
