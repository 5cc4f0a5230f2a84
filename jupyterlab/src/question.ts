/**
 * What a running cell asks (`input()`, `getpass()`), as a field below it. The server runs the cells, so it is the server
 * that is answered, and it takes the first answer, from whoever may run. The question is an output that the server adds
 * and removes: the field comes and goes with it, for everybody. What was typed outlives a field that is drawn anew because
 * the code printed something meanwhile.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ServerConnection, type User } from '@jupyterlab/services';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import './question.css';

/** As in packages/core/src/jupyter/question.ts. */
const mime = 'application/vnd.cahier.input+json';
const redrawnWithinMs = 2_000;

interface Asked {
  readonly prompt: string;
  readonly isPassword: boolean;
  readonly run: string;
  readonly by: string;
  readonly kernel: string;
}

interface Draft {
  readonly text: string;
  readonly hasFocus: boolean;
}

/** By run: of fields that were taken away a moment ago. */
const drafts = new Map<string, Draft>();

export const question: JupyterFrontEndPlugin<void> = {
  id: 'cahier:question',
  description: 'Answers what a running cell asks.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate({ serviceManager }, registry: IRenderMimeRegistry) {
    const { serverSettings, user } = serviceManager;
    registry.addFactory(
      {
        // a file may have an output of this type, too: nobody is asked for a password by a file that is not trusted
        safe: false,
        mimeTypes: [mime],
        createRenderer: () => new QuestionField(serverSettings, user),
      },
      0,
    );
  },
};

function askedBy(value: unknown): Asked {
  const { prompt, password, run, by, kernel } = Object(value) as Readonly<Record<string, unknown>>;
  const text = (given: unknown) => (typeof given === 'string' ? given : '');
  return {
    prompt: text(prompt),
    isPassword: password === true,
    run: text(run),
    by: text(by),
    kernel: text(kernel),
  };
}

class QuestionField extends Widget implements IRenderMime.IRenderer {
  readonly #settings: ServerConnection.ISettings;
  readonly #user: User.IManager;
  readonly #form = document.createElement('form');
  readonly #label = document.createElement('label');
  readonly #field = document.createElement('input');
  readonly #problem = document.createElement('p');
  #asked: Asked | null = null;
  #isOffered = false;

  constructor(settings: ServerConnection.ISettings, user: User.IManager) {
    super();
    this.#settings = settings;
    this.#user = user;
    this.addClass('cahier-question');
    this.#label.append(document.createElement('span'), this.#field);
    this.#problem.setAttribute('role', 'alert');
    this.#form.append(this.#label, this.#problem);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#answer();
    });
    // what is typed here is no shortcut of the notebook
    for (const type of ['keydown', 'keypress', 'keyup', 'mousedown'])
      this.#field.addEventListener(type, (event) => event.stopPropagation());
    this.node.append(this.#form);
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const asked = askedBy(model.data[mime]);
    this.#asked = asked;
    const mayAnswer = PageConfig.getOption('cahierMayRun') === 'true';
    const words = asked.prompt.trim() === '' ? 'The code asks for input' : asked.prompt;
    const [said] = this.#label.children;
    if (said) said.textContent = words;
    this.#field.type = asked.isPassword ? 'password' : 'text';
    this.#field.autocomplete = 'off';
    this.#field.spellcheck = false;
    this.#field.hidden = !mayAnswer;
    this.#field.placeholder = 'Enter sends it';
    this.#field.value = drafts.get(asked.run)?.text ?? '';
    this.#problem.textContent = mayAnswer ? '' : 'Whoever may run code here can answer.';
    return Promise.resolve();
  }

  override dispose(): void {
    const { activeElement } = document;
    this.#keepDraft(activeElement === this.#field);
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.#asked === null || this.#isOffered) return;
    this.#isOffered = true;
    const draft = drafts.get(this.#asked.run);
    drafts.delete(this.#asked.run);
    const isOwn = this.#asked.by !== '' && this.#asked.by === this.#user.identity?.username;
    if (draft ? draft.hasFocus : isOwn && this.#mayTakeFocus()) this.#field.focus();
  }

  protected override onBeforeDetach(message: Message): void {
    this.#keepDraft(document.activeElement === this.#field);
    super.onBeforeDetach(message);
  }

  #keepDraft(hasFocus: boolean): void {
    const run = this.#asked?.run;
    if (run === undefined || this.#field.readOnly || drafts.has(run)) return;
    drafts.set(run, { text: this.#field.value, hasFocus });
    setTimeout(() => drafts.delete(run), redrawnWithinMs);
  }

  /** Who works in this notebook and is not writing in another of its cells. */
  #mayTakeFocus(): boolean {
    const focus = document.activeElement;
    if (focus === null || focus === document.body) return true;
    if (this.node.closest('.jp-Notebook')?.contains(focus) !== true) return false;
    const text = focus.closest('.cm-content');
    return text === null || text.textContent === '' || this.node.closest('.jp-Cell')?.contains(text) === true;
  }

  async #answer(): Promise<void> {
    const asked = this.#asked;
    if (asked === null || this.#field.readOnly) return;
    this.#field.readOnly = true;
    this.#problem.textContent = '';
    const address = URLExt.join(
      this.#settings.baseUrl,
      'api/kernels',
      encodeURIComponent(asked.kernel),
      'input',
    );
    const body = JSON.stringify({ input: this.#field.value, run: asked.run });
    const refused = await ServerConnection.makeRequest(
      address,
      { method: 'POST', body },
      this.#settings,
    ).then(
      async (response) =>
        response.ok ? null : (await ServerConnection.ResponseError.create(response)).message,
      () => 'No connection to the server. Try again in a moment.',
    );
    if (refused === null) {
      // the notebook goes on by keyboard where the field was
      if (this.node.contains(document.activeElement)) this.node.closest<HTMLElement>('.jp-Cell')?.focus();
      return;
    }
    this.#field.readOnly = false;
    this.#problem.textContent = refused;
  }
}
