/** Another version than the one this work began from is stored by now. Nothing was written. */
export class EditConflict extends Error {
  constructor() {
    super("another version is stored");
    this.name = "EditConflict";
  }
}
