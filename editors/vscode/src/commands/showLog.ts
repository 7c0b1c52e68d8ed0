// Shows the log of the extension and of the server.

import type { Command } from "./command";

export const showLog: Command = {
  id: "bodkin.ui.showLog",
  run({ connection }) {
    connection.log.show();
    return Promise.resolve();
  },
};
