// Accepts every hunk of a patch that is still undecided.

import { type Command, runToReview } from "./command";

export const acceptAll: Command = {
  id: "bodkin.ui.acceptAll",
  run: (parts, argument) => parts.decide.acceptRest(runToReview(parts, argument).summary.runId),
};
