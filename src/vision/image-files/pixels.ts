/** A decoded image: bytes in rows of pixels, channels last. */
export interface Pixels {
  /** `height * width * channels` bytes. */
  readonly data: Uint8Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** 1 for grey, 3 for red, green and blue, 4 with transparency. */
  readonly channels: 1 | 3 | 4;
}

/** Red, green and blue of pixels of 1, 3 or 4 channels; bytes of three channels are not copied. */
export function rgbOf(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0, source = 0; i < rgb.length; i += 3, source += channels) {
    for (let c = 0; c < 3; c++) rgb[i + c] = data[channels === 1 ? source : source + c] ?? 0;
  }
  return rgb;
}
