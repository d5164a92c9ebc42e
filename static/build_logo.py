"""Draw the logo: ``python static/build_logo.py /usr/share/fonts/opentype/inter``. An open ring that closes on a point.

The words are outlines of Inter, so that the SVG looks the same without the font. Needs ``fonttools`` and ``pillow``.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

START, END = -40, 268  # degrees of the ring
THEMES = {"light": ("#12151C", "#5A55C9"), "dark": ("#E6E8EE", "#8F8AF0")}


def words(font: TTFont, text: str, size: float, left: float, baseline: float) -> tuple[str, float]:
    """The outlines of a text as an SVG path, and where it ends."""
    glyphs, characters, scale = font.getGlyphSet(), font.getBestCmap(), size / font["head"].unitsPerEm
    paths = []
    for character in text:
        name = characters[ord(character)]
        pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.2f}".rstrip("0").rstrip("."))
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, left, baseline)))
        paths.append(pen.getCommands())
        left += font["hmtx"][name][0] * scale
    return "".join(paths), left


def logo(font: TTFont, ink: str, accent: str) -> str:
    """Ring, point and name as one SVG."""
    path, end = words(font, "Closed Loop", 17, 34, 20)
    radius, width = 8.2, math.ceil(end + 1)
    (x0, y0), (x1, y1) = (
        (14 + radius * math.cos(math.radians(angle)), 14 + radius * math.sin(math.radians(angle))) for angle in (START, END)
    )
    ring = f"M{x0:.2f} {y0:.2f}A{radius} {radius} 0 1 1 {x1:.2f} {y1:.2f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="28" viewBox="0 0 {width} 28" role="img" aria-label="Closed Loop">'
        f'<path d="{ring}" fill="none" stroke="{accent}" stroke-width="3.6" stroke-linecap="round"/>'
        f'<circle cx="14" cy="14" r="2.3" fill="{accent}"/><path d="{path}" fill="{ink}"/></svg>\n'
    )


def icon(size: int = 64, colour: tuple[int, int, int, int] = (0x5A, 0x55, 0xC9, 255)) -> Image.Image:
    """The ring and its point, drawn large and scaled down."""
    side = size * 8
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    width, margin = int(side * 0.145), int(side * 0.12)
    draw.arc([margin, margin, side - margin, side - margin], start=START, end=END, fill=colour, width=width)
    radius = side / 2 - margin - width / 2
    for angle in (START, END):
        x, y = side / 2 + radius * math.cos(math.radians(angle)), side / 2 + radius * math.sin(math.radians(angle))
        draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=colour)
    point = width * 0.62
    draw.ellipse([side / 2 - point, side / 2 - point, side / 2 + point, side / 2 + point], fill=colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    folder = Path(__file__).parent
    inter = TTFont(Path(sys.argv[1]) / "Inter-SemiBold.otf")
    for theme, (ink, accent) in THEMES.items():
        (folder / f"logo-{theme}.svg").write_text(logo(inter, ink, accent), encoding="utf-8")
    icon().save(folder / "icon.png", optimize=True)
