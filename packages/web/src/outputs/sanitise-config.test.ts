import { describe, expect, it } from 'vitest';
import { sanitiseConfig } from './sanitise-config.ts';

describe('what the sanitiser lets through', () => {
  it.each(['style', 'form', 'input', 'button', 'dialog', 'template'])('no <%s>', (tag) => {
    expect(sanitiseConfig.FORBID_TAGS).toContain(tag);
  });

  it('no data attributes, no ids that shadow ours', () => {
    expect(sanitiseConfig.ALLOW_DATA_ATTR).toBe(false);
    expect(sanitiseConfig.SANITIZE_NAMED_PROPS).toBe(true);
    expect(sanitiseConfig.USE_PROFILES).toEqual({ html: true, mathMl: true });
  });

  it.each([
    'javascript:alert(1)',
    'vbscript:x',
    'data:text/html,<script>',
    'blob:x',
    '//evil.example/x',
    'file:///etc/passwd',
  ])('no address %s', (address) => {
    expect(sanitiseConfig.ALLOWED_URI_REGEXP.test(address)).toBe(false);
  });

  it.each(['https://a.org', 'mailto:a@b.org', '#part', '/p/1/files/a.png', 'data:image/png;base64,AAAA'])(
    'but %s',
    (address) => {
      expect(sanitiseConfig.ALLOWED_URI_REGEXP.test(address)).toBe(true);
    },
  );
});
