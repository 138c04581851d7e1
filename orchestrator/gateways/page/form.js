// The form that fills itself: a row for each slot, its state in words and not only in colour.

const STATES = {
  empty: "not asked yet",
  heard: "heard, not confirmed",
  confirmed: "confirmed",
  declined: "none given",
};

export class Form {
  constructor(list, progress, track) {
    Object.assign(this, { list, progress, track });
  }

  open(slots) {
    this.rows = new Map();
    this.required = slots.filter((slot) => slot.required).map((slot) => slot.name);
    this.list.replaceChildren(...slots.map((slot) => this.row(slot)));
    this.count();
  }

  row({ name, label, required }) {
    const element = document.createElement("li");
    element.dataset.slot = name;
    element.dataset.status = "empty";
    const title = add(element, "span", "label", label);
    if (!required) add(title, "span", "optional", " (optional)");
    const value = add(element, "span", "value", "");
    const state = add(element, "span", "state", STATES.empty);
    this.rows.set(name, { element, value, state });
    return element;
  }

  fill({ name, value, spoken, status }) {
    const row = this.rows.get(name);
    if (!row) return;
    row.element.dataset.status = status;
    row.value.textContent = spoken || shown(value);
    row.state.textContent = STATES[status] ?? status;
    row.element.classList.remove("changed");
    void row.element.offsetWidth; // start the highlight anew
    row.element.classList.add("changed");
    this.count();
  }

  count() {
    const done = this.required.filter((name) =>
      ["confirmed", "declined"].includes(this.rows.get(name).element.dataset.status),
    );
    this.progress.textContent = `${done.length} of ${this.required.length} done`;
    this.track.style.width = `${(100 * done.length) / Math.max(1, this.required.length)}%`;
  }
}

function shown(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function add(parent, tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}
