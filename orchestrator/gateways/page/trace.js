// Behind the scenes: look-ups, whispers, troubles; and how long the caller waited for each answer.

const MOST_ENTRIES = 300;
const MOST_TURNS = 40;
const GOAL_MS = 600; // p50 of the embedded front-end
const SLOW_MS = 900; // p95

export class Trace {
  constructor(list, count) {
    Object.assign(this, { list, count });
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.counts = { lookup: 0, whisper: 0, trouble: 0 };
    this.tell();
  }

  lookup({ at_s: at, query, titles, took_ms: tookMs, speculative, used }) {
    const found = titles.length ? titles.join(", ") : "nothing";
    const facts = [`${Math.round(tookMs)} ms`, speculative && "while you spoke", used ? "used" : "not used"];
    this.entry("lookup", at, `Looked up “${query}”: ${found}`, facts);
  }

  whisper({ at_s: at, revision, text, reply, ahead }) {
    const item = this.entry("whisper", at, reply || "(no words)", [
      `revision ${revision}`,
      ahead && "thought out before you had finished",
    ]);
    if (!text) return;
    const prompt = document.createElement("details");
    const summary = document.createElement("summary");
    const words = document.createElement("pre");
    summary.textContent = "role prompt";
    words.textContent = text;
    prompt.append(summary, words);
    item.append(prompt);
  }

  trouble(at, part, what) {
    this.entry("trouble", at, `${part}: ${what}`, []);
  }

  entry(kind, at, text, facts) {
    const item = document.createElement("li");
    item.dataset.kind = kind;
    const time = document.createElement("time");
    time.textContent = at === undefined ? "" : `${at.toFixed(1)} s`;
    const name = document.createElement("b");
    name.textContent = kind;
    const words = document.createElement("span");
    words.textContent = text;
    const small = document.createElement("small");
    small.textContent = facts.filter(Boolean).join(" · ");
    item.append(time, name, words, small);
    this.list.prepend(item); // the newest first
    if (this.list.children.length > MOST_ENTRIES) this.list.lastElementChild.remove();
    this.counts[kind] += 1;
    this.tell();
    return item;
  }

  tell() {
    const plural = { lookup: "look-ups", whisper: "whispers", trouble: "troubles" };
    const some = Object.entries(this.counts).filter(([, n]) => n > 0);
    this.count.textContent = some.map(([kind, n]) => `${n} ${n === 1 ? kind : plural[kind]}`).join(", ");
  }
}

export class Pace {
  constructor(summary, list) {
    Object.assign(this, { summary, list });
    this.clear();
  }

  clear() {
    this.waits = [];
    this.list.replaceChildren();
    this.summary.textContent = "No turn yet.";
  }

  turn({ turn, latency_ms: ms, route, interrupted }) {
    if (ms === null) return;
    this.waits.push(ms);
    this.summary.textContent = `Last ${Math.round(ms)} ms, median ${Math.round(this.median())} ms`;
    const item = document.createElement("li");
    item.dataset.pace = ms <= GOAL_MS ? "quick" : ms <= SLOW_MS ? "fair" : "slow";
    item.style.setProperty("--part", Math.min(1, ms / 1200).toFixed(3));
    const told = `Turn ${turn}: ${Math.round(ms)} ms, ${route.replaceAll("_", " ")}${interrupted ? ", interrupting" : ""}`;
    item.title = told;
    const unseen = document.createElement("span");
    unseen.className = "unseen";
    unseen.textContent = told;
    item.append(unseen);
    this.list.append(item);
    if (this.list.children.length > MOST_TURNS) this.list.firstElementChild.remove();
  }

  /** Milliseconds, null before the first answer. */
  median() {
    const sorted = this.waits.toSorted((a, b) => a - b);
    return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : null;
  }
}
