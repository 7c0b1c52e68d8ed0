// Clears the marks of what runs have changed: the user has seen it and keeps it.

import type { Command } from "./command";

export const keep: Command = {
  id: "bodkin.ui.keep",
  run({ marks }) {
    marks.keepAll();
    return Promise.resolve();
  },
};
