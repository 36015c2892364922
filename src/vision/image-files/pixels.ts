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
