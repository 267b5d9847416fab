"""Whatever people write, what comes out is safe, and comes out in time."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api import markdown
from api.markdown import ATTRIBUTES, MAX_EXCERPT, QUEUE, REL, TAGS, Renderer, excerpt, to_html
from api.models.blogs import MAX_CONTENT
from api.problems import ProblemError

MAX_GROWTH = 2.3
"""Of the work, when a text is twice as long."""

SCRIPTS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "<img src=x onerror=alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<svg><animate xlink:href=#a attributeName=href values=javascript:alert(1) /></svg>",
    '<math><mtext><table><mglyph><style><img src="</style><img src=x onerror=alert(1)>">',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<a href="javascript:alert(1)">a</a>',
    '<a href=" &#1; java\tscript:alert(1)">a</a>',
    '<p style="background:url(javascript:alert(1))">a</p>',
    '<td style="position:fixed;text-align:center">a</td>',
    "<style>@import 'http://evil.example/x.css';</style>",
    "<form action=/auth/login><input name=password><button formaction=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object>",
    "<details open ontoggle=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?>",
    "<p id=getElementById class=fixed name=body>clobbered</p>",
    "<b/onmouseover=alert(1)//<",
)
LINKS = (
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java&#115;cript:alert(1))",
    "[a](java&#10;script:alert(1))",
    "[a](&#x01;javascript:alert(1))",
    "[a](<java\tscript:alert(1)>)",
    "[a](javascript&colon;alert(1))",
    "[a](vbscript:msgbox)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    "![a](javascript:alert(1))",
    "[a](file:///etc/passwd)",
    "[a](blob:https://example.org/1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[a][x]\n\n[x]: javascript:alert(1)\n",
    '[a](/x "onmouseover=alert(1) \\"><script>alert(1)</script>")',
    '[a](/x"onmouseover=alert(1))',
    "![\"onerror=alert(1)](/x '<img src=x onerror=alert(1)>')",
    '```" onload=alert(1)><script>\nx\n```\n',
    "| a |\n|:-:|\n| <script>alert(1)</script> |\n",
)
MARKS = (
    *("*", "**", "_", "~~", "`", "```\n", "# ", "> ", "- ", "1. ", "\n", "\n\n", "    ", "---\n"),
    *("[", "]", "(", ")", "![", "](", "<", ">", '"', "'", "\\", "&", "&#x3c;", "&lt;", ";", ":"),
    *("|", "|-|\n", "| a | b |\n|:-|-:|\n", "a", " ", "http://a.b", "mailto:a@b.c", "/", "é", "\0"),
)
TEXTS = st.lists(
    st.sampled_from(MARKS) | st.sampled_from(LINKS) | st.sampled_from(SCRIPTS) | st.text(max_size=3)
).map("".join)


class Inspector(HTMLParser):
    """Fails on anything that is not allowed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        allowed = ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        assert {name for name, _ in attrs} <= allowed
        if tag == "a":
            assert ("rel", REL) in attrs
        for name, value in attrs:
            getattr(self, f"_check_{name}", str)(value or "")

    def _check_href(self, url: str) -> None:
        """As browsers read it: without what is invisible."""
        visible = re.sub(r"[\t\r\n]", "", url).lstrip("".join(map(chr, range(0x21))))
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", visible, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in ("http", "https", "mailto")

    def _check_style(self, style: str) -> None:
        assert style in ("text-align:left", "text-align:center", "text-align:right", "")

    def _check_start(self, number: str) -> None:
        assert re.fullmatch(r"\d*", number)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_comment


def inspect(html: str) -> None:
    Inspector().feed(html)


@pytest.mark.parametrize("text", [*SCRIPTS, *LINKS])
def test_known_attacks_fail(text: str) -> None:
    inspect(to_html(text))
    assert "alert(1)</script>" not in to_html(text)


@settings(max_examples=300)
@given(TEXTS)
@example("``` a&#32;b\n```")
def test_whatever_is_written_is_safe(text: str) -> None:
    inspect(to_html(text))


class Blind:
    """A parser that lets everything through."""

    def render(self, text: str) -> str:
        return text


