// Rejects one hunk: the one of a lens or of a tree's line, else the one at the cursor of the diff.

import { type Command, decideHunk } from "./hunk";

export const rejectHunk: Command = {
  id: "bodkin.ui.rejectHunk",
  run: (parts, argument) => decideHunk(parts, argument, "reject"),
};
