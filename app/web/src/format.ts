// Numbers for people: few digits, always the same width class, no surprises.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 12 345 678, with thin spaces. */
export function count(value: number): string {
  return grouped.format(value).replaceAll(',', '\u2009');
}

/** A measured number in about four digits. */
export function short(value: number | string | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4)
    return value.toExponential(2).replace('e+', 'e').replace('-', '\u2212');
  if (size >= 10 ** digits) return count(value).replace('-', '\u2212');
  return String(Number(value.toPrecision(digits))).replace('-', '\u2212');
}

const PREFIXES = ['', 'k', 'M', 'G', 'T'];

/** 1.2 M: with a unit prefix, to read rates at a glance. */
export function prefixed(value: number): string {
  let power = 0;
  while (Math.abs(value) >= 999.5 && power < PREFIXES.length - 1) {
    value /= 1000;
    ++power;
  }
  const text =
    value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value ? 2 : 0);
  return PREFIXES[power] ? `${text}\u2009${PREFIXES[power]}` : text;
}

/** Decimals that a slider of this step needs. */
export function decimalsOf(step: number): number {
  if (!(step > 0)) return 4;
  return Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}
