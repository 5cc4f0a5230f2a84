/** What the code of the recorded session prints, draws and raises: a script for FakeRunner. The same bytes everywhere. */
import { crc32, deflateSync } from 'node:zlib';
import type { JsonObject } from '@cahier/base/json.ts';
import type { OutputMessage } from '@cahier/protocol/runner/up.ts';
import { type ScriptStep, says } from '../fake-runner.ts';

export const secondsMeasured = [0, 60, 120, 180, 240, 300, 420, 540, 660, 780, 900];
export const degreesMeasured = [84.1, 78.9, 74.2, 70.1, 66.3, 62.9, 57.0, 52.2, 48.1, 44.9, 42.0];

export function labScript(code: string): readonly ScriptStep[] {
  if (code.includes('np.zeros((400_000')) {
    return [says('allocating 1.3 TB\n'), { die: 'The kernel was killed: the machine has no memory left.' }];
  }
  if (code.includes('kelvin')) return raises(code, 'NameError', "name 'kelvin' is not defined", 'kelvin');
  const steps: ScriptStep[] = [];
  if (code.includes('for n in range')) {
    for (let n = 1; n <= 5; n += 1) steps.push(says(`try ${n}: k = ${(0.0009 + n * 0.00002).toFixed(5)}\n`));
  }
  if (code.includes('curve_fit(')) steps.push(says('k = 0.00101 ± 0.00002 per second\n'));
  if (code.includes('table(')) steps.push(display('execute_result', tableData(code.includes('head'))));
  if (code.includes('print(len(')) steps.push(says(`${secondsMeasured.length} measurements\n`));
  if (code.includes('plt.show()')) {
    const hasFit = code.includes('model(');
    const data = { 'image/png': chart(hasFit).toString('base64'), 'text/plain': '<Figure size 360x220>' };
    steps.push(display('display_data', data));
  }
  if (code.includes('half_time')) steps.push(says('half-life of the difference: 686 s\n'));
  return steps;
}

function raises(code: string, ename: string, evalue: string, at: string): ScriptStep[] {
  const lines = code.split('\n');
  const number = lines.findIndex((line) => line.includes(at)) + 1;
  const red = '\u001b[0;31m';
  const traceback = [
    `${red}---------------------------------------------------------------------------\u001b[0m`,
    `${red}${ename}\u001b[0m                                 Traceback (most recent call last)`,
    `Cell \u001b[0;32mIn[1], line ${number}\u001b[0m\n\u001b[0;32m----> ${number}\u001b[0m ${lines[number - 1] ?? ''}`,
    `${red}${ename}\u001b[0m: ${evalue}`,
  ];
  const error: OutputMessage = { type: 'error', content: { ename, evalue, traceback } };
  return [{ say: [error] }, { end: 'error' }];
}

function display(type: 'display_data' | 'execute_result', data: JsonObject): ScriptStep {
  const content = { data, metadata: {}, ...(type === 'execute_result' ? { execution_count: 1 } : {}) };
  return { say: [{ type, content }] };
}

function tableData(isShort: boolean): JsonObject {
  const count = isShort ? 5 : secondsMeasured.length;
  const rows = secondsMeasured.slice(0, count).map((s, i) => [s, degreesMeasured[i] ?? 0]);
  const html = rows.map(([s, c], i) => `<tr><th>${i}</th><td>${s}</td><td>${c}</td></tr>`).join('');
  return {
    'text/html': `<table><thead><tr><th></th><th>seconds</th><th>degrees</th></tr></thead><tbody>${html}</tbody></table>`,
    'text/plain': rows.map(([s, c], i) => `${i}  ${s}  ${c}`).join('\n'),
  };
}

const width = 360;
const height = 220;

/** A chart of the measurements as PNG: 16 colours, not compressed, so that no version of zlib changes its bytes. */
function chart(hasFit: boolean): Buffer {
  const pixels = Array.from({ length: height }, () => new Uint8Array(width));
  const dot = (x: number, y: number, color: number, size = 1) => {
    for (let dy = 0; dy < size; dy += 1) {
      for (let dx = 0; dx < size; dx += 1) {
        const line = pixels[Math.round(y) + dy];
        if (line && x + dx >= 0 && x + dx < width) line[Math.round(x) + dx] = color;
      }
    }
  };
  const xOf = (seconds: number) => 30 + (seconds / 900) * 310;
  const yOf = (degrees: number) => 200 - ((degrees - 30) / 60) * 185;
  for (let x = 30; x < 345; x += 1) dot(x, 200, 1);
  for (let y = 10; y < 200; y += 1) dot(30, y, 1);
  for (let s = 0; s <= 900; s += 100) for (let d = 0; d < 5; d += 1) dot(xOf(s), 200 + d, 1);
  if (hasFit) for (let s = 0; s <= 900; s += 1) dot(xOf(s), yOf(20 + 64 * Math.exp(-0.00117 * s)), 3, 2);
  secondsMeasured.forEach((s, i) => dot(xOf(s) - 2, yOf(degreesMeasured[i] ?? 0) - 2, 2, 5));
  const lines = pixels.map((line) => {
    const packed = Buffer.alloc(1 + width / 2);
    for (let x = 0; x < width; x += 2) packed[1 + x / 2] = ((line[x] ?? 0) << 4) | (line[x + 1] ?? 0);
    return packed;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([4, 3, 0, 0, 0], 8);
  const palette = Buffer.from([255, 255, 255, 60, 60, 60, 37, 99, 201, 180, 81, 11]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    part('IHDR', head),
    part('PLTE', palette),
    part('IDAT', deflateSync(Buffer.concat(lines), { level: 0 })),
    part('IEND', Buffer.alloc(0)),
  ]);
}

/** Source: https://www.w3.org/TR/png-3/#5Chunk-layout */
function part(name: string, bytes: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), bytes]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(bytes.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
