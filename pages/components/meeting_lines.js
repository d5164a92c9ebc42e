// Records or a small table: each name leads to its page. Texts come as data and are written as text, never as HTML.
export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  table.className = data.kind;
  table.setAttribute("aria-label", data.label);
  table.replaceChildren();
  if (data.head) {
    const row = table.createTHead().insertRow();
    row.role = "row";
    data.head.forEach((column, place) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.role = "columnheader";
      cell.textContent = column.label;
      if (column.help) cell.title = column.help;
      if (column.help) cell.className = "defined";
      if (place >= data.names) cell.classList.add("number");
      row.append(cell);
    });
  }
  const body = table.createTBody();
  // laid out as a grid, a table keeps its meaning for who listens only when it says so
  table.role = "table";
  body.role = "rowgroup";
  for (const line of data.rows) {
    const row = body.insertRow();
    row.role = "row";
    if (line.first) row.className = "first";
    line.cells.forEach((cell, place) => {
      const isHead = data.kind === "grid" && place === 0;
      const made = document.createElement(isHead ? "th" : "td");
      if (isHead) made.scope = "row";
      made.role = isHead ? "rowheader" : "cell";
      made.className = [cell.tone, cell.kind, data.kind === "grid" && place >= data.names ? "number" : ""].join(" ").trim();
      if (cell.link || cell.behind) made.append(way(cell, setTriggerValue));
      else made.textContent = cell.words;
      if (cell.words.length > 24) made.title = cell.words;
      row.append(made);
    });
  }
}

// A click goes there inside the app; with Ctrl or the middle button the browser opens it beside.
function way(cell, setTriggerValue) {
  if (!cell.link) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.words;
    button.title = "List the records";
    button.onclick = () => setTriggerValue("behind", cell.behind);
    return button;
  }
  const link = document.createElement("a");
  link.href = cell.link;
  link.textContent = cell.words;
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    setTriggerValue("go", cell.link);
  };
  return link;
}
