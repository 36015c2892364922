/** Rounds to the nearest whole number, halves to the even one, as Python and OpenCV do. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
