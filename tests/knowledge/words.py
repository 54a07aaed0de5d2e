"""A small Word file for tests, made of its parts."""

import io
import zipfile
from collections.abc import Mapping

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"""
_STYLES = f"""<?xml version="1.0"?><w:styles {_W}>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style></w:styles>"""
_NUMBERS = f"""<?xml version="1.0"?><w:numbering {_W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">
<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
_DOCUMENT_RELATIONS = """<?xml version="1.0"?><Relationships
 xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="styles.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/>
<Relationship Id="rId2" Target="numbering.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"/></Relationships>"""


def _paragraph(text: str, *, style: str = "", listed: bool = False) -> str:
    numbers = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' if listed else ""
    look = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(
        f'<w:r>{"<w:rPr><w:b/></w:rPr>" if place % 2 else ""}<w:t xml:space="preserve">{part}</w:t></w:r>'
        for place, part in enumerate(text.split("*"))
    )
    return f"<w:p><w:pPr>{look}{numbers}</w:pPr>{runs}</w:p>"


def _cells(*texts: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{_paragraph(text)}</w:tc>' for text in texts)}</w:tr>"


DOCUMENT = (
    f"<w:document {_W}><w:body>"
    + _paragraph("Oxygen for adults", style="Title")
    + _paragraph("When", style="Heading2")
    + _paragraph("Give oxygen *early* when needed.")
    + _paragraph("Nasal cannula", listed=True)
    + _paragraph("Venturi mask", listed=True)
    + f"<w:tbl>{_cells('Device', 'Flow')}{_cells('Mask', '15 L/min')}</w:tbl>"
    + "</w:body></w:document>"
)


def docx(*, title: str = "", parts: Mapping[str, str] | None = None) -> bytes:
    """The file, with a title among its properties, and with these parts in place of or besides its own."""
    core = (
        '<?xml version="1.0"?><c:coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties">'
    )
    all_parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": DOCUMENT,
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _NUMBERS,
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        "docProps/core.xml": f"{core}<dc:title>{title}</dc:title></c:coreProperties>",
    } | dict(parts or {})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in all_parts.items():
            archive.writestr(name, content)
    return file.getvalue()
