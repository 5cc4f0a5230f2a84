import { asCellId } from '@cahier/base/ids.ts';
import { insertCell } from '@cahier/core/notebooks/source-doc.ts';
import { Client } from './support/client.ts';
import { ServerProcess } from './support/server-process.ts';
import { firstProject, newNotebook } from './support/http.ts';
const server = await ServerProcess.start();
try {
  const project = await firstProject(server);
  const client = await Client.connect(server.origin, project, server.token);
  const d = await client.open(await newNotebook(server, project));
  const sum = asCellId('sum'),
    lines = asCellId('lines');
  insertCell(d.ydoc, { id: sum, type: 'code', source: '1+1' }, { after: null }, null, 'a0');
  insertCell(
    d.ydoc,
    { id: lines, type: 'code', source: 'for i in range(1_000_000): print(i)' },
    { after: sum },
    null,
    'a1',
  );
  await client.runAndWait(d, [sum], 60000);
  const t: number[] = [];
  for (let i = 0; i < 60; i++) {
    const count = d.live.cells[sum]?.executionCount ?? 0;
    const at = performance.now();
    void client.request({ t: 'run.queue', doc: d.doc, cells: [sum] });
    await client.until(() => {
      const n = d.live.cells[sum];
      return (n?.executionCount ?? 0) > count && (n?.outputs.length ?? 0) > 0 && n?.state === 'done';
    }, 10000);
    t.push(performance.now() - at);
    await new Promise((r) => setTimeout(r, 40));
  }
  t.sort((a, b) => a - b);
  console.log('1+1 p50', t[30], 'min', t[0], 'max', t[59]);
  let frames = 0,
    bytes = 0;
  client.onFrame = (f) => {
    if (f.t === 'live') {
      frames++;
      bytes += JSON.stringify(f.ops).length;
    }
  };
  for (let k = 0; k < 4; k++) {
    const at = performance.now();
    await client.runAndWait(d, [lines], 30000).catch((e) => {
      console.log(
        String(e),
        JSON.stringify({
          ...d.live,
          cells: {
            ...d.live.cells,
            lines: {
              ...d.live.cells[lines],
              outputs: d.live.cells[lines]?.outputs.map((o) => ({
                ...o,
                text: (o as { text: string }).text.slice(-50),
                pages: (o as { pages?: [] }).pages?.length,
              })),
            },
          },
        }),
      );
    });
    console.log(
      '1M lines',
      performance.now() - at,
      'frames',
      frames,
      'bytes',
      bytes,
      'live',
      JSON.stringify(d.live).length,
    );
  }
  const o = d.live.cells[lines]?.outputs[0];
  if (o?.type === 'stream') console.log(o.pages?.length, o.text.length, o.text.slice(-20));
} catch (e) {
  console.log(e);
  console.log(server.log.slice(-4000));
}
console.log(server.log.slice(-3000));
await server.stop();
