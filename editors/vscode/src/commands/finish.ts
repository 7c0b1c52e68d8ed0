// Applies what was accepted of a patch; what is undecided counts as rejected.

import { type Command, runToReview } from "./command";

export const finish: Command = {
  id: "bodkin.ui.finish",
  run: (parts, argument) => parts.decide.finish(runToReview(parts, argument).summary.runId),
};
