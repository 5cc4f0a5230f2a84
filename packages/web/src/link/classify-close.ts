/**
 * What the end of a socket means for the page. Pure. Source: protocol/wire-error.ts (closeCodeOf) and RFC 6455, 7.4.
 * Everything but 44xx is a cut that may heal.
 */
export type CloseVerdict =
  | { readonly do: 'retry'; readonly isBusy: boolean }
  | { readonly do: 'sign-in' }
  | { readonly do: 'reload' }
  | { readonly do: 'give-up'; readonly why: 'forbidden' | 'gone' | 'refused' };

export function classifyClose(code: number): CloseVerdict {
  switch (code) {
    case 4401:
      return { do: 'sign-in' };
    case 4426:
      return { do: 'reload' };
    case 4403:
      return { do: 'give-up', why: 'forbidden' };
    case 4404:
      return { do: 'give-up', why: 'gone' };
    case 1013:
      return { do: 'retry', isBusy: true };
    default:
      return code >= 4400 && code < 4500 ? { do: 'give-up', why: 'refused' } : { do: 'retry', isBusy: false };
  }
}
