import { NavLink } from "react-router";

/** Pages side by side. */
export function Tabs({ label, items }: { label: string; items: readonly { to: string; label: string }[] }) {
  return (
    <nav className="tabs" aria-label={label}>
      {items.map((item) => (
        <NavLink key={item.to} to={item.to} end className="tab">
          {item.label}
        </NavLink>
      ))}
    </nav>
  );
}
