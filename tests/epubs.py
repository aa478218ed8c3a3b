"""EPUBs out of their parts, the same bytes for the same parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
XHTML = "application/xhtml+xml"
NCX = "application/x-dtbncx+xml"


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files, its type first as EPUB wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(zipfile.ZipInfo("mimetype", (1980, 1, 1, 0, 0, 0)), "application/epub+zip")
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def opf(items: str, spine: str, facts: str = "", attributes: str = "") -> str:
    """The package document."""
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return (
        f'<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" {dc} version="3.0">'
        f"<metadata>{facts}</metadata><manifest>{items}</manifest><spine {attributes}>{spine}</spine></package>"
    )


def item(name: str, href: str, media: str = XHTML, properties: str = "") -> str:
    """A line of the manifest."""
    return f'<item id="{name}" href="{href}" media-type="{media}" properties="{properties}"/>'


def ref(name: str, more: str = "") -> str:
    """A line of the spine."""
    return f'<itemref idref="{name}" {more}/>'


def xhtml(body: str) -> str:
    """A document of EPUB 2, with its document type and an entity of HTML."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" '
        '"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>t</title></head><body>{body}</body></html>'
    )


def nav(lines: str) -> str:
    """The navigation document of EPUB 3."""
    return xhtml(
        f'<nav epub:type="toc"><ol>{lines}</ol></nav><nav epub:type="landmarks"><ol><li><a href="x">x</a></li></ol></nav>'
    )


def ncx(points: str) -> str:
    """The one of EPUB 2."""
    return (
        '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
        f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><navMap>{points}</navMap></ncx>'
    )


def point(title: str, src: str, inner: str = "") -> str:
    """A line of the NCX."""
    return f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{src}"/>{inner}</navPoint>'


def book(files: Mapping[str, str | bytes], items: str, spine: str, facts: str = "", attributes: str = "") -> bytes:
    """A whole one, its package made of these."""
    return packed(
        {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf(items, spine, facts, attributes), **files}
    )


FACTS = "<dc:title>The Pool</dc:title><dc:creator>L. Carroll</dc:creator><dc:language>en</dc:language>"


def third() -> bytes:
    """An EPUB 3: a cover that is not linear, two chapters in three documents, a note."""
    files = {
        "OEBPS/text/cover.xhtml": xhtml("<p>Nobody hears the cover.</p>"),
        "OEBPS/text/one.xhtml": xhtml(
            '<h2>One</h2><p>She fell&nbsp;down.<a epub:type="noteref" href="#n">1</a></p>'
            '<aside epub:type="footnote" id="n"><p>A note.</p></aside>'
        ),
        "OEBPS/text/one%20b.xhtml": xhtml("<p>And down.</p>"),
        "OEBPS/text/two.xhtml": xhtml("<h2>Two</h2><p>She <i>wept</i>.</p>"),
        "OEBPS/nav.xhtml": nav(
            '<li><a href="text/one.xhtml">Chapter <b>One</b></a></li><li><a href="text/two.xhtml">Chapter Two</a></li>'
        ),
    }
    files["OEBPS/text/one b.xhtml"] = files.pop("OEBPS/text/one%20b.xhtml")
    items = "".join([
        item("cover", "text/cover.xhtml"), item("one", "text/one.xhtml"), item("oneb", "text/one%20b.xhtml"),
        item("two", "text/two.xhtml"), item("nav", "nav.xhtml", properties="nav"),
    ])  # fmt: skip
    spine = ref("cover", 'linear="no"') + ref("nav") + ref("one") + ref("oneb") + ref("two")
    return book(files, items, spine, FACTS)


def second() -> bytes:
    """An EPUB 2: one document, its chapters at anchors that the NCX names."""
    files = {
        "OEBPS/all.html": xhtml('<p>Before.</p><h1 id="a">I</h1><p>First.</p><h1 id="b">II</h1><p>Last.</p>'),
        "OEBPS/toc.ncx": ncx(
            point("The first", "all.html#a", point("inner", "all.html#a2")) + point("The last", "all.html#b")
        ),
    }
    items = item("all", "all.html") + item("ncx", "toc.ncx", NCX)
    return book(files, items, ref("all"), FACTS, 'toc="ncx"')
