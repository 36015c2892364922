/** Cases of the reference values, as `job/case`, that wait for a part that is not built yet. */
export const unbuilt: Readonly<Record<string, string>> = {
  'fit/earlyStopping': 'needs the callback EarlyStopping',
};

/** Whether a case waits for a part that is not built yet. */
export function isUnbuilt(job: string, name: string): boolean {
  return `${job}/${name}` in unbuilt;
}
