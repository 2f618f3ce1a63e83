import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { throttled } from '../throttle';

const SEND_EVERY_MS = 66;
const QUIET_MS = 600;

/**
 * A value that belongs to the server and is being changed here: shows ours until changes have been quiet for a moment,
 * then the server's again. Sends the newest at most 15 times a second.
 */
export function useLocal<T>(server: T, send: (value: T) => void): [T, (value: T) => void] {
  const [local, setLocal] = useState<{ value: T } | null>(null);
  const latest = useRef(send);
  latest.current = send;
  const post = useMemo(() => throttled<T>(SEND_EVERY_MS, (value) => latest.current(value)), []);
  useEffect(() => {
    if (!local) return;
    const timer = setTimeout(() => setLocal(null), QUIET_MS);
    return () => clearTimeout(timer);
  }, [local]);
  const change = (value: T) => {
    setLocal({ value });
    post(value);
  };
  return [local ? local.value : server, change];
}
