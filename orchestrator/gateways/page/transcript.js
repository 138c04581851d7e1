// What was said, and what is being said. Rows that still grow stand in a list of their own: a screen reader is
// told of each row once, when it is whole.

const SLACK_PX = 60; // this near to the end counts as being at the end

export class Transcript {
  constructor(said, now, scroll) {
    Object.assign(this, { said, now, scroll });
    this.clear("agent");
  }

  clear(agentName) {
    this.said.replaceChildren();
    this.now.replaceChildren();
    this.agentName = agentName;
    this.replies = new Map(); // revision → words that were whispered for it
    this.agentRow = null;
    this.callerRow = null;
    this.lastAgentRow = null;
  }

  /** Words of the caller. Partial ones are replaced by the next, and by the final ones. */
  caller({ text, final, start_s: start, backchannel, heard_open: heardOpen }) {
    this.keepingEnd(() => {
      this.callerRow?.remove();
      this.callerRow = null;
      if (!text && !final) return;
      if (backchannel && this.agentRow) {
        this.agentRow.note(`you said “${text}”`);
        return;
      }
      const row = makeRow("caller", "You");
      row.words.textContent = text || "…";
      if (!text) row.note("not understood");
      if (backchannel) row.element.classList.add("backchannel");
      if (heardOpen && heardOpen !== text) row.element.title = `The open ear heard: ${heardOpen}`;
      if (final) this.keep(row.element, start);
      else {
        row.element.classList.add("partial");
        this.now.append(row.element);
        this.callerRow = row.element;
      }
    });
  }

  /** What the agent is about to say: grey until it was said. The newest wins. */
  whisper({ revision, reply }) {
    if (!reply) return;
    this.replies.set(revision, reply);
    if (this.agentRow && !this.agentRow.said) this.agentRow.element.remove();
    if (!this.agentRow || !this.agentRow.said) this.beginAgentRow(revision);
  }

  agent({ text, start_s: start, revision }) {
    this.keepingEnd(() => {
      if (this.agentRow?.revision !== revision) {
        this.endAgentRow();
        this.beginAgentRow(revision);
      }
      const row = this.agentRow;
      row.start ??= start;
      row.said = `${row.said} ${text}`.trim();
      row.words.textContent = row.said;
      row.pending.textContent = remainder(this.replies.get(revision) ?? "", row.said);
    });
  }

  agentCeased({ interrupted, unspoken }) {
    this.keepingEnd(() => {
      if (interrupted && this.agentRow) this.agentRow.cut = unspoken;
      this.endAgentRow();
    });
  }

  /** How long the caller waited for the agent's row that stands last. */
  answeredIn(latencyMs) {
    const row = this.agentRow ?? this.lastAgentRow;
    row?.note(`answered in ${Math.round(latencyMs)} ms`);
  }

  /** The call is over: nothing grows any more. */
  settle() {
    this.callerRow?.remove();
    this.callerRow = null;
    this.endAgentRow();
  }

  showEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  beginAgentRow(revision) {
    this.keepingEnd(() => {
      const row = makeRow("agent", this.agentName);
      Object.assign(row, { revision, said: "", cut: "" });
      row.pending.textContent = this.replies.get(revision) ?? "";
      this.now.prepend(row.element);
      this.agentRow = row;
    });
  }

  endAgentRow() {
    const row = this.agentRow;
    this.agentRow = null;
    if (!row) return;
    row.pending.textContent = "";
    row.element.remove();
    if (!row.said) return; // nothing of it was heard
    if (row.cut) {
      row.pending.textContent = row.cut;
      row.element.classList.add("cut");
      row.note("interrupted");
    }
    this.keep(row.element, row.start);
    this.lastAgentRow = row;
    for (const revision of this.replies.keys()) if (revision <= row.revision) this.replies.delete(revision);
  }

  /** Rows stand in the order in which they began: one who interrupts is whole before the one interrupted. */
  keep(element, start) {
    element.dataset.start = start;
    const later = [...this.said.children].find((other) => Number(other.dataset.start) > start);
    this.said.insertBefore(element, later ?? null);
  }

  /** Stay at the end while rows come, unless the reader has scrolled up. */
  keepingEnd(change) {
    const { scroll } = this;
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < SLACK_PX;
    change();
    if (atEnd) this.showEnd();
  }
}

function makeRow(who, name) {
  const element = document.createElement("li");
  element.className = `row ${who}`;
  element.dataset.who = who;
  const speaker = add(element, "span", "speaker");
  speaker.textContent = name;
  const bubble = add(element, "p", "bubble");
  const words = add(bubble, "span", "words");
  bubble.append(" ");
  const pending = add(bubble, "span", "pending");
  const notes = add(element, "span", "notes");
  const note = (text) => (notes.textContent = [notes.textContent, text].filter(Boolean).join(" · "));
  return { element, words, pending, note };
}

function add(parent, tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  parent.append(element);
  return element;
}

/** What of `reply` comes after `said`, compared word by word; "" where they do not go together. */
function remainder(reply, said) {
  const plain = (word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const wanted = reply.split(/\s+/);
  const spoken = said.split(/\s+/);
  const together = spoken.every((word, i) => plain(word) === plain(wanted[i] ?? ""));
  return together ? wanted.slice(spoken.length).join(" ") : "";
}
