// The page: choosing a flow, the call, its end. Each moment of the call goes to the part that shows it.

import { Form } from "./form.js";
import { openLine } from "./line.js";
import { askForMicrophone, canHaveMicrophone, canHaveSound, loudspeaker, microphone } from "./sound.js";
import { NoSound, prepareSound, release } from "./sound.js";
import { Pace, Trace } from "./trace.js";
import { Transcript } from "./transcript.js";

const at = (id) => document.getElementById(id);
const transcript = new Transcript(at("said"), at("now"), at("scroll"));
const form = new Form(at("slots"), at("progress"), at("track"));
const trace = new Trace(at("trace"), at("trace-count"));
const pace = new Pace(at("pace"), at("turns"));

/** The call in progress, null where there is none. */
let call = null;

// --- choosing ---------------------------------------------------------------------------------------------

async function listFlows() {
  let flows;
  try {
    const answer = await fetch("/flows");
    if (!answer.ok) throw new Error();
    flows = await answer.json();
  } catch {
    at("flows").replaceChildren();
    say("The server does not answer. See that it is running, then load this page again.");
    return;
  }
  at("flows").replaceChildren(...flows.map(choice));
  if (flows.length === 0) say("This server offers no flow. Start it with the name or the file of one.");
  at("start-text").disabled = flows.length === 0;
  at("start-voice").disabled = flows.length === 0 || !canHaveMicrophone();
}

function choice({ name, about, company, agent, slots, language }, index) {
  const label = document.createElement("label");
  const radio = document.createElement("input");
  Object.assign(radio, { type: "radio", name: "flow", value: name, checked: index === 0 });
  const title = document.createElement("b");
  title.textContent = about;
  const facts = document.createElement("span");
  const spoken = new Intl.DisplayNames(["en"], { type: "language" });
  const things = slots === 1 ? "one thing to find out" : `${slots} things to find out`;
  facts.textContent = [agent && `${agent} of ${company}`, slots > 0 && things, language && spoken.of(language)].filter(Boolean).join(" · ");
  label.append(radio, title, facts);
  return label;
}

function explainMicrophone() {
  if (canHaveMicrophone()) return;
  const note = at("microphone-note");
  note.className = "warning";
  note.textContent = window.isSecureContext
    ? "This browser gives pages no microphone. You can type what you would say."
    : `This page was opened as ${location.protocol}//${location.hostname}. Browsers hand the microphone only to pages on localhost or over https, because anyone on the way could listen in otherwise. Open it as localhost on the machine that runs the server (an SSH tunnel will do), or put it behind https. Until then you can type what you would say, and read the answers.`;
}

// --- the call ---------------------------------------------------------------------------------------------

async function begin(flow, wantsMicrophone) {
  say("");
  busy(true);
  const mine = { flow, opened: false, over: false, tooSlow: false };
  try {
    if (wantsMicrophone) mine.stream = await askForMicrophone();
    if (canHaveSound()) mine.context = await prepareSound();
  } catch (error) {
    release(mine.stream);
    busy(false);
    say(error instanceof NoSound ? error.message : `The sound cannot be started (${error.message}).`);
    return;
  }
  call = mine;
  mine.line = openLine(flow, {
    heard: (message) => MOMENTS[message.type]?.(message, mine),
    sound: (pcm) => mine.speaker?.play(pcm),
    lost: () => lost(mine),
    closed: (code) => closed(mine, code),
  });
}

function opened(moment, mine) {
  const again = mine.opened;
  mine.opened = true;
  mine.agent = moment.agent;
  if (again) {
    // The line was lost and is back: the whole story comes once more.
    say("");
    at("call").dataset.away = "false";
  } else {
    mine.began = performance.now();
    mine.ticking = setInterval(() => showClock(mine), 500);
  }
  at("call-title").textContent = moment.title;
  at("call-agent").textContent = `${moment.agent} is an automated agent`;
  transcript.clear(moment.agent);
  form.open(moment.slots);
  trace.clear();
  pace.clear();
  if (!again) show("call");
  showClock(mine);
  showFloor(null, mine);
  if (mine.rateHz !== moment.rate_hz) {
    mine.microphone?.stop();
    mine.speaker?.stop();
    mine.rateHz = moment.rate_hz;
    startSound(moment.rate_hz, mine);
  }
  if (!again) at(mine.stream ? "call-title" : "text").focus();
}

function lost(mine) {
  mine.speaker?.forget();
  at("call").dataset.away = "true";
  showFloorText("The line was lost", "nobody");
  say("The line was lost. It is being got back; what was established is kept.");
}

function startSound(rateHz, mine) {
  at("mute").hidden = !mine.stream;
  setMuted(false);
  if (!mine.context) return;
  mine.speaker = loudspeaker(mine.context, rateHz, (level, gaps) => {
    showLevel("agent", level);
    at("call").dataset.gaps = gaps;
  });
  if (!mine.stream) return;
  mine.microphone = microphone(mine.context, mine.stream, rateHz, {
    block: (pcm) => speak(pcm, mine),
    level: (level) => showLevel("caller", level),
    lost: () => say("The microphone is gone. Go on by typing, or hang up and start again."),
  });
}

function speak(pcm, mine) {
  const sent = mine.line.speak(pcm);
  if (!sent && !mine.tooSlow) trace.trouble(undefined, "line", "it is too slow for your voice: some was left out");
  mine.tooSlow = !sent;
}

