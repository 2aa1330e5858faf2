/** Rows as a table for people, each column as wide as its longest cell; numbers stand to the right. */
export function tableOf(rows: readonly Readonly<Record<string, string | number>>[], nothing: string): string {
  const [first] = rows;
  if (!first) return `${nothing}\n`;
  const columns = Object.keys(first).map((name) => {
    const cells = rows.map((row) => String(row[name] ?? ''));
    const isNumeric = rows.every((row) => typeof row[name] === 'number' || row[name] === '-');
    return { name, cells, isNumeric, width: Math.max(name.length, ...cells.map(({ length }) => length)) };
  });
  const line = (cellOf: (column: (typeof columns)[number]) => string): string =>
    columns
      .map((column) => {
        const cell = cellOf(column);
        return column.isNumeric ? cell.padStart(column.width) : cell.padEnd(column.width);
      })
      .join('  ')
      .trimEnd();
  const lines = [
    line(({ name }) => name),
    ...rows.map((_, index) => line(({ cells }) => cells[index] ?? '')),
  ];
  return `${lines.join('\n')}\n`;
}
