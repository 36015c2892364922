/** A real browser, where the machine has one. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Starts the browser, or gives undefined on a machine without one. `CHROMIUM` names another one. */
export async function startBrowser(): Promise<Browser | undefined> {
  const { CHROMIUM } = process.env;
  const executablePath = (CHROMIUM === undefined ? usualPlaces : [CHROMIUM]).find((file) => existsSync(file));
  if (executablePath === undefined) return undefined;
  // Chromium's sandbox refuses to run as root, as in containers; the pages are our own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
