/**
 * Active outputs of one cell, in one opaque frame: scripts, style sheets, forms. The frame has no origin, no cookies,
 * no way to the page but one MessagePort, handed over once to the window that we loaded.
 */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import {
  type FrameDown,
  type FrameOutput,
  frameSandbox,
  frameUrl,
  maxFrameContent,
  openFrameUrl,
  parseFrameUp,
} from './frame-protocol.ts';
import { frameTheme, onThemeChange } from './frame-theme.ts';
import { allowInternet, useInternetAllowed } from './internet-consent.ts';
import { useKeepMounted } from './keep-mounted.ts';
import { liveFrames } from './live-frames.ts';
import styles from './outputs.module.css';

const firstHeight = 60;

export function FrameOutputs({
  outputs,
  label,
}: {
  readonly outputs: readonly FrameOutput[];
  readonly label: string;
}) {
  const [isAsleep, setIsAsleep] = useState(false);
  const [height, setHeight] = useState(firstHeight);
  const isOpen = useInternetAllowed();
  const size = outputs.reduce((sum, output) => sum + output.value.length, 0);
  if (size > maxFrameContent) {
    return (
      <p className={styles['missing']}>This output is too large to be shown ({Math.round(size / 1e6)} MB).</p>
    );
  }
  if (isAsleep) {
    return (
      <button
        type="button"
        className={styles['asleep']}
        style={{ height }}
        onClick={() => setIsAsleep(false)}
      >
        Show this interactive output again
      </button>
    );
  }
  return (
    <LiveFrame
      key={String(isOpen)}
      isOpen={isOpen}
      outputs={outputs}
      label={label}
      height={height}
      onHeight={setHeight}
      onSleep={() => setIsAsleep(true)}
    />
  );
}

interface LiveFrameProps {
  readonly outputs: readonly FrameOutput[];
  readonly label: string;
  readonly height: number;
  /** The reader lets it load from anywhere. */
  readonly isOpen: boolean;
  onHeight(height: number): void;
  onSleep(): void;
}

function LiveFrame({ outputs, label, height, isOpen, onHeight, onSleep }: LiveFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const port = useRef<MessagePort | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [kept, setKept] = useState<readonly string[]>([]);
  const sleep = useEffectEvent(onSleep);
  const resize = useEffectEvent((to: number) => onHeight(Math.max(20, Math.ceil(to))));
  const sendOutputs = useEffectEvent((to: MessagePort) => send(to, { t: 'render', outputs }));

  const keep = useKeepMounted();
  useEffect(() => {
    const key = {};
    const release = keep();
    liveFrames.use(key, () => sleep());
    return () => {
      release();
      liveFrames.release(key);
      port.current?.close();
      port.current = null;
    };
  }, [keep]);

  useEffect(() => send(port.current, { t: 'render', outputs }), [outputs]);
  useEffect(() => onThemeChange(() => send(port.current, frameTheme())), []);

  useEffect(() => {
    const greet = (event: MessageEvent) => {
      const window = frame.current?.contentWindow;
      // Only the window we loaded, and only its first word: what it navigates to later gets no port.
      if (!window || event.source !== window || event.data !== 'cahier-output-frame' || port.current) return;
      const channel = new MessageChannel();
      port.current = channel.port1;
      channel.port1.onmessage = ({ data }) => {
        const message = parseFrameUp(data);
        if (!message) return;
        if (message.t === 'resize') resize(message.height);
        if (message.t === 'link') setLink(message.href);
        if (message.t === 'failed') setFailure(message.message);
        if (message.t === 'kept') setKept((hosts) => [...new Set([...hosts, message.host])].slice(0, 5));
        if (message.t === 'escape') frame.current?.closest<HTMLElement>('[data-cell]')?.focus();
      };
      window.postMessage('cahier-port', '*', [channel.port2]);
      send(channel.port1, frameTheme());
      sendOutputs(channel.port1);
    };
    addEventListener('message', greet);
    return () => removeEventListener('message', greet);
  }, []);

  return (
    <div className={styles['frameBox']}>
      <iframe
        ref={frame}
        className={styles['frame']}
        title={label}
        sandbox={frameSandbox}
        src={isOpen ? openFrameUrl : frameUrl}
        referrerPolicy="no-referrer"
        style={{ height }}
      />
      {link !== null && <LinkQuestion href={link} onClose={() => setLink(null)} />}
      {kept.length > 0 && !isOpen && <InternetQuestion hosts={kept} />}
      {failure !== null && <p className={styles['missing']}>A script of this output failed: {failure}</p>}
    </div>
  );
}

/** The frame may not open windows; the reader decides, seeing where the link goes. */
function LinkQuestion({ href, onClose }: { readonly href: string; onClose(): void }) {
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <div className={styles['linkQuestion']} role="group" aria-label="Open a link of this output?">
      <span>
        Open <strong>{URL.canParse(href) ? new URL(href).host || href : href}</strong>?
      </span>
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" onClick={onClose}>
        Open in a new tab
      </a>
      <button type="button" className={styles['more']} onClick={onClose}>
        Stay here
      </button>
    </div>
  );
}

/** What a result loads tells that site who reads, and when; so the reader is asked. */
function InternetQuestion({ hosts }: { readonly hosts: readonly string[] }) {
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <div className={styles['linkQuestion']} role="group" aria-label="Load parts from the internet?">
      <span>
        This result wants to load parts from <strong>{hosts.join(', ')}</strong>, which would then know that
        you look at it.
      </span>
      <button type="button" className={styles['more']} onClick={allowInternet}>
        Load them in this notebook
      </button>
    </div>
  );
}

function send(port: MessagePort | null, message: FrameDown): void {
  port?.postMessage(message);
}
