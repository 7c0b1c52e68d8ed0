// Stops the server, looks for its program anew and starts it.

import type { Command } from "./command";

export const restart: Command = {
  id: "bodkin.ui.restart",
  run: ({ connection }) => connection.restart(),
};
