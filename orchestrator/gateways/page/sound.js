// Microphone and loudspeaker. Both need a page on localhost or over https; without, the call goes in text.

export const canHaveSound = () => window.isSecureContext && "AudioWorkletNode" in window;
export const canHaveMicrophone = () => canHaveSound() && Boolean(navigator.mediaDevices?.getUserMedia);

/** Why there is no microphone or no sound, in words for the one who sits before it. */
export class NoSound extends Error {}

const WHY = {
  NotAllowedError:
    "The browser was not allowed to use the microphone. Allow it in the address bar and start the call again, or type instead.",
  NotFoundError: "No microphone was found. Plug one in and start the call again, or type instead.",
  NotReadableError:
    "The microphone is in use by another program or cannot be read. Close that program and start the call again, or type instead.",
};

export async function askForMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    throw new NoSound(WHY[error.name] ?? `The microphone cannot be used (${error.name}). Type instead.`);
  }
}

/** To be called from a click: browsers start no sound otherwise. */
export async function prepareSound() {
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    await context.audioWorklet.addModule("/page/worklet.js");
  } catch {
    context.close();
    throw new NoSound("The server does not answer. See that it is running, then try again.");
  }
  context.resume(); // not awaited: where there is no loudspeaker it may never come
  return context;
}

/** Plays 20 ms blocks of 16 bit samples at `rateHz`. `level` is told how loud each is. */
export function loudspeaker(context, rateHz, level) {
  const node = new AudioWorkletNode(context, "speaker", {
    numberOfInputs: 0,
    outputChannelCount: [2],
    processorOptions: { rateHz },
  });
  node.connect(context.destination);
  node.port.onmessage = ({ data }) => level(data.level, data.gaps);
  return {
    play: (pcm) => node.port.postMessage(pcm, [pcm]),
    forget: () => node.port.postMessage("forget"),
    stop: () => node.port.postMessage("stop"),
  };
}

/** Gives `block` 20 ms of the microphone at a time, `lost` when it was unplugged. */
export function microphone(context, stream, rateHz, { block, level, lost }) {
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, "microphone", {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit",
    processorOptions: { rateHz },
  });
  let muted = false;
  node.port.onmessage = ({ data }) => {
    level(muted ? 0 : data.level);
    if (!muted) block(data.pcm); // where nothing is sent the call hears silence
  };
  for (const track of stream.getTracks()) track.onended = lost;
  source.connect(node);
  return {
    mute: (on) => (muted = on),
    stop() {
      node.port.postMessage("stop");
      source.disconnect();
    },
  };
}

export function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
