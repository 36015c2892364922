/**
 * Downloads that go on where they stopped.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import cliProgress from 'cli-progress';
import { DownloadError } from '../../common/errors.js';

/** Milliseconds within which a host must answer, and within which more data must come. */
export interface DownloadLimits {
  readonly answer: number;
  readonly stall: number;
}

const standardLimits: DownloadLimits = { answer: 5_000, stall: 15_000 };

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Shows how far a download is, on a terminal. */
function progressOf(name: string, done: number, total: number): { advance(bytes: number): void; end(): void } {
  if (!process.stderr.isTTY || total === 0) return { advance: () => undefined, end: () => undefined };
  const bar = new cliProgress.SingleBar({ format: `${name} [{bar}] {percentage}% | {eta_formatted} left` });
  bar.start(total, done);
  return { advance: (bytes) => bar.increment(bytes), end: () => bar.stop() };
}

/** Rejects when a promise takes longer than `milliseconds`. */
async function within<T>(milliseconds: number, what: string, promise: Promise<T>, abort: AbortController): Promise<T> {
  const timer = setTimeout(
    () => abort.abort(new DownloadError(`${what} took longer than ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Appends what a host sends to the partial file, from where that ends. */
async function append(url: string, part: string, limits: DownloadLimits): Promise<void> {
  const abort = new AbortController();
  const before = await sizeOf(part);
  const headers = before > 0 ? { range: `bytes=${before}-` } : undefined;
  const response = await within(limits.answer, 'the answer', fetch(url, { headers, signal: abort.signal }), abort);
  // The partial file is whole already, or of another version.
  if (response.status === 416) return rm(part, { force: true });
  if (!response.ok || response.body === null) throw new DownloadError(`HTTP status ${response.status}`);
  const resumed = response.status === 206;
  const rest = Number(response.headers.get('content-length') ?? 0);
  const start = resumed ? before : 0;
  const progress = progressOf(path.basename(url), start, rest === 0 ? 0 : start + rest);
  const file = await open(part, resumed ? 'a' : 'w');
  try {
    const chunks = response.body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    for (;;) {
      const chunk = await within(limits.stall, 'the next data', chunks.next(), abort);
      if (chunk.done) break;
      await file.write(chunk.value);
      progress.advance(chunk.value.length);
    }
  } finally {
    progress.end();
    await file.close();
  }
}

/**
 * Downloads a file, checks it and puts it into its place. An interrupted download leaves `target.part` and is resumed.
 *
 * @param md5 - MD5 of the file, in hexadecimal digits
 * @returns `target`
 * @throws `DownloadError` when the host does not answer in time, or the content is wrong twice
 */
export async function download(
  url: string,
  target: string,
  md5: string,
  limits: DownloadLimits = standardLimits,
): Promise<string> {
  const part = `${target}.part`;
  await mkdir(path.dirname(target), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    await append(url, part, limits);
    const hash = createHash('md5');
    for await (const chunk of (await sizeOf(part)) > 0 ? createReadStream(part) : []) hash.update(chunk as Buffer);
    if (hash.digest('hex') === md5) {
      await rename(part, target);
      return target;
    }
    await rm(part, { force: true });
  }
  throw new DownloadError(`the content has not the MD5 ${md5}: it is damaged or another version`);
}
