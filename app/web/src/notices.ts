import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  text: string;
}

const SHOWN_MS = 6000;
const MOST = 3;
let last = 0;

/** Short messages at the foot of the page; the newest last. */
export const notices = signal<Notice[]>([]);

export function notify(text: string): void {
  if (notices.value.some((notice) => notice.text === text)) return;
  const id = ++last;
  notices.value = [...notices.value, { id, text }].slice(-MOST);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
