// The agenda: a segment per block, as wide as its minutes; those before are full, the running one fills while it runs.
const ticking = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector("ol");
  const clock = parentElement.querySelector("#clock");
  const here = data.items.findIndex((item) => item.key === data.running);
  strip.replaceChildren(
    ...data.items.map((item, place) => {
      const segment = document.createElement("li");
      segment.style.flexGrow = item.minutes;
      segment.className = place < here ? "before" : place === here ? "here" : "after";
      const button = document.createElement("button");
      button.type = "button";
      button.title = `${item.number} ${item.question} (${item.minutes} min)`;
      if (place !== here) button.setAttribute("aria-label", button.title); // the running one says its name itself
      if (place === here) button.setAttribute("aria-current", "step");
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.append(document.createElement("i"));
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = place === here ? `${item.number} ${item.short}` : item.number;
      button.append(bar, name);
      button.onclick = () => setTriggerValue("go", item.key);
      segment.append(button);
      return segment;
    }),
  );
  const minutes = data.items[here]?.minutes ?? 0;
  const started = data.ticks ? begun(`closed-loop ${data.of} ${data.running}`) : null;
  const show = () => {
    const used = started === null ? 0 : (Date.now() - started) / 1000;
    const left = Math.round(minutes * 60 - used);
    const fill = strip.querySelector(".here i");
    if (fill) fill.style.width = started === null ? "100%" : `${Math.min(100, (100 * used) / (minutes * 60))}%`;
    clock.replaceChildren();
    clock.append(`block ${here + 1} of ${data.items.length}, `);
    const strong = document.createElement("b");
    if (started === null) {
      strong.textContent = `${minutes} min`;
      clock.append(strong);
      return;
    }
    const size = Math.abs(left);
    strong.textContent = `${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
    clock.append(`${minutes} min `, strong, left < 0 ? " over" : " left");
  };
  clearInterval(ticking.get(parentElement));
  show();
  if (started !== null) ticking.set(parentElement, setInterval(show, 1000));
  const back = () => setTriggerValue("back", Date.now()); // an address that somebody went back to is no late one
  window.addEventListener("popstate", back);
  return () => {
    clearInterval(ticking.get(parentElement));
    window.removeEventListener("popstate", back);
  };
}

// When this browser first showed the block in this meeting; a reload does not start it again.
function begun(key) {
  try {
    const known = Number(sessionStorage.getItem(key));
    if (known) return known;
    sessionStorage.setItem(key, Date.now());
  } catch { /* a browser without storage counts from here */ }
  return Date.now();
}
