type Value = string | number;

const collected: string[] = [];

/** Keeps what a test has measured; the line is printed after the test, whatever became of it. */
export function figure(name: string, values: Readonly<Record<string, Value>>): void {
  const parts = Object.entries(values).map(([key, value]) => `${key}=${shown(value)}`);
  collected.push(`figure | ${name} | ${parts.join(' ')}\n`);
}

function shown(value: Value): string {
  if (typeof value === 'string') return value;
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));
}

/** Bytes as mebibytes with one decimal, the way they are read. */
export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)}MiB`;
}

afterEach(() => {
  for (const line of collected.splice(0)) process.stdout.write(line);
});
