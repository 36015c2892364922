/**
 * Every error that the library throws by itself, each with a stable `code`.
 *
 * @module
 */

/** Codes of the library's errors; they stay the same when a message is reworded. */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'UNKNOWN_OPTION'
  | 'OUT_OF_RANGE'
  | 'SHAPE_MISMATCH'
  | 'NOT_PREPARED'
  | 'GRADIENT'
  | 'DEVICE'
  | 'OUT_OF_MEMORY'
  | 'FILE_NOT_FOUND'
  | 'FILE_FORMAT'
  | 'DOWNLOAD'
  | 'WORKER'
  | 'INTERRUPTED';

/** Base class of all errors of the library. */
export class PaddlewheelError extends Error {
  /** Stable code of the kind of error. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An argument has a wrong value or type; the message names it, what was expected and what came. */
export class InvalidArgumentError extends PaddlewheelError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_ARGUMENT', message, options);
  }
}

/** An options object holds a name that the function does not know. */
export class UnknownOptionError extends PaddlewheelError {
  constructor(message: string) {
    super('UNKNOWN_OPTION', message);
  }
}

/** A label or an index lies outside its range. */
export class OutOfRangeError extends PaddlewheelError {
  constructor(message: string) {
    super('OUT_OF_RANGE', message);
  }
}

/** Two shapes that have to fit do not. */
export class ShapeMismatchError extends PaddlewheelError {
  constructor(message: string) {
    super('SHAPE_MISMATCH', message);
  }
}

/** Something is used before the step that makes it ready (`dataset.prepare()`, `model.prepare(...)`). */
export class NotPreparedError extends PaddlewheelError {
  constructor(message: string) {
    super('NOT_PREPARED', message);
  }
}

/** A gradient cannot be computed. */
export class GradientError extends PaddlewheelError {
  constructor(message: string) {
    super('GRADIENT', message);
  }
}

/** A device or engine is not available. */
export class DeviceError extends PaddlewheelError {
  constructor(message: string, options?: ErrorOptions) {
    super('DEVICE', message, options);
  }
}

/** The engine's memory is exhausted. */
export class OutOfMemoryError extends PaddlewheelError {
  constructor(message: string) {
    super('OUT_OF_MEMORY', message);
  }
}

/** A file or folder does not exist; `path` tells which. */
export class FileNotFoundError extends PaddlewheelError {
  /** The file or folder. */
  readonly path: string;
  constructor(path: string, message: string, options?: ErrorOptions) {
    super('FILE_NOT_FOUND', message, options);
    this.path = path;
  }
}

/** A file is damaged or of another format; `path` tells which. */
export class FileFormatError extends PaddlewheelError {
  /** The file. */
  readonly path: string;
  constructor(path: string, message: string, options?: ErrorOptions) {
    super('FILE_FORMAT', message, options);
    this.path = path;
  }
}

/** No source of a file could be reached, or none gave the right bytes. */
export class DownloadError extends PaddlewheelError {
  constructor(message: string, options?: ErrorOptions) {
    super('DOWNLOAD', message, options);
  }
}

/** A data worker failed; `cause` is the error that it met. */
export class WorkerError extends PaddlewheelError {
  constructor(message: string, options?: ErrorOptions) {
    super('WORKER', message, options);
  }
}
