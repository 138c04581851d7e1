// One call over a websocket, and back onto it where the line is lost. The protocol: docs/wire.md.

const MOST_UNSENT_BYTES = 32_000; // 1 s of audio: what cannot be sent by then comes too late
const DONE = 1000;
const STOPPED = 1012; // with a reason: the server is being restarted, and the call waits
const FINAL = new Set([DONE, 1001, 1008, 4001]); // over, refused, or carried by another line
const LOST_FOR_MS = 60_000; // as long as a server waits by default
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 2_000;

/**
 * Opens a call. `heard` is given each JSON message, `sound` each block, `closed` the close code, once. `lost` is
 * called when the line is lost and is being got back; the story of the call then comes again from its beginning.
 */
export function openLine(flow, { heard, sound, lost, closed }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  let socket;
  let resumable = null; // what the call can be resumed with
  let lostAt = null;
  let pauseMs = FIRST_PAUSE_MS;
  let waiting = null;
  let over = false; // the call's last moment has come
  let ended = false;

  function connect() {
    const wanted = new URLSearchParams(resumable ? { resume: resumable.call } : { flow });
    const ticket = new URLSearchParams(location.search).get("ticket");
    if (ticket && !resumable) wanted.set("ticket", ticket); // of servers that let in who has one
    socket = new WebSocket(`${scheme}://${location.host}/call?${wanted}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => resumable && send(JSON.stringify({ type: "resume", token: resumable.token }));
    socket.onmessage = ({ data }) => (typeof data === "string" ? take(JSON.parse(data)) : sound(data));
    socket.onclose = ({ code, reason }) => (mayComeBack(code, reason) ? comeBack() : end(code));
  }

  function take(message) {
    if (message.type === "resumable") {
      resumable = message;
      lostAt = null;
      pauseMs = FIRST_PAUSE_MS;
    } else {
      over ||= message.type === "closed";
      if (message.type !== "error" || lostAt === null) heard(message);
    }
  }

  function mayComeBack(code, reason) {
    if (ended || over || !resumable || FINAL.has(code) || (code === STOPPED && !reason)) return false;
    return lostAt === null || performance.now() - lostAt < LOST_FOR_MS;
  }

  function comeBack() {
    if (lostAt === null) {
      lostAt = performance.now();
      lost();
    }
    waiting = setTimeout(connect, pauseMs);
    pauseMs = Math.min(MOST_PAUSE_MS, 2 * pauseMs);
  }

  function end(code) {
    if (ended) return;
    ended = true;
    clearTimeout(waiting);
    closed(code);
  }

  const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(message);
  connect();
  return {
    /** One block of the microphone. False when the line is too slow for it. */
    speak(pcm) {
      if (socket.bufferedAmount > MOST_UNSENT_BYTES) return false;
      send(pcm);
      return true;
    },
    type(text) {
      send(JSON.stringify({ type: "text", text }));
    },
    press(keys) {
      send(JSON.stringify({ type: "keys", keys }));
    },
    hangUp() {
      if (socket.readyState === WebSocket.OPEN) send(JSON.stringify({ type: "hang_up" }));
      else {
        socket.close(DONE);
        end(DONE);
      }
    },
    leave() {
      ended = true;
      clearTimeout(waiting);
      socket.close(DONE);
    },
  };
}
