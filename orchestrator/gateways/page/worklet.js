// The two ends of the sound, in the audio thread: microphone → 20 ms blocks, and blocks → loudspeaker.

const BLOCK_MS = 20;
const FULL_SCALE = 32768;

/** Changes the rate of a stream with a linear-phase windowed-sinc filter, one phase for each fraction. */
class Resampler {
  static HALF_WIDTH = 16; // zero crossings on each side
  static PASS = 0.92; // of the lower Nyquist frequency

  constructor(fromHz, toHz) {
    const common = greatestCommonDivisor(fromHz, toHz);
    this.up = toHz / common;
    this.down = fromHz / common;
    const narrow = Math.min(1, toHz / fromHz);
    this.half = Math.ceil(Resampler.HALF_WIDTH / narrow);
    this.phases = Array.from({ length: this.up }, (_, p) => this.taps(p / this.up, narrow * Resampler.PASS));
    this.kept = new Float32Array(2 * this.half - 1); // silence before the first sample
    this.phase = 0;
  }

  taps(fraction, band) {
    const taps = new Float32Array(2 * this.half);
    let sum = 0;
    for (let k = 0; k < taps.length; k++) {
      const t = k - this.half + 1 - fraction;
      const x = Math.PI * t * band;
      const w = Math.PI * (t / this.half);
      const window = Math.abs(t) < this.half ? 0.42 + 0.5 * Math.cos(w) + 0.08 * Math.cos(2 * w) : 0; // Blackman
      taps[k] = window * (x === 0 ? 1 : Math.sin(x) / x);
      sum += taps[k];
    }
    return taps.map((tap) => tap / sum);
  }

  /** Float32 at the one rate in, float32 at the other out; holds back `half` samples. */
  push(samples) {
    if (this.up === this.down) return samples;
    const width = 2 * this.half;
    const input = new Float32Array(this.kept.length + samples.length);
    input.set(this.kept);
    input.set(samples, this.kept.length);
    const output = [];
    let at = 0;
    while (at + width <= input.length) {
      const taps = this.phases[this.phase];
      let sum = 0;
      for (let k = 0; k < width; k++) sum += input[at + k] * taps[k];
      output.push(sum);
      this.phase += this.down;
      at += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    this.kept = input.slice(at);
    return Float32Array.from(output);
  }
}

function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** Posts {pcm: ArrayBuffer of 16 bit samples, level: 0..1} for each 20 ms. */
class Microphone extends AudioWorkletProcessor {
  constructor({ processorOptions: { rateHz } }) {
    super();
    this.resampler = new Resampler(sampleRate, rateHz);
    this.block = new Float32Array((rateHz * BLOCK_MS) / 1000);
    this.filled = 0;
    this.running = true;
    this.port.onmessage = () => (this.running = false);
  }

  process([input]) {
    if (input.length === 0) return this.running;
    for (const sample of this.resampler.push(input[0])) {
      this.block[this.filled++] = sample;
      if (this.filled === this.block.length) this.send();
    }
    return this.running;
  }

  send() {
    const pcm = new Int16Array(this.block.length);
    for (let i = 0; i < pcm.length; i++) {
      pcm[i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(this.block[i] * FULL_SCALE)));
    }
    this.filled = 0;
    this.port.postMessage({ pcm: pcm.buffer, level: loudness(this.block) }, [pcm.buffer]);
  }
}

/**
 * Plays blocks of 16 bit samples behind a small buffer that evens out the line's jitter. Two clocks never agree:
 * when too much has gathered, silent blocks are left out; when nothing is left, it waits for the buffer to fill.
 * Posts {level: 0..1, gaps: how often nothing was left} for each 20 ms that it plays.
 */
class Speaker extends AudioWorkletProcessor {
  static FILL_MS = 60; // wait for this much before playing,
  static MORE_MS = 20; // and for this much more after each gap,
  static FULL_MS = 200; // up to this
  static SLACK_MS = 60; // leave silence out when this much more is waiting
  static MOST_MS = 1000; // drop the oldest
  static SILENCE = 0.003;

  constructor({ processorOptions: { rateHz } }) {
    super();
    this.resampler = new Resampler(rateHz, sampleRate);
    this.running = true;
    this.last = 0;
    this.gaps = 0;
    this.fillMs = Speaker.FILL_MS;
    this.energy = 0; // of the samples played since the level was told
    this.played = 0;
    this.forget();
    this.port.onmessage = ({ data }) => {
      if (data === "forget") this.forget();
      else if (data === "stop") this.running = false;
      else this.take(new Int16Array(data));
    };
  }

  forget() {
    this.chunks = [];
    this.read = 0;
    this.waiting = 0; // samples
    this.playing = false;
  }

  take(pcm) {
    const silent = loudness(pcm) / FULL_SCALE < Speaker.SILENCE;
    if (silent && this.waiting > this.samples(this.fillMs + Speaker.SLACK_MS)) return;
    const chunk = this.resampler.push(Float32Array.from(pcm, (sample) => sample / FULL_SCALE));
    this.chunks.push(chunk);
    this.waiting += chunk.length;
    while (this.waiting > this.samples(Speaker.MOST_MS)) this.dropOldest();
  }

  samples(ms) {
    return (sampleRate * ms) / 1000;
  }

  dropOldest() {
    this.waiting -= this.chunks.shift().length - this.read;
    this.read = 0;
  }

  process(_inputs, [output]) {
    if (this.waiting >= this.samples(this.fillMs)) this.playing = true;
    const channel = output[0];
    for (let i = 0; i < channel.length; i++) channel[i] = this.nextSample();
    for (const other of output.slice(1)) other.set(channel);
    this.tellLevel(channel);
    return this.running;
  }

  tellLevel(channel) {
    for (const sample of channel) this.energy += sample * sample;
    this.played += channel.length;
    if (this.played < this.samples(BLOCK_MS)) return;
    this.port.postMessage({ level: Math.sqrt(this.energy / this.played), gaps: this.gaps });
    this.energy = 0;
    this.played = 0;
  }

  nextSample() {
    if (this.playing && this.chunks.length === 0) {
      this.playing = false;
      this.gaps += 1;
      this.fillMs = Math.min(Speaker.FULL_MS, this.fillMs + Speaker.MORE_MS);
    }
    if (!this.playing) return (this.last *= 0.98); // no click where sound is cut off
    const chunk = this.chunks[0];
    this.last = chunk[this.read++];
    this.waiting -= 1;
    if (this.read === chunk.length) {
      this.chunks.shift();
      this.read = 0;
    }
    return this.last;
  }
}

registerProcessor("microphone", Microphone);
registerProcessor("speaker", Speaker);
