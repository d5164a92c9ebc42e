"""Make the three bundled font files from Inter (OFL 1.1): ``python static/build_fonts.py /usr/share/fonts/opentype/inter``.

The digits are replaced by Inter's own tabular ones, because figures in cards, charts and tables must line up and neither
Streamlit nor Plotly can switch on an OpenType feature. Latin, Greek and the signs the screens use stay, the rest is cut.
The family is renamed, as the licence asks of changed versions. Needs ``fonttools`` and ``brotli``; run only to update Inter.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

WEIGHTS = {400: "Inter-Regular.otf", 500: "Inter-Medium.otf", 600: "Inter-SemiBold.otf"}
UNICODES = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # Latin-1 and Latin Extended-A: names of people and companies
    *range(0x391, 0x3CA),  # Greek
    *(0x2009, 0x202F, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x201E, 0x2022, 0x2026, 0x2032, 0x2033),
    *(0x20AC, 0x20B9, 0x20BD, 0x2116, 0x2190, 0x2191, 0x2192, 0x2193, 0x2197, 0x2198, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
    *(0x00D7, 0x25CB, 0x25CF, 0x25A1, 0x25C7, 0x2713, 0x2717),
]


def tabular_glyphs(font: TTFont) -> dict[str, str]:
    """Return what the font's own ``tnum`` feature puts in place of each glyph."""
    table = font["GSUB"].table
    figures: dict[str, str] = {}
    for feature in table.FeatureList.FeatureRecord:
        if feature.FeatureTag == "tnum":
            for index in feature.Feature.LookupListIndex:
                for lookup in table.LookupList.Lookup[index].SubTable:
                    lookup = getattr(lookup, "ExtSubTable", lookup)
                    figures.update(getattr(lookup, "mapping", {}))
    return figures


def tabular(source: Path, target: Path) -> None:
    """Write one weight: tabular digits as default, subset, renamed, woff2."""
    font = TTFont(source)
    figures = tabular_glyphs(font)
    for table in font["cmap"].tables:
        for code in range(0x30, 0x3A):
            name = table.cmap.get(code)
            if name in figures:
                table.cmap[code] = figures[name]
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = str(record.toUnicode()).replace("Inter", "InterTabular" if record.nameID == 6 else "Inter Tabular")
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "ccmp", "locl", "mark", "mkmk", "calt"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.hinting = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=UNICODES)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for weight, name in WEIGHTS.items():
        target = Path(__file__).parent / f"inter-tabular-{weight}.woff2"
        tabular(folder / name, target)
        print(target.name, target.stat().st_size)
