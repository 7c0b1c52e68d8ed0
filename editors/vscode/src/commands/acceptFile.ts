// Accepts every undecided hunk of a file of a patch.

import { type Command, decideFile } from "./hunk";

export const acceptFile: Command = {
  id: "bodkin.ui.acceptFile",
  run: (parts, argument) => decideFile(parts, argument, "accept"),
};