@pytest.mark.parametrize("html", SCRIPTS)
def test_the_second_net_holds_alone(html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_parser", Blind())
    inspect(to_html(html))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Tea", "<h1>Tea</h1>\n"),
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>\n"),
        ("`<a>`", "<p><code>&lt;a&gt;</code></p>\n"),
        ("<b>a</b> & b", "<p>&lt;b&gt;a&lt;/b&gt; &amp; b</p>\n"),
        ("[a](/b?c&d 'e')", f'<p><a href="/b?c&amp;d" title="e" rel="{REL}">a</a></p>\n'),
        ("[a](/m/b#c:d)", f'<p><a href="/m/b#c:d" rel="{REL}">a</a></p>\n'),
        ("<mailto:a@b.c>", f'<p><a href="mailto:a@b.c" rel="{REL}">mailto:a@b.c</a></p>\n'),
        ("[a](tel:1)", "<p>[a](tel:1)</p>\n"),
        ("![a *b*](/c.png)", f'<p><a href="/c.png" rel="{REL}">a b</a></p>\n'),
        ("![](http://c/d)", f'<p><a href="http://c/d" rel="{REL}">http://c/d</a></p>\n'),
        ("[![a](/b)](/c)", f'<p><a href="/c" rel="{REL}">a</a></p>\n'),
        ("```py x\na<b\n```", '<pre><code class="language-py">a&lt;b\n</code></pre>\n'),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>\n"),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert to_html(text) == html


def test_columns_have_their_alignment() -> None:
    html = to_html("| a | b |\n|--:|---|\n| 1 | 2 |")
    assert '<th style="text-align:right">a</th>\n<th>b</th>' in html
    assert '<td style="text-align:right">1</td>\n<td>2</td>' in html


SLOW: dict[str, Callable[[int], str]] = {
    "open brackets": lambda size: "[" * size,
    "open pictures": lambda size: "![" * (size // 2),
    "nested brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "nested links": lambda size: "[" * (size // 5) + "a" + "](b)" * (size // 5),
    "nested pictures": lambda size: "![" * (size // 6) + "a" + "](b)" * (size // 6),
    "brackets in lines": lambda size: "[a\n" * (size // 3),
    "open addresses": lambda size: "[a](<b" * (size // 6),
    "open titles": lambda size: '[a](b "' * (size // 7),
    "emphasis": lambda size: "a**b_c* " * (size // 8),
    "nested emphasis": lambda size: "*a **b " * (size // 14) + "c" + "** *" * (size // 14),
    "strikethrough": lambda size: "~~a" * (size // 3),
    "code": lambda size: "".join("`" * n + "a" for n in range(int((2 * size) ** 0.5))),
    "quotes": lambda size: ">" * size,
    "a lazy quote": lambda size: ">" * 30 + "a\n" * (size // 2),
    "nested lists": lambda size: "".join("  " * n + "- a\n" for n in range(int(size**0.5))),
    "lists": lambda size: "- a\n1. b\n" * (size // 9),
    "definitions": lambda size: '[a]: b "\n' * (size // 9),
    "comments": lambda size: "<!--" * (size // 4),
    "backslashes": lambda size: "\\" * size,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_the_work_grows_with_the_length_and_no_faster(text: Callable[[int], str]) -> None:
    short, long = text(2000), text(4000)
    assert calls(long) < MAX_GROWTH * calls(short)


def calls(text: str) -> int:
    """How many functions are called to render it."""
    count = 0

    def counting(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(counting)
    try:
        to_html(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "text",
    [
        "[a]: /" + "b" * (MAX_CONTENT // 2) + "\n\n" + "[a]" * (MAX_CONTENT // 6),
        "[a]: / '" + "b" * 1000 + "'\n\n" + "[a]\n\n" * (MAX_CONTENT // 6),
        "[a]: /" + "b" * 1000 + "\n\n" + "![a]\n" * (MAX_CONTENT // 6),
        "|" + "a|" * 255 + "\n|" + "-|" * 255 + "\n" + "a\n" * (MAX_CONTENT // 2 - 500),
    ],
    ids=["addresses", "titles", "pictures", "cells"],
)
def test_little_text_does_not_become_much_html(text: str) -> None:
    html = to_html(text)
    assert 1000 < len(html) < 20 * MAX_CONTENT


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# Tea\n\nis *hot* and **strong**.", "Tea is hot and strong."),
        ("- [one](https://a.b/c_d 'e')\n- ![two](/x)\n1. `three`", "one two three"),
        ("> quoted\n\n---\n\n```py\ncode\n```", "quoted code"),
        ("snake_case _emphasis_ 2 \\* 3", "snake_case emphasis 2 * 3"),
        ("__bold__ ___both___ a__b a __ b", "bold both a__b a __ b"),  # a run is looked at once
        ("<b>a</b>", "<b>a</b>"),
        ("", ""),
        ("word " * 100, "word " * 55 + "word…"),
        ("x" * 600, "x" * (MAX_EXCERPT - 1) + "…"),
    ],
)
def test_an_excerpt_is_plain(text: str, plain: str) -> None:
    assert excerpt(text) == plain


@given(TEXTS)
def test_an_excerpt_is_short_and_has_one_line(text: str) -> None:
    assert len(excerpt(text)) <= MAX_EXCERPT
    assert len(excerpt(text).splitlines()) <= 1


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    renderer = Renderer()
    yield renderer
    renderer.close()


class Rendering:
    """Stands in for `to_html`: waits until it may go on."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def __call__(self, text: str) -> str:
        self.may_go_on.wait()
        return f"<p>{text}</p>"


@pytest.fixture
def rendering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rendering]:
    rendering = Rendering()
    monkeypatch.setattr(markdown, "to_html", rendering)
    yield rendering
    rendering.may_go_on.set()


async def test_more_than_a_few_need_not_wait(renderer: Renderer, rendering: Rendering) -> None:
    waiting = [asyncio.create_task(renderer.render(str(number))) for number in range(QUEUE + 1)]
    await asyncio.sleep(0)
    with pytest.raises(ProblemError) as caught:
        await renderer.render("one too many")
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "5"})
    rendering.may_go_on.set()
    assert await asyncio.gather(*waiting) == [f"<p>{number}</p>" for number in range(QUEUE + 1)]
    assert await renderer.render("one too many") == "<p>one too many</p>"


async def test_the_search_for_garbage_goes_on_afterwards(renderer: Renderer) -> None:
    assert await renderer.render("*a*") == "<p><em>a</em></p>\n"
    assert gc.isenabled()
