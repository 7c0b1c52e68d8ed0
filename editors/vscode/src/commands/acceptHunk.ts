// Accepts one hunk: the one of a lens or of a tree's line, else the one at the cursor of the diff.

import { type Command, decideHunk } from "./hunk";

export const acceptHunk: Command = {
  id: "bodkin.ui.acceptHunk",
  run: (parts, argument) => decideHunk(parts, argument, "accept"),
};
