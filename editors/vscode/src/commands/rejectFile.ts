// Rejects every undecided hunk of a file of a patch.

import { type Command, decideFile } from "./hunk";

export const rejectFile: Command = {
  id: "bodkin.ui.rejectFile",
  run: (parts, argument) => decideFile(parts, argument, "reject"),
};
