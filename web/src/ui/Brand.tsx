import { Link } from "react-router";

import { appText } from "../texts/app";
import styles from "./Brand.module.css";

export function Brand() {
  return (
    <Link className={styles.brand} to="/">
      <svg className={styles.mark} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path
          d="M9 19.5a7 7 0 0 1 11-8M23 12.5a7 7 0 0 1-11 8"
          fill="none"
          stroke="currentColor"
          strokeWidth="3"
          strokeLinecap="round"
        />
        <circle cx="16" cy="16" r="2.2" fill="currentColor" />
      </svg>
      {appText.product}
    </Link>
  );
}
