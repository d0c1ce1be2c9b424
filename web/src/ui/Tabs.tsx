import { useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";

import styles from "./Tabs.module.css";

/** Pages side by side. Where there is no room for all of them, the one that is open is in sight. */
export function Tabs({ label, items }: { label: string; items: readonly { to: string; label: string }[] }) {
  const bar = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another open tab.
  useEffect(() => {
    const open = bar.current?.querySelector("[aria-current]");
    open?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [pathname]);
  return (
    <nav className={styles.tabs} aria-label={label} ref={bar}>
      {items.map((item) => (
        <NavLink key={item.to} to={item.to} end className={styles.tab ?? ""}>
          {item.label}
        </NavLink>
      ))}
    </nav>
  );
}
