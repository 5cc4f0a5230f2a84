/**
 * The house check: no import runs up a floor, no cycle (type-only imports count in the pure floors), only a composition
 * root knows adapters, nothing imports a test. Reads import statements; source: ARCHITECTURE.md, section "Floors".
 * Usage: node scripts/house.ts — prints each broken rule and exits 1.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** What a package may import from the others (itself is always allowed). */
const floors: Record<string, readonly string[]> = {
  base: [],
  core: ['base'],
  protocol: ['base', 'core'],
  server: ['base', 'core', 'protocol'],
  runner: ['base', 'core', 'protocol'],
  web: ['base', 'core', 'protocol'],
  testkit: ['base', 'core', 'protocol', 'server'],
};

/** Rooms of the server, upper to lower: a room imports only rooms on lines below its own. */
const serverFloors: readonly (readonly string[])[] = [
  ['main.ts', 'config.ts'],
  ['commands'],
  ['adapters'],
  ['projects'],
  ['link'],
  ['files', 'jupyter'],
  ['mirrors', 'runs', 'terminals'],
  ['rooms'],
  ['history', 'blobs'],
  ['runners'],
  ['people'],
  ['http'],
];

/** Rooms of core, upper to lower. */
const coreFloors: readonly (readonly string[])[] = [
  ['rooms'],
  ['history'],
  ['runs', 'notebooks', 'documents', 'jupyter'],
  ['access', 'files', 'errors.ts'],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

export interface Finding {
  readonly rule: 'floor' | 'cycle' | 'adapter' | 'test' | 'foreign';
  readonly text: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('node_modules') && !path.includes('/dist/'));
}

const isTest = (path: string) => /\.(test|contract|sim|kernel)\.tsx?$|\.test\.tsx?$/.test(path);

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  const pattern =
    /(?:^|\n)\s*(import|export)(\s+type)?\s[^;'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
  for (const match of text.matchAll(pattern)) {
    const target = match[3] ?? match[4];
    if (target === undefined) continue;
    let to: string | undefined;
    if (target.startsWith('.')) to = resolve(dirname(file), target);
    else if (target.startsWith('@cahier/')) {
      const [, name, ...rest] = target.split('/');
      to = join(root, 'packages', name ?? '', 'src', ...rest);
    }
    if (to) found.push({ from: file, to, isType: match[2] !== undefined });
  }
  return found;
}

const packageOf = (path: string) => /packages\/([^/]+)\//.exec(path)?.[1];
const roomOf = (path: string) => /packages\/[^/]+\/src\/([^/]+)/.exec(path)?.[1] ?? '';
const shown = (path: string) => relative(root, path);

function levelOf(levels: readonly (readonly string[])[], path: string): number {
  return levels.findIndex((names) => names.includes(roomOf(path)));
}

export function check(): Finding[] {
  const findings: Finding[] = [];
  const files = sources(join(root, 'packages'));
  const edges = new Map<string, Import[]>();
  for (const file of files) edges.set(file, importsOf(file));
  for (const [file, imports] of edges) {
    const own = packageOf(file) ?? '';
    for (const edge of imports) {
      const other = packageOf(edge.to) ?? '';
      const line = `${shown(edge.from)} → ${shown(edge.to)}`;
      if (isTest(edge.to) && !isTest(file)) findings.push({ rule: 'test', text: line });
      if (isTest(file)) continue;
      if (own !== other && !(floors[own] ?? []).includes(other)) findings.push({ rule: 'floor', text: line });
      for (const [name, levels] of [
        ['server', serverFloors],
        ['core', coreFloors],
      ] as const) {
        if (own !== name || other !== name) continue;
        const from = levelOf(levels, edge.from);
        const to = levelOf(levels, edge.to);
        if (from === -1)
          findings.push({
            rule: 'foreign',
            text: `${shown(edge.from)} is in a room that the map does not have`,
          });
        const isPortOfLower = roomOf(edge.from) === 'adapters';
        if (from !== -1 && to !== -1 && to < from && !isPortOfLower)
          findings.push({ rule: 'floor', text: line });
        if (
          roomOf(edge.to) === 'adapters' &&
          !['main.ts', 'commands', 'adapters'].includes(roomOf(edge.from))
        )
          findings.push({ rule: 'adapter', text: line });
      }
    }
  }
  return [...findings, ...cycles(edges)];
}

function cycles(edges: ReadonlyMap<string, readonly Import[]>): Finding[] {
  const findings: Finding[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const visit = (file: string) => {
    state.set(file, 'open');
    path.push(file);
    for (const edge of edges.get(file) ?? []) {
      if (edge.isType && !/packages\/(core|protocol|base)\//.test(file)) continue;
      const seen = state.get(edge.to);
      if (seen === 'open') {
        const knot = [...path.slice(path.indexOf(edge.to)), edge.to];
        findings.push({ rule: 'cycle', text: knot.map(shown).join(' → ') });
      } else if (seen === undefined && edges.has(edge.to)) visit(edge.to);
    }
    path.pop();
    state.set(file, 'done');
  };
  for (const file of edges.keys()) if (!state.has(file)) visit(file);
  return findings;
}

if (import.meta.main) {
  const findings = check();
  for (const { rule, text } of findings) console.log(`${rule}: ${text}`);
  console.log(
    findings.length === 0 ? 'house: no arrow up, no cycle' : `house: ${findings.length} broken rules`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}
