/**
 * One terminal on this page: xterm on one side, the socket on the other. Comes back after every cut and says how much has
 * been drawn, so that a flood never piles up here. Knows no React; the page looks at `state`.
 */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { backoffMs } from '@cahier/base/backoff.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { copyText } from '../ui/copy-text.ts';
import { api } from '../link/api.ts';
import { terminalSocketUrl } from '../link/urls.ts';
import { type Readable, Store } from '../rooms/store.ts';
import { theme } from '../shell/theme.ts';
import { codeFont, terminalTheme } from './terminal-look.ts';
import { endInWords, readTerminalDown, type TerminalPerson } from './terminal-messages.ts';

export interface TerminalState {
  readonly phase: 'connecting' | 'open' | 'away' | 'ended';
  /** How it ended. */
  readonly why: string;
  readonly people: readonly TerminalPerson[];
  /** Rows and columns, when somebody's smaller window decides. */
  readonly sharedSize: readonly [number, number] | null;
}

const drawnEvery = 32 * 1024;
const firstDialMs = 300;
const slowestDialMs = 8_000;
const scrollbackLines = 5_000;

export class TerminalSession {
  readonly #project: ProjectId;
  readonly #name: string;
  readonly #place: HTMLElement;
  readonly #state = new Store<TerminalState>({ phase: 'connecting', why: '', people: [], sharedSize: null });
  readonly #xterm: Terminal;
  readonly #fit = new FitAddon();
  readonly #ends = new DisposableStore();
  #socket: WebSocket | null = null;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #drawn = 0;
  #drawnTold = 0;
  #isDisposed = false;

  /** `leave`: the person wants the keyboard back. */
  constructor(project: ProjectId, name: string, place: HTMLElement, leave: () => void) {
    this.#project = project;
    this.#name = name;
    this.#place = place;
    this.#xterm = new Terminal({
      fontFamily: codeFont(place),
      fontSize: matchMedia('(width < 640px)').matches ? 12.5 : 14,
      lineHeight: 1.2,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      scrollback: scrollbackLines,
      theme: terminalTheme(place),
      minimumContrastRatio: 4.5,
      allowProposedApi: false,
    });
    this.#xterm.loadAddon(this.#fit);
    this.#xterm.open(place);
    this.#xterm.textarea?.setAttribute('aria-label', `Terminal ${name}`);
    this.#xterm.onData((data) => this.#say('stdin', data));
    this.#xterm.onBinary((data) => this.#say('stdin', data));
    this.#xterm.attachCustomKeyEventHandler((event) => this.#mayTake(event, leave));
    this.#watchLook();
    const sizes = new ResizeObserver(() => this.#propose());
    sizes.observe(place);
    this.#ends.add(() => sizes.disconnect());
    this.#dial();
    this.focus();
  }

  get state(): Readable<TerminalState> {
    return this.#state;
  }

  focus(): void {
    this.#xterm.focus();
  }

  readAloud(isOn: boolean): void {
    this.#xterm.options.screenReaderMode = isOn;
  }

  clear(): void {
    this.#xterm.clear();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
    this.#ends.dispose();
    this.#xterm.dispose();
  }

  #dial(): void {
    const socket = new WebSocket(terminalSocketUrl(this.#project, this.#name));
    this.#socket = socket;
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (socket === this.#socket) this.#hear(event.data);
    });
    socket.addEventListener('close', () => {
      if (socket === this.#socket) void this.#cut();
    });
  }

  #hear(data: unknown): void {
    const message = readTerminalDown(data);
    if (message === null) return;
    switch (message[0]) {
      case 'setup':
        this.#attempt = 0;
        this.#drawn = 0;
        this.#drawnTold = 0;
        this.#change({ phase: 'open' });
        this.#propose();
        return;
      case 'replay':
        this.#xterm.reset();
        return;
      case 'stdout': {
        const [, text] = message;
        this.#xterm.write(text, () => this.#drew(text.length));
        return;
      }
      case 'size':
        return this.#share(message[1], message[2]);
      case 'people':
        return this.#change({ people: message[1] });
      case 'ended':
        return this.#end(endInWords(message[1], message[2]));
      case 'disconnect':
        return this.#end(endInWords(null, null));
      default:
        message satisfies never;
    }
  }

  #drew(units: number): void {
    this.#drawn += units;
    if (this.#drawn - this.#drawnTold < drawnEvery) return;
    this.#drawnTold = this.#drawn;
    this.#say('drawn', this.#drawn);
  }

  #propose(): void {
    const size = this.#fit.proposeDimensions();
    if (!size || !Number.isFinite(size.rows) || size.rows < 1) return;
    this.#say('set_size', size.rows, size.cols);
  }

  #share(rows: number, columns: number): void {
    this.#xterm.resize(columns, rows);
    const own = this.#fit.proposeDimensions();
    const isSmaller = own !== undefined && (own.rows > rows || own.cols > columns);
    this.#change({ sharedSize: isSmaller ? [rows, columns] : null });
  }

  /** A refused socket does not say why; the list does. */
  async #cut(): Promise<void> {
    this.#socket = null;
    if (this.#isDisposed || this.#state.get().phase === 'ended') return;
    this.#change({ phase: 'away' });
    const isGone = await api.terminals(this.#project).then(
      ({ terminals }) => terminals.every(({ name }) => name !== this.#name),
      () => false,
    );
    if (this.#isDisposed) return;
    if (isGone) {
      this.#end('This terminal has ended.');
      return;
    }
    const wait = backoffMs(this.#attempt++, Math.random(), firstDialMs, slowestDialMs);
    this.#retry = setTimeout(() => this.#dial(), wait);
  }

  #end(why: string): void {
    if (this.#state.get().phase === 'ended') return;
    this.#xterm.options.disableStdin = true;
    this.#xterm.options.cursorBlink = false;
    this.#change({ phase: 'ended', why, people: [], sharedSize: null });
  }

  #say(...message: readonly (string | number)[]): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** False: the key is not the terminal's. */
  #mayTake(event: KeyboardEvent, leave: () => void): boolean {
    if (event.type !== 'keydown') return true;
    if (event.key === 'F6') {
      event.preventDefault();
      leave();
      return false;
    }
    const isChord = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
    // the browser pastes by itself
    if (isChord && event.code === 'KeyV') return false;
    if (isChord && event.code === 'KeyC') {
      event.preventDefault();
      if (this.#xterm.hasSelection()) void copyText(this.#xterm.getSelection());
      return false;
    }
    return true;
  }

  #watchLook(): void {
    const renew = () => {
      this.#xterm.options.theme = terminalTheme(this.#place);
    };
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', renew);
    // what the choice changes is known when the page has its new look
    const unwatch = theme.subscribe(() => requestAnimationFrame(renew));
    this.#ends.add(() => {
      dark.removeEventListener('change', renew);
      unwatch();
    });
  }

  #change(news: Partial<TerminalState>): void {
    this.#state.set({ ...this.#state.get(), ...news });
  }
}
