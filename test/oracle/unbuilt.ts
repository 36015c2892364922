/**
 * Cases of the reference values for what the library does not have yet. What gets built leaves this list.
 */
const unbuilt: Readonly<Record<string, RegExp>> = {
  init: /^LSTM$/,
};

/** True when the library does not have what a case checks. */
export function isUnbuilt(job: string, name: string): boolean {
  return unbuilt[job]?.test(name) ?? false;
}
