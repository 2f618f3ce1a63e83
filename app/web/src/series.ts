// The history of a world's measures: bounded, over the whole run. When full, every other sample is let go.

const MOST = 4096;

export class History {
  columns: string[] = [];
  /** One array a column; the first is the step. */
  data: number[][] = [];
  private stride = 1;
  private skipped = 0;

  begin(columns: string[]): void {
    this.columns = columns;
    this.data = columns.map(() => []);
    this.stride = 1;
    this.skipped = 0;
  }

  push(row: ArrayLike<number>): void {
    const steps = this.data[0];
    if (!steps || row.length !== this.columns.length) return;
    const step = row[0]!;
    // Reset and undo go back in time: what was after is no longer true.
    while (steps.length && steps[steps.length - 1]! >= step)
      for (const column of this.data) column.pop();
    if (steps.length && ++this.skipped < this.stride) return;
    this.skipped = 0;
    this.data.forEach((column, i) => column.push(row[i]!));
    if (steps.length >= MOST) this.thin();
  }

  private thin(): void {
    this.data = this.data.map((column) => column.filter((_, i) => i % 2 === 0));
    this.stride *= 2;
  }
}
