// Rejects a whole patch, whatever was accepted of it before.

import { type Command, runToReview } from "./command";

export const rejectAll: Command = {
  id: "bodkin.ui.rejectAll",
  run: (parts, argument) => parts.decide.rejectAll(runToReview(parts, argument).summary.runId),
};
