import { checkChoice } from '../common/options.js';

/**
 * What data sets make of image files: 'pil' an {@link Image}, 'cv2' an array of floats with channels last, 'tensor' an
 * array with channels first.
 */
export type ImageBackend = 'pil' | 'cv2' | 'tensor';

let current: ImageBackend = 'pil';

/** Sets what data sets give when they are not told otherwise. */
export function setImageBackend(backend: ImageBackend): void {
  current = checkChoice('backend', backend, ['pil', 'cv2', 'tensor']);
}

/** What data sets give when they are not told otherwise; 'pil' at the start. */
export function getImageBackend(): ImageBackend {
  return current;
}
