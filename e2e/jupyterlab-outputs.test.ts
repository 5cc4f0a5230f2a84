/**
 * What JupyterLab shows of outputs that the server writes, with two JupyterLabs open on the notebook and nobody else, and
 * what the document holds afterwards: each JupyterLab writes its own view back, so a slip is doubled by each.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { launchBrowser, newPerson, type Person, signIn } from './support/browser.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
import {
  type Lab,
  labCell,
  labDocument,
  labOutput,
  labPrompt,
  openLab,
  runInLab,
} from './support/lab-page.ts';
import { ServerProcess } from './support/server-process.ts';

interface Row {
  readonly what: string;
  readonly code: string;
  /** The text below the cell. */
  readonly shown: string | RegExp;
  /** The outputs of the document: type, and text where there is some. */
  readonly kept: readonly (readonly [string, string?])[];
  readonly run?: number;
}

const ipython = 'from IPython.display import clear_output, display, HTML, Markdown';
const rows: readonly Row[] = [
  {
    what: 'text in pieces',
    code: 'import time\nfor i in range(5):\n    print(i, end=" ", flush=True); time.sleep(0.15)',
    shown: '0 1 2 3 4',
    kept: [['stream', '0 1 2 3 4 ']],
  },
  {
    what: 'stdout, stderr, stdout',
    code: 'import sys\nprint("one", flush=True)\nprint("two", file=sys.stderr, flush=True)\nprint("three", flush=True)',
    shown: 'one\ntwo\nthree',
    kept: [
      ['stream', 'one\n'],
      ['stream', 'two\n'],
      ['stream', 'three\n'],
    ],
  },
  {
    what: 'text, a display, text again',
    code: `${ipython}\nprint("before")\ndisplay(Markdown("**middle**"))\nprint("after")`,
    shown: 'before\nmiddle\nafter',
    kept: [['stream', 'before\n'], ['display_data'], ['stream', 'after\n']],
  },
  {
    what: 'a progress bar',
    code: 'import time\nfor i in range(0, 101, 20):\n    print(f"\\r{i:3d}% " + "#" * (i // 10), end="", flush=True); time.sleep(0.1)',
    shown: '100% ##########',
    kept: [['stream', '100% ##########']],
  },
  {
    what: 'clear_output and more',
    code: `${ipython}\nprint("gone", flush=True)\nclear_output()\nprint("stays")`,
    shown: 'stays',
    kept: [['stream', 'stays\n']],
  },
  {
    what: 'clear_output(wait=True) in a loop',
    code: `${ipython}\nimport time\nfor i in range(6):\n    clear_output(wait=True)\n    print("step", i, flush=True); time.sleep(0.1)`,
    shown: 'step 5',
    kept: [['stream', 'step 5\n']],
  },
  {
    what: 'a display that is changed, with text after it',
    code: `${ipython}\nh = display(Markdown("first"), display_id=True)\nprint("after", flush=True)\nh.update(Markdown("changed"))`,
    shown: 'changed\nafter',
    kept: [['display_data'], ['stream', 'after\n']],
  },
  {
    what: 'a result and an error',
    code: 'print("so far")\n1/0',
    shown: /so far[\s\S]*ZeroDivisionError/,
    kept: [['stream', 'so far\n'], ['error']],
  },
  {
    what: 'the same cell four times',
    code: 'import time\nfor i in range(3):\n    print("again", i, flush=True); time.sleep(0.05)',
    shown: 'again 0\nagain 1\nagain 2',
    kept: [['stream', 'again 0\nagain 1\nagain 2\n']],
    run: 4,
  },
  {
    what: 'a thousand lines at once',
    code: 'for i in range(1000): print("line", i)',
    shown: /^line 0\nline 1\n[\s\S]*line 999$/,
    kept: [['stream', Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('')]],
  },
  {
    what: 'HTML with a script, which does nothing',
    code: `${ipython}\nHTML('<b>table</b><script>document.title = "taken over"</script><img src="data:," onerror="document.title=1">')`,
    shown: 'table',
    kept: [['execute_result']],
  },
];

/** The number of the last run that has ended; 0 before the first. */
async function countOf(lab: Lab): Promise<number> {
  return Number(/\[(\d+)\]/.exec(await labPrompt(lab, 1))?.[1] ?? 0);
}

const textOf = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))]);
const fileOutputs = z.object({
  content: z.object({
    cells: z.array(
      z.looseObject({
        outputs: z.array(z.looseObject({ output_type: z.string(), text: textOf.optional() })),
      }),
    ),
  }),
});

describe('outputs in JupyterLab', () => {
  let browser: Browser;
  let server: ServerProcess;
  let project: string;
  let path: string;
  let people: readonly Person[];
  let labs: readonly Lab[];

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await ServerProcess.start();
    project = await firstProject(server);
    people = await Promise.all(['Ada', 'Bert'].map((name) => newPerson(browser, name)));
    for (const person of people) await signIn(person, server);
    path = await newNotebook(server, project);
    const opened: Lab[] = [];
    for (const person of people) opened.push(await openLab(person, server, project, path));
    labs = opened;
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  beforeEach(() => {
    for (const lab of labs) lab.faults.length = 0;
  });

  it.each(rows)('$what', async ({ code, shown, kept, run = 1 }) => {
    const [first, second] = labs;
    if (!first || !second) throw new Error('JupyterLab was not opened twice');
    await labCell(first, 1).locator('.cm-content').click();
    await first.page.keyboard.press('Control+a');
    await first.page.keyboard.press('Delete');
    // as pasted: typing would add closing brackets and indentation of its own
    await first.page.keyboard.insertText(code);
    for (let n = 0; n < run; n += 1) {
      const before = await countOf(first);
      await runInLab(first, 1);
      await expect.poll(() => countOf(first)).toBeGreaterThan(before);
    }
    for (const lab of labs) {
      await expect
        .poll(() => labOutput(lab, 1))
        .toEqual(typeof shown === 'string' ? shown : expect.stringMatching(shown));
      await expect.poll(() => labPrompt(lab, 1)).toBe(await labPrompt(first, 1));
    }
    const answer = await fetch(`${server.origin}/p/${project}/api/contents/${path}?content=1`, {
      headers: ownerHeaders(server),
    });
    const { content } = fileOutputs.parse(await answer.json());
    const inFile = content.cells[0]?.outputs.map(({ output_type, text }) => [output_type, text]);
    const expected = kept.map(([type, text]) => [type, text]);
    expect(inFile).toEqual(expected);
    for (const lab of labs) {
      const [cell] = (await labDocument(lab)).cells;
      const here = cell?.outputs?.map(({ output_type, text }) => [
        output_type,
        text === undefined ? undefined : textOf.parse(text),
      ]);
      expect(here).toEqual(expected);
      expect(await lab.page.title()).toContain(path);
    }
    // the policy says what it has kept from running
    const blocked = /^Executing inline (script|event handler) violates/;
    expect(labs.flatMap((lab) => lab.faults).filter((fault) => !blocked.test(fault))).toEqual([]);
  });
});
