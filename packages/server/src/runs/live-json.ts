/** The live document ↔ its row. Cells that did not change since the last time are not encoded again. */
import type { LiveCell, LiveNotebook } from '@cahier/core/runs/live.ts';
import { emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import { liveNotebook } from '@cahier/protocol/client/down.ts';
import type { LiveRow } from '../history/history-log.ts';

const encoded = new WeakMap<LiveCell, string>();

export function liveToJson(live: LiveNotebook): string {
  const { cells, ...rest } = live;
  const parts: string[] = [];
  for (const [id, cell] of Object.entries(cells)) {
    let json = encoded.get(cell);
    if (json === undefined) {
      json = JSON.stringify(cell);
      encoded.set(cell, json);
    }
    parts.push(`${JSON.stringify(id)}:${json}`);
  }
  return `${JSON.stringify(rest).slice(0, -1)},"cells":{${parts.join(',')}}}`;
}

export function liveFromRow(row: LiveRow | null): LiveNotebook {
  return row === null ? emptyLiveNotebook : liveNotebook.parse(JSON.parse(row.json));
}
