/**
 * Cases of the reference values for what the library does not have yet. What gets built leaves this list.
 */
const unbuilt: Readonly<Record<string, RegExp>> = {
  layers: /^(convT|ln|gn|in2d|upsample_.*|pad2d|pixelshuffle)$/,
  init: /^(Embedding|LayerNorm|Conv2DTranspose|LSTM|PReLU)$/,
};

/** True when the library does not have what a case checks. */
export function isUnbuilt(job: string, name: string): boolean {
  return unbuilt[job]?.test(name) ?? false;
}
