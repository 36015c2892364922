/**
 * Colours as hue, saturation and value. Each function computes in place, on an array of three numbers.
 *
 * @module
 */
import { roundHalfEven } from './rounding.js';

type Colour = Float64Array;

const f32 = Math.fround;

/** Rounds halves away from zero, as C's `round`. */
const roundAway = (value: number) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/** Red, green and blue of the sector of the hue circle, from the value and the three other corners. */
function ofSector(colour: Colour, sector: number, v: number, p: number, q: number, t: number): void {
  const [r, g, b] = (
    [
      [v, t, p],
      [q, v, p],
      [p, v, t],
      [p, q, v],
      [t, p, v],
      [v, p, q],
    ] as const
  )[sector] ?? [v, v, v];
  colour[0] = r;
  colour[1] = g;
  colour[2] = b;
}

/** Bytes to bytes, as Pillow (src/libImaging/Convert.c, `rgb2hsv_row`). */
export function toHsvLikePillow(colour: Colour): void {
  const [r = 0, g = 0, b = 0] = colour;
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  colour[2] = most;
  if (most === least) {
    colour[0] = colour[1] = 0;
    return;
  }
  const range = most - least;
  const rc = f32((most - r) / range);
  const gc = f32((most - g) / range);
  const bc = f32((most - b) / range);
  const hue = f32(r === most ? bc - gc : g === most ? 2 + rc - bc : 4 + gc - rc);
  colour[0] = Math.trunc(f32((hue / 6 + 1) % 1) * 255);
  colour[1] = Math.trunc(f32(range / most) * 255);
}

/** Bytes to bytes, as Pillow (`hsv2rgb_row`). */
export function fromHsvLikePillow(colour: Colour): void {
  const [h = 0, s = 0, v = 0] = colour;
  if (s === 0) return ofSector(colour, -1, v, v, v, v);
  const turn = (h * 6) / 255;
  const sector = Math.floor(turn);
  const f = f32(turn - sector);
  const fs = f32(s / 255);
  const byte = (value: number) => Math.min(255, Math.max(0, roundAway(value)));
  ofSector(colour, sector % 6, v, byte(v * (1 - fs)), byte(v * (1 - fs * f)), byte(v * (1 - fs * (1 - f))));
}

/** Bytes to bytes with a full circle of 256, as OpenCV (modules/imgproc/src/color_hsv, 12-bit fixed point). */
export function toHsvLikeOpenCv(colour: Colour): void {
  const shift = 12;
  const [r = 0, g = 0, b = 0] = colour;
  const most = Math.max(r, g, b);
  const range = most - Math.min(r, g, b);
  const half = 1 << (shift - 1);
  const perValue = most === 0 ? 0 : roundHalfEven((255 << shift) / most);
  const perRange = range === 0 ? 0 : roundHalfEven((256 << shift) / (6 * range));
  const offset = most === r ? g - b : most === g ? b - r + 2 * range : r - g + 4 * range;
  const hue = (offset * perRange + half) >> shift;
  colour[0] = Math.min(255, hue < 0 ? hue + 256 : hue);
  colour[1] = (range * perValue + half) >> shift;
  colour[2] = most;
}

/** Bytes to bytes with a full circle of 255, as OpenCV: not quite the inverse of {@link toHsvLikeOpenCv}. */
export function fromHsvLikeOpenCv(colour: Colour): void {
  const [h = 0, s = 0, v = 0] = colour;
  const saturation = f32(s * f32(1 / 255));
  const value = f32(v * f32(1 / 255));
  const turn = f32(h * f32(6 / 255));
  const sector = Math.floor(turn);
  const f = f32(turn - sector);
  ofSector(
    colour,
    sector % 6,
    value,
    f32(value * f32(1 - saturation)),
    f32(value * f32(1 - f32(saturation * f))),
    f32(value * f32(1 - f32(saturation * f32(1 - f)))),
  );
  for (let c = 0; c < 3; c++) colour[c] = Math.min(255, Math.max(0, roundHalfEven(f32((colour[c] ?? 0) * 255))));
}

/** Numbers in [0, 1] to numbers in [0, 1]. */
export function toHsvUnit(colour: Colour): void {
  const [r = 0, g = 0, b = 0] = colour;
  const most = Math.max(r, g, b);
  const range = most - Math.min(r, g, b);
  colour[2] = most;
  if (range === 0) {
    colour[0] = colour[1] = 0;
    return;
  }
  const [rc, gc, bc] = [(most - r) / range, (most - g) / range, (most - b) / range];
  const hue = (most === r ? bc - gc : most === g ? 2 + rc - bc : 4 + gc - rc) / 6 + 1;
  colour[0] = hue - Math.floor(hue);
  colour[1] = range / most;
}

/** Numbers in [0, 1] to numbers in [0, 1]. */
export function fromHsvUnit(colour: Colour): void {
  const [h = 0, s = 0, v = 0] = colour;
  const sector = Math.floor(h * 6);
  const f = h * 6 - sector;
  const unit = (value: number) => Math.min(1, Math.max(0, value));
  ofSector(colour, sector % 6, v, unit(v * (1 - s)), unit(v * (1 - s * f)), unit(v * (1 - s * (1 - f))));
}
