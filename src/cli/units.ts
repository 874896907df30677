/** `4,200`. */
export function count(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 file`, `4,200 files`. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${n === 1 ? noun : `${noun}s`}`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `412.3 MB`; decimal units (1 MB = 10^6 bytes), one decimal above 1000 bytes. */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be printed as 1000.0
  while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** `12,345,678` below a hundred thousand as it is, then `123.5k`, `12.3M`, `4.56G`: at most six characters. */
export function shortCount(n: number): string {
  if (n < 100_000) return count(n);
  if (n < 999_950) return `${(n / 1e3).toFixed(1)}k`;
  if (n < 999_950_000) return `${(n / 1e6).toFixed(1)}M`;
  return `${(n / 1e9).toFixed(2)}G`;
}

/** `0.42 s`, `12.3 s`, `4 min 07 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `345 MB/s`; 0 when no time has passed. */
export function megabytesPerSecond(bytes: number, seconds: number): string {
  const rate = seconds > 0 ? bytes / seconds / 1e6 : 0;
  return `${rate < 10 ? rate.toFixed(1) : count(rate)} MB/s`;
}
