// Saves the picture on a card as SVG or PNG, made by the browser from what it shows: title, chart, and the filters under it.
// Nothing is sent anywhere. data: {card, title, note, caption, file}; the card's chart is found by the card's class.

const MARGIN = 24, LINE = 16, HEAD = 46;
const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes, words) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

// Words in lines of at most `width`, measured as the browser would draw them; a word longer than a line is broken.
function lines(words, width, font) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const fits = (text) => pen.measureText(text).width <= width;
  const found = [""];
  for (let word of words.split(/\s+/)) {
    const joined = found.at(-1) ? `${found.at(-1)} ${word}` : word;
    if (fits(joined)) { found[found.length - 1] = joined; continue; }
    if (found.at(-1)) found.push("");
    while (word && !fits(word)) {
      let length = word.length - 1;
      while (length > 1 && !fits(word.slice(0, length))) length -= 1;
      found[found.length - 1] = word.slice(0, length);
      found.push("");
      word = word.slice(length);
    }
    found[found.length - 1] = word;
  }
  return found.filter((line) => line);
}

async function inside(url) {
  const read = new FileReader();
  const blob = await (await fetch(url)).blob();
  await new Promise((done) => { read.onload = done; read.readAsDataURL(blob); });
  return read.result;
}

// The page's own font, put into the file: a picture has no page to take it from.
async function fonts(family) {
  const faces = [];
  for (const sheet of document.styleSheets) {
    let rules = [];
    try { rules = [...sheet.cssRules]; } catch { continue; }
    for (const rule of rules) {
      if (!(rule instanceof CSSFontFaceRule) || !rule.style.fontFamily.includes(family)) continue;
      const url = /url\(["']?([^"')]+)/.exec(rule.style.src)?.[1];
      const weight = rule.style.fontWeight || "400";
      if (!url || !["400", "600"].includes(weight)) continue;
      try {
        faces.push(`@font-face{font-family:"${family}";font-weight:${weight};src:url(${await inside(new URL(url, sheet.href || document.baseURI))})}`);
      } catch { /* the reader's own sans-serif then */ }
    }
  }
  return faces.join("\n");
}

async function picture(chart, data) {
  const look = getComputedStyle(document.querySelector("[data-testid=stApp]"));
  const family = look.fontFamily.split(",")[0].replace(/["']/g, "").trim();
  const face = `"${family}", system-ui, sans-serif`;
  const gray = getComputedStyle(data.root).getPropertyValue("--st-gray-color") || look.color;
  const layers = [...chart.querySelectorAll(".main-svg")];
  const { width, height } = layers[0].getBoundingClientRect();
  const caption = lines(data.caption, width, `12px ${face}`);
  const full = { width: Math.ceil(width + 2 * MARGIN), height: Math.ceil(MARGIN + HEAD + height + 16 + caption.length * LINE + MARGIN / 2) };
  const svg = element("svg", { xmlns: SVG, width: full.width, height: full.height, viewBox: `0 0 ${full.width} ${full.height}`, role: "img" });
  svg.append(element("title", {}, data.title), element("desc", {}, data.caption));
  svg.append(element("style", {}, `${await fonts(family)}\n.crisp{shape-rendering:crispEdges}`));
  svg.append(element("rect", { width: full.width, height: full.height, fill: look.backgroundColor }));
  svg.append(element("text", { x: MARGIN, y: MARGIN + 10, fill: look.color, "font-family": face, "font-size": 16, "font-weight": 600 }, data.title));
  if (data.note) svg.append(element("text", { x: MARGIN, y: MARGIN + 29, fill: gray, "font-family": face, "font-size": 12 }, data.note));
  const body = element("g", { transform: `translate(${MARGIN} ${MARGIN + HEAD})` });
  for (const layer of layers) {
    const copy = layer.cloneNode(true);
    copy.querySelectorAll(".hoverlayer, .draglayer, .zoomlayer, .modebar").forEach((part) => part.remove());
    copy.removeAttribute("style");
    body.append(copy);
  }
  svg.append(body);
  caption.forEach((line, place) => svg.append(element(
    "text", { x: MARGIN, y: MARGIN + HEAD + height + 24 + place * LINE, fill: gray, "font-family": face, "font-size": 12 }, line)));
  return { text: new XMLSerializer().serializeToString(svg), ...full };
}

async function pixels({ text, width, height }) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml;charset=utf-8" }));
  try {
    await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = url; });
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(image, 0, 0);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector("#save-picture");
  const chart = document.querySelector(`.st-key-card_${CSS.escape(data.card)} .js-plotly-plot`);
  root.hidden = !chart;
  const wire = (id, write) => {
    root.querySelector(id).onclick = async () => {
      const shown = document.querySelector(`.st-key-card_${CSS.escape(data.card)} .js-plotly-plot`);
      if (shown) await write(await picture(shown, { ...data, root }));
    };
  };
  wire("#svg", (made) => save(new Blob([made.text], { type: "image/svg+xml;charset=utf-8" }), `${data.file}.svg`));
  wire("#png", async (made) => save(await pixels(made), `${data.file}.png`));
}
