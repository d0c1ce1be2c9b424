import "uplot/dist/uPlot.min.css";

import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";

import styles from "./Chart.module.css";
import { chartOptions } from "./chartOptions";
import type { ChartProps } from "./chartProps";
import { Dot } from "./Dot";

const HEIGHT = 200;

/** Bars and lines over a few steps. What is under the pointer is written out below. */
export default function Chart({ x, series, format, short = format }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas does not follow the theme, so it is drawn again.
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const size = { width: box.clientWidth, height: HEIGHT };
    const plot = new uPlot(
      { ...size, ...chartOptions({ x, series, short, colour, onMove: setAt }) },
      [x.map((_, index) => index), ...series.map(({ values }) => [...values])],
      box,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [x, series, short, theme]);
  return (
    <div aria-hidden="true">
      <div ref={place} className={styles.canvas} />
      <p className={styles.legend}>
        {at !== null && <strong>{x[at]}</strong>}
        {series.map(({ name, values, tone }) => (
          <span key={name}>
            <Dot tone={tone} />
            {name}
            {at !== null && ` ${format(values[at] ?? 0)}`}
          </span>
        ))}
      </p>
    </div>
  );
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--crm-${name}`).trim();

const currentTheme = () => document.documentElement.dataset.theme;

function useTheme(): string | undefined {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => {
    const watch = new MutationObserver(() => setTheme(currentTheme));
    watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => watch.disconnect();
  }, []);
  return theme;
}
