/** `3 d 4 h`, `5 min 2 s`: the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** `12 s ago`, of a time in ISO form; a dash for none. */
export function ago(iso: string | null, now: number): string {
  return iso === null ? '–' : `${duration((now - Date.parse(iso)) / 1000)} ago`;
}

/** `2026-11-01 05:00 UTC`. */
export function utc(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
