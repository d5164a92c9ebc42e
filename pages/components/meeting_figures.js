// At most five figures in a row of cards; a card with a page behind it is a link.
export default function ({ data, parentElement, setTriggerValue }) {
  const row = parentElement.querySelector("#figures");
  row.style.setProperty("--count", data.figures.length);
  row.replaceChildren(
    ...data.figures.map((figure) => {
      const card = document.createElement(figure.link ? "a" : "div");
      card.className = "card";
      if (figure.help) card.title = figure.help;
      if (figure.link) {
        card.href = figure.link;
        card.onclick = (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
          event.preventDefault();
          setTriggerValue("go", figure.link);
        };
      }
      for (const part of ["label", "value", "note"]) {
        const line = document.createElement("span");
        line.className = part;
        line.textContent = figure[part];
        if (part === "value" && figure.value.length > 12) line.classList.add("long");
        if (part === "label" && figure.help) line.classList.add("defined");
        card.append(line);
      }
      return card;
    }),
  );
}
