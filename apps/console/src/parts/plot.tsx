import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** A line over time. `times` are seconds since 1970; `show` says a value as text. */
export function Plot({
  title,
  times,
  values,
  show,
}: {
  title: string;
  times: readonly number[];
  values: readonly (number | null)[];
  show: (value: number) => string;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const style = getComputedStyle(element);
    const line = style.getPropertyValue('--accent');
    const ink = style.color;
    const axis = { stroke: ink, grid: { stroke: style.getPropertyValue('--edge') } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: 180,
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
        series: [{}, { stroke: line, width: 2, points: { show: times.length < 3 } }],
        axes: [axis, { ...axis, size: 90, values: (_plot, ticks) => ticks.map(show) }],
      },
      [[...times], [...values]],
      element,
    );
    const fit = (): void => plot.setSize({ width: element.clientWidth, height: 180 });
    window.addEventListener('resize', fit);
    return () => {
      window.removeEventListener('resize', fit);
      plot.destroy();
    };
  }, [times, values, show]);
  const last = values.at(-1);
  return (
    <figure class="plot">
      <figcaption>
        {title}
        {last !== undefined && last !== null && <strong> {show(last)}</strong>}
      </figcaption>
      <div ref={place} role="img" aria-label={`${title} over time`} />
    </figure>
  );
}
