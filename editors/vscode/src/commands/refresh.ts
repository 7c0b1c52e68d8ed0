// Asks the server for everything anew.

import type { Command } from "./command";

export const refresh: Command = {
  id: "bodkin.ui.refresh",
  async run({ runs, history }) {
    await Promise.all([runs.load(), history.loadChanges(), history.loadLedger()]);
  },
};
