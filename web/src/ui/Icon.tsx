import styles from "./Icon.module.css";
import typography from "./typography.module.css";

/** The icons in use, as paths of a 24 × 24 box. Decoration: the component that uses one gives the words. */

const CIRCLE = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18";

const PATHS = {
  auto: `${CIRCLE}M12 3v18M12 8h7.5M12 12h9M12 16h7.5`,
  back: "M15 6l-6 6 6 6",
  campaign: "M21 3 10.5 13.5M21 3l-6.5 18-4-7.5L3 9.5z",
  chart: "M4 4v16h16M8.5 16v-4M12.5 16V7M16.5 16v-6",
  check: "M4.5 12.5l5 5L20 7",
  chevron: "M9 6l6 6-6 6",
  clock: `${CIRCLE}M12 7.5V12l3 2`,
  copy: "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
  cross: "M6 6l12 12M18 6L6 18",
  download: "M12 4v12M7 11l5 5 5-5M4 17v3h16v-3",
  help: `${CIRCLE}M9.5 9.6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.7M12 17v.01`,
  home: "M3 11l9-8 9 8M5.5 9v11.5h4.5V15h4v5.5h4.5V9",
  import: "M12 16V4M7 9l5-5 5 5M4 15v5h16v-5",
  info: `${CIRCLE}M12 11.5V16M12 8v.01`,
  key: "M8.5 19a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M12 11l8-8M16 7l3 3",
  mail: "M3 6h18v12H3zM3 7l9 6 9-6",
  moon: "M20 14.5A8.5 8.5 0 1 1 9.5 4 6.5 6.5 0 0 0 20 14.5",
  out: "M14 4h6v16h-6M10 8l-4 4 4 4M6 12h10",
  pause: "M8 5v14M16 5v14",
  people:
    "M16 20.5v-2a4 4 0 0 0-4-4H6.5a4 4 0 0 0-4 4v2M9.2 10.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6M21.5 20.5v-2a4 4 0 0 0-3-3.8M15.5 3.2a3.8 3.8 0 0 1 0 7.1",
  play: "M7 4.5l13 7.5-13 7.5z",
  plus: "M12 5v14M5 12h14",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20.5 20.5l-4.5-4.5",
  segment: "M3 4.5h18l-7 8.5v6l-4 2v-8z",
  settings: "M4 6.5h9M18 6.5h2M4 12h2M11 12h9M4 17.5h8M17 17.5h3M15.5 4v5M8.5 9.5v5M14.5 15v5",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13.5h10L18 7M10 11v5.5M14 11v5.5",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  warning: "M12 3.5l9.5 17h-19zM12 10v4.5M12 17.3v.01",
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={styles.icon} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** An icon on a ground of its own, above a title. */
export function RoundIcon({ name }: { name: IconName }) {
  return (
    <span className={styles.round}>
      <Icon name={name} />
    </span>
  );
}

/** A button's face that shows an icon and says words. */
export function IconLabel({ name, text }: { name: IconName; text: string }) {
  return (
    <>
      <Icon name={name} />
      <span className={typography.hidden}>{text}</span>
    </>
  );
}
