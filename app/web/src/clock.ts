// How far the server's clock is from ours, from pings: the answer that took the shortest way knows best.

const KEPT = 8;

export class ServerClock {
  private samples: { roundTrip: number; ahead: number }[] = [];

  /** Sent and received on our clock, milliseconds; the server's answer in microseconds. */
  add(sent: number, received: number, serverMicros: number): void {
    const roundTrip = received - sent;
    this.samples.push({ roundTrip, ahead: serverMicros / 1000 - (sent + roundTrip / 2) });
    if (this.samples.length > KEPT) this.samples.shift();
  }

  clear(): void {
    this.samples = [];
  }

  private best(): { roundTrip: number; ahead: number } | undefined {
    return this.samples.reduce<{ roundTrip: number; ahead: number } | undefined>(
      (best, sample) => (!best || sample.roundTrip < best.roundTrip ? sample : best),
      undefined,
    );
  }

  get roundTrip(): number | null {
    return this.best()?.roundTrip ?? null;
  }

  /** Milliseconds since the server's clock showed `serverMicros`; null before the first ping. */
  age(serverMicros: number, now: number): number | null {
    const best = this.best();
    return best ? Math.max(0, now + best.ahead - serverMicros / 1000) : null;
  }
}
