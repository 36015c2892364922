import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Whether a pixel belongs to a shape; places are in [-1, 1]. */
const shapes: Record<string, (x: number, y: number) => boolean> = {
  circle: (x, y) => x * x + y * y < 0.5,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.2,
  stripes: (_, y) => Math.floor((y + 1) * 4) % 2 === 0,
};

/** A number in [0, 1) that looks random and is the same each time. */
function noise(index: number): number {
  const value = Math.sin(index * 12.9898) * 43758.5453;
  return value - Math.floor(value);
}

/** Fills a folder with `count` images a class (PPM files of 40 x 40 pixels): shapes in random places, colours and noise. */
export async function drawShapes(folder: string, count: number): Promise<void> {
  const side = 40;
  let draw = 0;
  for (const [name, belongs] of Object.entries(shapes)) {
    await mkdir(path.join(folder, name), { recursive: true });
    for (let image = 0; image < count; image++) {
      const [dx, dy] = [noise(draw++) - 0.5, noise(draw++) - 0.5];
      const colours = Array.from({ length: 6 }, () => 200 * noise(draw++));
      const pixels = Buffer.alloc(side * side * 3);
      for (let i = 0; i < pixels.length; i++) {
        const pixel = Math.floor(i / 3);
        const x = (2 * (pixel % side)) / side - 1 - 0.6 * dx;
        const y = (2 * Math.floor(pixel / side)) / side - 1 - 0.6 * dy;
        pixels[i] = (colours[(i % 3) + (belongs(x, y) ? 0 : 3)] ?? 0) + 55 * noise(draw++);
      }
      const file = path.join(folder, name, `${String(image).padStart(3, '0')}.ppm`);
      await writeFile(file, Buffer.concat([Buffer.from(`P6 ${side} ${side} 255\n`), pixels]));
    }
  }
}
