// Shows earlier entries of the ledger.

import type { Command } from "./command";

export const moreLedger: Command = {
  id: "bodkin.ui.moreLedger",
  run: ({ history }) => history.loadEarlier(),
};