const MOMENTS = {
  opened,
  caller(moment) {
    transcript.caller(moment);
    if (moment.final) at("pressed").textContent = ""; // it stands in the transcript now
  },
  agent: (moment) => transcript.agent(moment),
  agent_ceased(moment, mine) {
    if (moment.interrupted) mine.speaker?.forget();
    transcript.agentCeased(moment);
  },
  floor: (moment, mine) => showFloor(moment.holder, mine),
  slot: (moment) => form.fill(moment),
  lookup: (moment) => trace.lookup(moment),
  whisper(moment) {
    transcript.whisper(moment);
    trace.whisper(moment);
  },
  turn(moment) {
    pace.turn(moment);
    if (moment.latency_ms !== null) transcript.answeredIn(moment.latency_ms);
  },
  trouble: (moment) => trace.trouble(moment.at_s, moment.part, moment.what),
  dropped: (message) => trace.trouble(undefined, "line", message.message),
  error: (message) => say(message.message),
  closed(moment, mine) {
    mine.over = true;
    end(mine, OUTCOMES[moment.outcome] ?? moment.outcome.replaceAll("_", " "), moment.summary);
  },
};

// --- the end ----------------------------------------------------------------------------------------------

const OUTCOMES = {
  complete: "Complete",
  handed_over: "Handed over to a person",
  cancelled: "Cancelled",
  declined: "Ended without consent",
  hung_up: "You hung up",
  gave_up: "The agent could not finish",
};
const FAILED = 1011;
const STOPPED = 1012;
const ELSEWHERE = 4001;

function closed(mine, code) {
  busy(false);
  stopSound(mine);
  if (call === mine) call = null;
  if (!mine.opened) {
    if (at("alert").hidden) say("The server does not answer. See that it is running, then try again.");
  } else if (!mine.over) {
    const kept = "What was established up to here is kept on the server.";
    const titles = { [STOPPED]: "The server was stopped", [ELSEWHERE]: "The call goes on in another window" };
    say("");
    end(mine, titles[code] ?? "The line was lost", kept);
  } else if (code === FAILED) {
    at("ending-title").textContent = "A fault of the server ended the call";
  }
}

function end(mine, title, text) {
  clearInterval(mine.ticking);
  transcript.settle();
  at("ending-title").textContent = title;
  const median = pace.median();
  const answers = median === null ? "" : `answers after ${Math.round(median)} ms (median)`;
  at("ending-text").textContent = [text, answers].filter(Boolean).join(" · ");
  at("ending").hidden = false;
  setLive(false);
  showFloorText("The call is over", "nobody");
  transcript.showEnd();
  at("ending-title").focus();
}

function stopSound(mine) {
  mine.microphone?.stop();
  mine.speaker?.stop();
  release(mine.stream);
  mine.context?.close();
}

// --- showing ----------------------------------------------------------------------------------------------

function say(text) {
  at("alert").textContent = text;
  at("alert").hidden = !text;
}

function show(screen) {
  at("choose").hidden = screen !== "choose";
  at("call").hidden = screen !== "call";
  at("ending").hidden = true;
  setLive(screen === "call");
  window.scrollTo(0, 0);
}

function setLive(live) {
  at("call").dataset.live = live;
  at("hang-up").hidden = !live;
  at("again").hidden = live;
  for (const control of at("typing").elements) control.disabled = !live;
  showKeypad(false);
  if (!live) at("mute").hidden = true;
}

function busy(on) {
  for (const button of document.querySelectorAll("#start button")) button.disabled = on;
  at("start-voice").disabled = on || !canHaveMicrophone();
  at("start").setAttribute("aria-busy", on);
  at("connecting").hidden = !on;
}

function showFloor(holder, mine) {
  const told = { caller: "You are speaking", agent: `${mine.agent} is speaking` };
  showFloorText(told[holder] ?? "Nobody is speaking", holder ?? "nobody");
}

function showFloorText(text, holder) {
  at("floor").dataset.holder = holder;
  at("floor-text").textContent = text;
}

function showLevel(who, level) {
  const loud = Math.min(1, Math.sqrt(level * 4));
  at("call").style.setProperty(`--${who}-level`, loud.toFixed(2));
  const loudest = Math.max(loud, Number(at("call").dataset[`${who}Loudest`] ?? 0));
  at("call").dataset[`${who}Loudest`] = loudest.toFixed(2);
}

function showClock(mine) {
  const seconds = Math.floor((performance.now() - mine.began) / 1000);
  at("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function showKeypad(on) {
  at("keypad").hidden = !on;
  at("show-keypad").setAttribute("aria-expanded", on);
  at("pressed").textContent = "";
}

function setMuted(on) {
  call?.microphone?.mute(on);
  at("mute").setAttribute("aria-pressed", on);
  at("mute").textContent = on ? "Muted" : "Mute";
}

// --- what the person does ---------------------------------------------------------------------------------

at("start").addEventListener("submit", (event) => {
  event.preventDefault();
  const flow = new FormData(event.target).get("flow");
  begin(flow, event.submitter?.value !== "text" && canHaveMicrophone());
});

at("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  say("");
  const text = at("text").value.trim();
  if (text) call?.line.type(text);
  at("text").value = "";
});

at("show-keypad").addEventListener("click", () => {
  showKeypad(at("keypad").hidden);
  at("keypad").scrollIntoView({ block: "nearest" });
  at("keys").querySelector("button").focus({ preventScroll: true });
});
at("keys").addEventListener("click", ({ target }) => {
  if (!target.value) return;
  say("");
  call?.line.press(target.value);
  at("pressed").textContent += target.value;
});

at("hang-up").addEventListener("click", () => call?.line.hangUp());
at("mute").addEventListener("click", () => setMuted(at("mute").getAttribute("aria-pressed") !== "true"));
at("again").addEventListener("click", () => {
  show("choose");
  document.querySelector("#flows input:checked")?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && call?.opened) call.line.hangUp();
});
window.addEventListener("pagehide", () => call?.line.leave());

explainMicrophone();
listFlows();
