/** Two tones, Hz, one after the other. */
const TONES = [523, 784];
/** Seconds. */
const LENGTH = 0.35;
const LOUD = 0.15;

/** Plays a short sound on a speaker; the browser's usual one where `speaker` is empty or gone. */
export async function playChime(speaker: string): Promise<void> {
  const context = new AudioContext();
  const sound = context.createMediaStreamDestination();
  const audio = new Audio();
  audio.srcObject = sound.stream;
  if (speaker && "setSinkId" in audio) await audio.setSinkId(speaker).catch(() => undefined);
  await audio.play();
  const last = TONES.map((tone, index) => playTone(context, sound, tone, index * LENGTH)).at(-1);
  last?.addEventListener("ended", () => void context.close());
}

function playTone(
  context: AudioContext,
  into: AudioNode,
  tone: number,
  after: number,
): OscillatorNode {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()];
  const start = context.currentTime + after;
  oscillator.frequency.value = tone;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUD, start + 0.03);
  gain.gain.linearRampToValueAtTime(0, start + LENGTH);
  oscillator.connect(gain).connect(into);
  oscillator.start(start);
  oscillator.stop(start + LENGTH);
  return oscillator;
}
