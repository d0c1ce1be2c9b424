import { Link, useLocation } from "react-router";

import type { Session } from "../api/types";
import { useMayOpen } from "../session/pages";
import { useSignOut } from "../session/useSignOut";
import { appText } from "../texts/app";
import { askToSignOut } from "../ui/askToSignOut";
import { Brand } from "../ui/Brand";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import { Icon, IconLabel, type IconName } from "../ui/Icon";
import { notify } from "../ui/notify";
import { chooseTheme, THEMES, type Theme, useTheme } from "../ui/theme";
import styles from "./Side.module.css";

const { places } = appText;
const PLACES: readonly (readonly [path: string, name: string, icon: IconName])[] = [
  ["/", places.home, "home"],
  ["/customers", places.customers, "people"],
  ["/segments", places.segments, "segment"],
  ["/campaigns", places.campaigns, "campaign"],
  ["/settings", places.settings, "settings"],
];

/** Where one can go, and who is signed in. */
export function Side({ session }: { session: Session }) {
  const { pathname } = useLocation();
  const mayOpen = useMayOpen();
  return (
    <header className={styles.side}>
      <Brand />
      <nav aria-label={places.name} className={styles.places}>
        {PLACES.filter(([path]) => mayOpen(path)).map(([path, name, icon]) => (
          <Link key={path} to={path} {...marked(styles.place, isAt(path, pathname))}>
            <Icon name={icon} />
            {name}
          </Link>
        ))}
        <Link to="/help" {...marked(classes(styles.place, styles.last), isAt("/help", pathname))}>
          <Icon name="help" />
          {places.help}
        </Link>
      </nav>
      <div className={styles.account}>
        <div className={styles.who}>
          <span className={styles.name} title={session.email}>
            {session.email}
          </span>
          <span className={styles.role}>{appText.roles[session.role]}</span>
        </div>
        <Link
          to="/help"
          title={places.help}
          {...marked(classes(button("plain", "icon"), styles.help), isAt("/help", pathname))}
        >
          <IconLabel name="help" text={places.help} />
        </Link>
        <ThemeButton />
        <SignOut />
      </div>
    </header>
  );
}

/** Files are imported under customers, at an address of their own. */
const UNDER: Record<string, string> = { "/imports": "/customers" };

function isAt(place: string, pathname: string): boolean {
  const first = `/${pathname.split("/")[1] ?? ""}`;
  return (UNDER[first] ?? first) === place;
}

const marked = (className: string | undefined, isHere: boolean) => ({
  className,
  "aria-current": isHere ? ("page" as const) : undefined,
});

const THEME_ICONS: Record<Theme, IconName> = { auto: "auto", light: "sun", dark: "moon" };

function ThemeButton() {
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  const label = appText.theme.now(appText.theme[theme]);
  return (
    <button type="button" className={button("plain", "icon")} title={label} onClick={() => chooseTheme(next)}>
      <IconLabel name={THEME_ICONS[theme]} text={label} />
    </button>
  );
}

function SignOut() {
  const { leave, isPending } = useSignOut({
    everywhere: false,
    agree: askToSignOut,
    onError: () => notify({ text: appText.signOutFailed }),
  });
  return (
    <button
      type="button"
      className={button("plain", "icon")}
      title={appText.signOut}
      disabled={isPending}
      onClick={leave}
    >
      <IconLabel name="out" text={appText.signOut} />
    </button>
  );
}
