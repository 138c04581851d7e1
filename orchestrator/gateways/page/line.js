// One call over a websocket. The protocol: docs/wire.md.

const MOST_UNSENT_BYTES = 32_000; // 1 s of audio: what cannot be sent by then comes too late
const DONE = 1000;

/** Opens a call. `heard` is given each JSON message, `sound` each block, `closed` the close code, once. */
export function openLine(flow, { heard, sound, closed }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/call?flow=${encodeURIComponent(flow)}`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => (typeof data === "string" ? heard(JSON.parse(data)) : sound(data));
  socket.onclose = ({ code }) => closed(code);
  const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(message);
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
    hangUp() {
      if (socket.readyState === WebSocket.OPEN) send(JSON.stringify({ type: "hang_up" }));
      else socket.close(DONE);
    },
    leave() {
      socket.close(DONE);
    },
  };
}
