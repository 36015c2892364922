import { NdArray, type DType } from '../common/ndarray.js';

/**
 * An image as an array [channels, height, width], as the image backend 'tensor' has it and `ToTensor` makes it.
 *
 * It is an {@link NdArray} like any other; transforms take its first axis for the channels, where they take the last one of
 * another array.
 */
export class ImageTensor<D extends DType = DType> extends NdArray<D> {}
