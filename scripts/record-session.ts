/** `node scripts/record-session.ts`: records the session that tests open, anew. Needed when what is recorded changes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { recordSession } from '../packages/testkit/src/recorded/record-session.ts';
import { packSession, sessionFile } from '../packages/testkit/src/recorded/recorded-session.ts';

const recorded = await recordSession();
const packed = packSession(recorded);
mkdirSync(dirname(sessionFile), { recursive: true });
writeFileSync(sessionFile, packed);
console.log(`${sessionFile}: ${recorded.entries.length} entries, ${(packed.length / 1000).toFixed(0)} kB`);
