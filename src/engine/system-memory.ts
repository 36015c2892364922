/**
 * The system's memory.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Bytes that Linux could give to processes, files and swap space counted as free; undefined on other systems. */
function spareOfLinux(): number | undefined {
  try {
    const text = readFileSync('/proc/meminfo', 'latin1');
    const bytesOf = (name: string) => 1024 * Number(new RegExp(`^${name}: *(\\d+) kB`, 'm').exec(text)?.[1]);
    const spare = bytesOf('MemAvailable') + bytesOf('SwapFree');
    return Number.isFinite(spare) ? spare : undefined;
  } catch {
    return undefined;
  }
}

/**
 * About how many bytes this process can still get. Systems promise more than they have, and end the process that takes
 * them at their word.
 */
export function availableMemory(): number {
  // Zero, or more than there is, without a limit.
  const limit = Math.min(process.constrainedMemory() || Infinity, totalmem());
  return Math.min(Math.max(limit - process.memoryUsage.rss(), 0), spareOfLinux() ?? Infinity);
}
