"""Markdown (CommonMark, with tables and strikethrough) to HTML that is safe in anybody's page.

There are two nets. The parser knows no raw HTML and makes links only of schemes that lead
somewhere; then whatever is not on the lists below is taken out of its HTML, whoever let it in.
Pictures become links to them: a page that loads pictures from anywhere tells them who reads it.
"""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from api.problems import ProblemError

SCHEMES = {"http", "https", "mailto"}
TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"),
    *("a", "em", "strong", "s", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},  # the language of a block
    "ol": {"start"},
    "th": {"style"},  # the alignment of a column
    "td": {"style"},
}
STYLES = {"text-align"}
REL = "nofollow noopener noreferrer"

VERSION = 1
"""Of what comes out: to be raised with each change of it, so that what is kept is rendered anew."""
MAX_NESTING = 20
"""Of blocks, and of what is inside a line. The parser's time grows with it."""
MAX_ADDRESSES = 2**18
"""Characters in the addresses of all links of a text. An address may be long, defined once, and
used by three characters each time."""
QUEUE = 16
"""Texts that may wait to be rendered."""
MAX_EXCERPT = 280
"""Characters."""
EXCERPTS = 1000
"""That are remembered."""

_SCHEME = re.compile(r"\s*([^/?#]*?):")
_MARKS = re.compile(
    r"""
    ^[ ]{0,3}(?:[>]|[#]{1,6}|[-*+]|\d{1,9}[.)])[ \t]+ # what begins quotes, headings, items
    | ^[ ]{0,3}(?:```+|~~~+).*$                       # fences of code
    | ^[ ]{0,3}(?:[-*_=][ \t]*){2,}$                  # rules and underlines
    | !?\[(?P<text>[^\[\]]*)\]\([^()]*\)?             # links and pictures: their text stays
    | \*+ | ~~ | `+ | (?<!\w)_++(?=\w) | (?<=[^\W_])_++(?!\w)
    | \\(?P<escaped>[!-/:-@\[-`{-~])
    """,
    re.MULTILINE | re.VERBOSE,
)


def to_html(markdown: str) -> str:
    """Takes some 2 µs per character, and for what was written to be slow up to ten times that."""
    return nh3.clean(
        _parser.render(markdown),
        tags=TAGS,
        attributes=ATTRIBUTES,
        filter_style_properties=STYLES,
        url_schemes=SCHEMES,
        link_rel=REL,
    )


@lru_cache(EXCERPTS)
def excerpt(markdown: str) -> str:
    """Plain text, without the marks, of the beginning of a text. Give it no more than that.

    It is cheap because it is rough: rare kinds of marks stay. And lists show the same again and
    again.
    """
    plain = " ".join(_MARKS.sub(_without_mark, markdown).split())
    if len(plain) <= MAX_EXCERPT:
        return plain
    whole_words, _, _ = plain[:MAX_EXCERPT].rpartition(" ")
    return f"{whole_words or plain[: MAX_EXCERPT - 1]}…"


def _without_mark(found: re.Match[str]) -> str:
    return found["text"] or found["escaped"] or ""


class Renderer:
    """Renders off the event loop, one text at a time. Close it when done."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="markdown")
        self._pending = 0

    async def render(self, markdown: str) -> str:
        """Raises ProblemError 503 when too much is waiting."""
        if self._pending > QUEUE:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many texts are being rendered. Try again in a moment.",
                headers={"Retry-After": "5"},
            )
        self._pending += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, _undisturbed, markdown)
        finally:
            self._pending -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _undisturbed(markdown: str) -> str:
    """Meanwhile nobody looks for garbage: that would go through all of the text's tokens again and
    again, during which the event loop stands still."""
    gc.disable()
    try:
        return to_html(markdown)
    finally:
        gc.enable()


def _leads_somewhere(url: str) -> bool:
    scheme = _SCHEME.match(url)
    return scheme is None or scheme[1].lower() in SCHEMES


def _finish(state: StateCore) -> None:
    """A rule of the parser, after all others."""
    room = MAX_ADDRESSES
    for token in state.tokens:
        children = list(_with_pictures_linked(token.children or ()))
        room -= sum(len(str(value)) for child in children for value in child.attrs.values())
        if room < 0:
            children = [child for child in children if not _is_link(child)]
        token.children = children


def _with_pictures_linked(tokens: Iterable[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        if _is_link(token):
            depth += token.nesting
        if token.type != "image":
            yield token
        elif depth:  # a link in a link there cannot be
            yield _alternative(token)
        else:
            yield Token("link_open", "a", 1, attrs={"href": token.attrs["src"]})
            yield _alternative(token)
            yield Token("link_close", "a", -1)


def _is_link(token: Token) -> bool:
    return token.type in ("link_open", "link_close")


def _alternative(picture: Token) -> Token:
    """The text that stands for it."""
    text = _alternatives.renderInlineAsText(picture.children, _parser.options, {})
    return Token("text", "", 0, content=text or str(picture.attrs["src"]))


def _new_parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "maxNesting": MAX_NESTING})
    parser.validateLink = _leads_somewhere  # type: ignore[method-assign]
    parser.core.ruler.push("finish", _finish)
    return parser


_alternatives = RendererHTML()
_parser = _new_parser()
