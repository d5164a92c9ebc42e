// A text that several people write: saved while one writes, and what others wrote comes in without taking away what is being typed.
//
// The server gets the text together with the text it grew from, and puts both people's lines together; it answers with what stands there
// now and the number of the save that is in it.
const WAIT = 700;
const states = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const box = parentElement.querySelector("textarea");
  let state = states.get(parentElement);
  if (!state || state.of !== data.of) {
    state = { of: data.of, base: data.text, version: data.version, sent: null, number: data.ack, timer: 0 };
    states.set(parentElement, state);
    box.value = data.text;
  }
  box.readOnly = data.closed;
  box.placeholder = data.placeholder;
  box.setAttribute("aria-label", data.label);

  const send = () => {
    clearTimeout(state.timer);
    if (state.sent !== null || box.value === state.base) return;
    state.sent = box.value;
    state.number += 1;
    setStateValue("draft", { text: box.value, base: state.base, version: state.version, number: state.number });
  };
  const later = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(send, WAIT);
  };
  box.oninput = later;
  box.onblur = send;

  const take = () => {
    if (box.value !== data.text) put(box, data.text);
    state.base = data.text;
    state.version = data.version;
  };
  if (state.sent !== null && data.ack >= state.number) {
    const sent = state.sent;
    state.sent = null;
    if (data.failed) {
      // nothing was saved: the text stays, and the next letter tries again
    } else if (box.value === sent) {
      take();
    } else {
      state.base = sent;
      state.version = data.text === sent ? data.version : -1;
      later();
    }
  } else if (state.sent === null && box.value === state.base) {
    take();
  }
  return () => clearTimeout(state.timer);
}

// Another text in the box, the cursor where it was in the lines that stayed.
function put(box, text) {
  const before = box.value, at = box.selectionStart, hasFocus = box.getRootNode().activeElement === box;
  let same = 0;
  while (same < at && before[same] === text[same]) same += 1;
  box.value = text;
  if (!hasFocus) return;
  const place = same === at ? at : Math.max(0, text.length - (before.length - at));
  box.setSelectionRange(place, place);
}
