import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { renderReport } from '../../src/callbacks/report/page.js';
import type { ReportData } from '../../src/callbacks/report/report-data.js';
import { startBrowser } from '../support/browser.js';
import { reportData } from '../support/report-data.js';

/** How many pixels of a chart are near a colour. */
function pixelsNear(page: Page, chart: number, colour: readonly [number, number, number]): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#chart-${chart} canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colour = [${colour.join()}];
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const distance = colour.reduce((sum, value, index) => sum + Math.abs(data[at + index] - value), 0);
      if (data[at + 3] > 200 && distance < 12) count++;
    }
    return count;
  })()`);
}

/** Waits until a chart has more than a few pixels of a colour: a change of the scheme is drawn a moment later. */
async function waitForColour(page: Page, chart: number, colour: readonly [number, number, number]): Promise<void> {
  for (let attempt = 0; (await pixelsNear(page, chart, colour)) <= 50; attempt++) {
    assert.ok(attempt < 50, `chart ${chart} has nothing of colour ${colour.join()}`);
    await page.waitForTimeout(50);
  }
}

const colours = {
  light: { train: [0x25, 0x63, 0xeb], val: [0xd9, 0x48, 0x0f] },
  dark: { train: [0x6e, 0xa8, 0xfe], val: [0xff, 0x9f, 0x5a] },
} as const;

describe('page of a report in a browser', function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  let page: Page;
  let folder = '';
  const problems: string[] = [];
  const requests: string[] = [];

  before(async function () {
    browser = await startBrowser();
    if (browser) return;
    console.log('      no browser here: install Chromium, or name one in CHROMIUM');
    this.skip();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
    problems.length = requests.length = 0;
    page = await browser!.newPage({ colorScheme: 'light', viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
  });
  afterEach(async () => {
    await page.close();
    rmSync(folder, { recursive: true });
  });

  const file = () => path.join(folder, 'report.html');
  const write = (changes: Partial<ReportData> = {}) => writeFileSync(file(), renderReport(reportData(changes)));

  async function open(changes: Partial<ReportData> = {}): Promise<void> {
    write({ status: 'finished', ...changes });
    await page.goto(pathToFileURL(file()).href);
  }

  it('draws every chart, in light and dark, and asks for nothing else', async () => {
    await open();
    assert.equal(await page.locator('canvas').count(), 4);
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      const { train, val } = colours[scheme];
      for (const chart of [0, 1, 2, 3]) {
        await waitForColour(page, chart, train);
        if (chart !== 2) await waitForColour(page, chart, val);
      }
      assert.equal(await pixelsNear(page, 2, val), 0);
    }
    assert.deepEqual(problems, []);
    assert.deepEqual(requests, [pathToFileURL(file()).href]);
  });

  it('has readable text in light and dark', async () => {
    await open();
    const brightness = async () => {
      const { color, backgroundColor } = await page.evaluate<Record<string, string>>(
        '(({ color, backgroundColor }) => ({ color, backgroundColor }))(getComputedStyle(document.body))',
      );
      return [color, backgroundColor].map((text) => {
        const [red = 0, green = 0, blue = 0] = (text!.match(/[\d.]+/g) ?? []).map(Number);
        return 0.3 * red + 0.59 * green + 0.11 * blue;
      });
    };
    const [textInLight, pageInLight] = await brightness();
    assert.ok(pageInLight! - textInLight! > 180);
    await page.emulateMedia({ colorScheme: 'dark' });
    const [textInDark, pageInDark] = await brightness();
    assert.ok(textInDark! - pageInDark! > 180);
  });

  it('tells the values under the pointer, and zooms', async () => {
    await open();
    const legend = page.locator('#chart-0 .u-legend');
    const plot = page.locator('#chart-0 .u-over');
    const { x, y, width, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + width - 1, y + height / 2);
    assert.match(await legend.innerText(), /^epoch\s*2\s*each batch\s*0\.6\s*training\s*1\s*validation\s*1\.5$/);
    const firstTick = () => page.evaluate<number>('reportCharts[0].scales.x.min');
    assert.equal(await firstTick(), 0.1);
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.9, y + height / 2, { steps: 4 });
    await page.mouse.up();
    assert.ok((await firstTick()) > 0.9);
  });

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    await open();
    const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
    assert.ok(widths[0]! <= widths[1]!, `the page is ${widths[0]} wide`);
  });

  it('runs nothing that stands in a text', async () => {
    const hostile =
      '</script><script>globalThis.attacked = true</script><img src=x onerror="globalThis.attacked = true">';
    const metrics = { [hostile]: 0.5 };
    const passes = reportData().passes.map((epoch) => ({ ...epoch, train: { ...epoch.train, metrics } }));
    await open({ title: hostile, metricNames: [hostile], passes, settings: [[hostile, hostile]] });
    assert.equal(await page.locator('h1').innerText(), hostile);
    assert.equal(await page.locator('canvas').count(), 4);
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.evaluate<boolean>("'attacked' in globalThis"), false);
    assert.deepEqual(problems, []);
  });

  it('reads itself again while training runs, and not afterwards', async () => {
    await page.clock.install({ time: reportData().updatedAt + 1000 });
    await open({ status: 'running' });
    assert.equal(await page.locator('.status').innerText(), 'running');
    write({ status: 'finished', epochs: 2 });
    const loaded = page.waitForEvent('load');
    await page.clock.fastForward(11_000);
    await loaded;
    assert.equal(await page.locator('.status').innerText(), 'finished');
    const before = requests.length;
    await page.clock.fastForward(60_000);
    assert.equal(requests.length, before);
  });

  it('says when a run has not been heard of for long', async () => {
    await page.clock.install({ time: reportData().updatedAt + 3_600_000 });
    await open({ status: 'running' });
    assert.equal(await page.locator('.status').innerText(), 'no news');
  });

  it('shows gaps, and a run without validation', async () => {
    const { curve, passes } = reportData();
    const loss = curve[1]!.map((value, index) => (index > 9 && index < 15 ? NaN : value));
    const trained = passes.map(({ val: _val, ...rest }) => rest);
    await open({ curve: [curve[0]!, loss, ...curve.slice(2)], passes: trained });
    assert.equal(await page.locator('canvas').count(), 4);
    assert.equal(await pixelsNear(page, 0, colours.light.val), 0);
    assert.deepEqual(problems, []);
  });
});
