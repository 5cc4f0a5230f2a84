/** Languages by kernel language or file name, each fetched when it is first met. */
import { LanguageSupport, StreamLanguage, type StreamParser } from '@codemirror/language';

type Load = () => Promise<LanguageSupport>;

const stream = async (parser: Promise<StreamParser<unknown>>): Promise<LanguageSupport> =>
  new LanguageSupport(StreamLanguage.define(await parser));

const python: Load = async () => (await import('@codemirror/lang-python')).python();
const markdown: Load = async () => (await import('./markdown-language.ts')).markdownLanguage();
const r: Load = () => stream(import('@codemirror/legacy-modes/mode/r').then((m) => m.r));
const julia: Load = () => stream(import('@codemirror/legacy-modes/mode/julia').then((m) => m.julia));
const octave: Load = () => stream(import('@codemirror/legacy-modes/mode/octave').then((m) => m.octave));
const shell: Load = () => stream(import('@codemirror/legacy-modes/mode/shell').then((m) => m.shell));
const javascript: Load = () =>
  stream(import('@codemirror/legacy-modes/mode/javascript').then((m) => m.javascript));
const typescript: Load = () =>
  stream(import('@codemirror/legacy-modes/mode/javascript').then((m) => m.typescript));
const json: Load = () => stream(import('@codemirror/legacy-modes/mode/javascript').then((m) => m.json));
const c: Load = () => stream(import('@codemirror/legacy-modes/mode/clike').then((m) => m.c));
const cpp: Load = () => stream(import('@codemirror/legacy-modes/mode/clike').then((m) => m.cpp));
const java: Load = () => stream(import('@codemirror/legacy-modes/mode/clike').then((m) => m.java));
const scala: Load = () => stream(import('@codemirror/legacy-modes/mode/clike').then((m) => m.scala));
const rust: Load = () => stream(import('@codemirror/legacy-modes/mode/rust').then((m) => m.rust));
const go: Load = () => stream(import('@codemirror/legacy-modes/mode/go').then((m) => m.go));
const ruby: Load = () => stream(import('@codemirror/legacy-modes/mode/ruby').then((m) => m.ruby));
const haskell: Load = () => stream(import('@codemirror/legacy-modes/mode/haskell').then((m) => m.haskell));
const sql: Load = () => stream(import('@codemirror/legacy-modes/mode/sql').then((m) => m.standardSQL));
const yaml: Load = () => stream(import('@codemirror/legacy-modes/mode/yaml').then((m) => m.yaml));
const toml: Load = () => stream(import('@codemirror/legacy-modes/mode/toml').then((m) => m.toml));
const css: Load = () => stream(import('@codemirror/legacy-modes/mode/css').then((m) => m.css));
const html: Load = () => stream(import('@codemirror/legacy-modes/mode/xml').then((m) => m.html));
const xml: Load = () => stream(import('@codemirror/legacy-modes/mode/xml').then((m) => m.xml));
const latex: Load = () => stream(import('@codemirror/legacy-modes/mode/stex').then((m) => m.stex));
const docker: Load = () =>
  stream(import('@codemirror/legacy-modes/mode/dockerfile').then((m) => m.dockerFile));

const byName = new Map<string, Load>(
  Object.entries({
    python,
    ipython: python,
    sage: python,
    markdown,
    r,
    julia,
    octave,
    matlab: octave,
    bash: shell,
    shell,
    sh: shell,
    javascript,
    typescript,
    json,
    c,
    cpp,
    'c++': cpp,
    java,
    scala,
    rust,
    go,
    ruby,
    haskell,
    sql,
    yaml,
    toml,
    css,
    html,
    xml,
    latex,
    tex: latex,
    dockerfile: docker,
  }),
);

const byExtension: Readonly<Record<string, string>> = {
  py: 'python',
  pyi: 'python',
  sage: 'python',
  md: 'markdown',
  markdown: 'markdown',
  qmd: 'markdown',
  rmd: 'markdown',
  r: 'r',
  jl: 'julia',
  m: 'octave',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  json: 'json',
  ipynb: 'json',
  c: 'c',
  h: 'c',
  cpp: 'cpp',
  cc: 'cpp',
  hpp: 'cpp',
  java: 'java',
  scala: 'scala',
  rs: 'rust',
  go: 'go',
  rb: 'ruby',
  hs: 'haskell',
  sql: 'sql',
  yml: 'yaml',
  yaml: 'yaml',
  toml: 'toml',
  css: 'css',
  html: 'html',
  htm: 'html',
  xml: 'xml',
  svg: 'xml',
  tex: 'latex',
  sty: 'latex',
  bib: 'latex',
  dockerfile: 'dockerfile',
};

/** The language of a file by its name; null for plain text. */
export function languageOfFile(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return byExtension[name.slice(name.lastIndexOf('.') + 1)] ?? null;
}

const loading = new Map<string, Promise<LanguageSupport>>();

/** null (plain text) for a language that is not known or could not be fetched. */
export async function loadLanguage(name: string | null): Promise<LanguageSupport | null> {
  const key = name?.toLowerCase() ?? '';
  const load = byName.get(key);
  if (!load) return null;
  const known = loading.get(key) ?? load();
  loading.set(key, known);
  try {
    return await known;
  } catch {
    loading.delete(key);
    return null;
  }
}
