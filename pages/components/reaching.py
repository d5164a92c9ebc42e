"""Wide pictures by keyboard: what is wider than its card scrolls inside it, so it takes the focus, and the arrow keys move it."""

from __future__ import annotations

import streamlit as st

_REACH = st.components.v2.component(
    "wide_pictures",
    html="<span></span>",
    js="""
// Streamlit's grids scroll sideways where they do not fit. The ones that do not are named after their card; the others are left alone.
const SCROLLERS = '[data-testid="stMain"] [data-testid="stGrid"]';
function name(grid) {
  const isWide = grid.scrollWidth > grid.clientWidth + 4 && getComputedStyle(grid).overflowX !== "visible";
  if (!isWide) {
    for (const word of ["tabindex", "role", "aria-label"]) grid.removeAttribute(word);
    return;
  }
  const head = grid.closest('[class*="st-key-card_"]')?.querySelector("strong")?.textContent ?? "Picture";
  grid.tabIndex = 0;
  grid.setAttribute("role", "region");
  grid.setAttribute("aria-label", `${head}, wider than the screen: scroll with the arrow keys`);
}
export default function () {
  let waiting = 0;
  const look = () => { clearTimeout(waiting); waiting = setTimeout(() => document.querySelectorAll(SCROLLERS).forEach(name), 300); };
  const drawn = new MutationObserver(look);
  drawn.observe(document.body, { childList: true, subtree: true });
  window.addEventListener("resize", look);
  look();
  return () => { drawn.disconnect(); window.removeEventListener("resize", look); clearTimeout(waiting); };
}
""",
)


def wide_pictures() -> None:
    """To be drawn once on every page, after it."""
    _REACH(key="wide_pictures", height=1, width=1)
