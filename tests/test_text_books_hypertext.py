"""HTML: what is read of a page, however broken it is, and what is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.text.books.book import Block
from daemon.text.books.hypertext import page
from daemon.text.books.tokens import End, Start, Text, tokens


def read(source: str, *, images: bool = False) -> list[str]:
    return [f"{block.kind[0]}{block.level or ''}:{block.text}" for block in page(source, images=images).blocks]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<p>a<p>b", ["p:a", "p:b"]),
        ("a<br/>b &amp; c&nbsp;d &#8212; e", ["p:a b & c d — e"]),
        ("<h2 class=x>One <i>two</i></h2><div>three<div>four</div>five</div>", ["h2:One two", "p:three", "p:four", "p:five"]),
        ("<h1></h1><p>a", ["p:a"]),
        ("<ul><li>a<li><p>b</p></ul>c", ["i:a", "i:b", "p:c"]),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td><p>c</p><td>d</table>e", ["r:a, b", "r:c, d", "p:e"]),
        ("a<hr>b<p>* * *</p>c<p>—</p>", ["p:a", "s:", "p:b", "s:", "p:c", "s:"]),
        ("<script>if (a < b) '</p>'</script>a<style>b</style><!-- c --><?php d ?>", ["p:a"]),
        ("<nav>a</nav>b<svg><title>c</title></svg><template>d</template>", ["p:b"]),
        ("a<pre>b\nc</pre><pre><code>d</code></pre><pre class='highlight x'>e</pre>f <code>g</code>", ["p:a", "p:b c", "p:f g"]),
        ('a<a href="#n1">[1]</a><sup><a href="x.html#n">*</a></sup> <a href="#two">two</a>', ["p:a two"]),
        ('a<a href="#n" epub:type="noteref">i</a><aside role="doc-footnote"><p>b</p></aside>c', ["p:a", "p:c"]),
        ('a<div class="footnotes"><div>b</div>c</div>d<span class="pagenum">12</span>', ["p:a", "p:d"]),
        ("a<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>b", ["p:a漢b"]),
        ("<p hidden>a<p>b<div style='Display: none'>c<div>d</div></div>e", ["p:b", "p:e"]),
        ("<header>a</header><main><p>b</main><footer>c</footer>", ["p:b"]),
        ("<main></main>a", ["p:a"]),
        ("1 < 2 and <b>3</b> > 2 <", ["p:1 < 2 and 3 > 2 <"]),
        ("<![foo[ a ]> b <![CDATA[c < d]]>", ["p:b c < d"]),
        ("<a title='>'>b</a><x y=\">\">c", ["p:bc"]),
        ("a</p></div></nav>b", ["p:a", "p:b"]),
        ("<xhtml:p>a</xhtml:p>b", ["p:a", "p:b"]),
    ],
)  # fmt: skip
def test_a_page(source: str, said: list[str]) -> None:
    assert read(source) == said


def test_pictures_where_they_are_wanted() -> None:
    source = '<p>a <img src="data:image/png;base64,AAAA" alt="a cat &amp; hat"> b'
    assert read(source) == ["p:a b"]
    assert read(source, images=True) == ["p:a a cat & hat b"]


def test_what_the_page_says_of_itself() -> None:
    told = page('<html lang="de-AT"><head><title> T &amp;\n U </title><meta name=author content="Me"></head><body>x')
    assert (told.title, told.author, told.language, len(told.blocks)) == ("T & U", "Me", "de-AT", 1)


def test_anchors_stand_at_what_comes_next() -> None:
    blocks = page('<h1 id="a">x</h1><a name="b"></a><p><span id="c">y').blocks
    assert blocks == [Block("x", "heading", 1, ("a",)), Block("y", anchors=("b", "c"))]


def test_what_is_never_closed_is_told() -> None:
    assert page("a\n<nav>b").warnings == ["line 2: <nav> is never closed, and nothing behind it is read"]


def test_tokens() -> None:
    found = list(tokens("<P A=1 b='2' c=\"&lt;\" d>x</P ><br/><title>a<b></title>"))
    assert found[:3] == [Start("p", {"a": "1", "b": "2", "c": "<", "d": ""}), Text("x"), End("p")]
    assert [type(token).__name__ for token in found[3:]] == ["Start", "Start", "Text", "End"]
    assert found[5] == Text("a<b>")


PARTS = st.sampled_from(
    ["<p>", "</p>", "<b", ">", "<", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "<td>", "<tr>", "<table>",
     "</table>", '"', "'", "=", " ", "<a href='#x'>", "</a>", "<nav>", "</nav>", "<li>", "<pre>", "<code>", "<main>",
     "</main>", "<h1>", "</h1>", "<br/>", "&amp;", "&#xD800;", "&#0;", "1", "<?", "<!", "<title>", "<p hidden>",
     "<img alt='x'>", "word"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=30).map("".join))
def test_nothing_breaks_it(source: str) -> None:
    told = page(source, images=True)
    "".join(block.text for block in told.blocks).encode()


@given(st.lists(st.sampled_from(["p", "div", "li", "td", "tr", "h1", "b", "a", "table", "br", "section"]), max_size=40))
def test_every_word_is_there_once(names: list[str]) -> None:
    source = "".join(f"<{name}> w{number}x " for number, name in enumerate(names))
    found = " ".join(block.text.replace(",", " ") for block in page(source).blocks).split()
    assert found == [f"w{number}x" for number in range(len(names))]


@pytest.mark.parametrize(
    "part", ["<", "<a '", "<!--", "<![", "<p>", "<td> ", "<a>x", "<script>", "&", "<a \"'>", "</", "<b/"]
)
def test_much_of_anything_takes_no_time(part: str) -> None:
    began = time.process_time()
    page(part * (300_000 // len(part)) + ">")
    assert time.process_time() - began < 20
