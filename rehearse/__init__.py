"""The rehearsal of a release, on this machine: packages of two releases, an upgrade while campaigns are sent,
killed functions, a restored database. `make rehearse` runs it; see docs/operations.md."""
