"""Parts of an SVG picture (w3.org/TR/SVG11) that needs nothing else: no script, no font, no other file.

It has colours for light and for dark surroundings, as the viewer prefers. Text is set in a font of fixed width, so that
what fits is known without one at hand.
"""

from __future__ import annotations

from git_okstra.core import names

CHARACTER = 7.3
"""The width of a column of text, in pixels."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

_STYLE = """\
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px;fill:#1f2328}
.page{fill:#fff}
.strong{font-weight:bold}
.weak{fill:#59636e}
.line{fill:none;stroke:#818b98;stroke-width:1.5}
.faint{stroke:#d1d9e0;stroke-width:1}
"""
_DARK = """\
text{fill:#e6edf3}
.page{fill:#0d1117}
.weak{fill:#9198a1}
.line{stroke:#7d8590}
.faint{stroke:#30363d}
"""


def escaped(text: str) -> str:
    """`text` as the content of an element or attribute, whatever it holds: XML has no place for control characters."""
    return names.printable(text).translate(_ENTITIES)


def text(x: float, y: float, content: str, style: str = "", anchor: str = "") -> str:
    """A line of text that begins (or with `anchor` ends, or has its middle) at `x`; `y` is its base line."""
    kind = f' class="{style}"' if style else ""
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{number(x)}" y="{number(y)}"{kind}{where}>{escaped(content)}</text>'


def number(value: float) -> str:
    """A length or a coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def document(width: float, height: float, title: str, body: list[str], light: str = "", dark: str = "") -> str:
    """The whole picture; `light` and `dark` are rules of style beyond those that every picture has.

    No line break at the end.
    """
    size = f'width="{number(width)}" height="{number(height)}"'
    box = f'viewBox="0 0 {number(width)} {number(height)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img">',
            f"<title>{escaped(title)}</title>",
            f"<style>\n{_STYLE}{light}@media (prefers-color-scheme:dark){{\n{_DARK}{dark}}}\n</style>",
            f'<rect class="page" {size}/>',
            *body,
            "</svg>",
        ]
    )
