// The one link to the worker, and what the page asks the server through it.

import { CommandError } from './client';
import { Link, type News } from './link';
import { notify } from './notices';
import * as state from './state';

let onNews: (news: News) => void = () => {};
const worker = new Worker(new URL('./decode/worker.ts', import.meta.url), { type: 'module' });
export const link = new Link(worker, (news) => onNews(news));

/** Connects; from then on `receive` is told what comes unasked. */
export function open(receive: (news: News) => void): void {
  onNews = receive;
  reconnect();
}

export function reconnect(): void {
  link.connect(location);
}

/** Asks the world in view for something; what goes wrong is shown to the user. Undefined: it was refused. */
export async function command(
  op: string,
  args: Record<string, unknown> = {},
): Promise<Record<string, unknown> | undefined> {
  const name = state.world.peek()?.name;
  if (state.inStream.peek() && !('world' in args)) {
    notify('A script shows this: it takes no commands.');
    return undefined;
  }
  try {
    return await link.request(op, { ...(name ? { world: name } : {}), ...args });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.code !== 'cancelled') notify(error.message);
    return undefined;
  }
}

/** The same, silently: for what is asked again soon anyway. */
export function ask(
  op: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  return link.request(op, args).catch(() => undefined);
}
