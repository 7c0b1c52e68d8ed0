// Applies the accepted part of a patch though it could not be proved by itself.

import { type Command, runToReview } from "./command";

export const applyAnyway: Command = {
  id: "bodkin.ui.applyAnyway",
  run: (parts, argument) => parts.decide.anyway(runToReview(parts, argument).summary.runId),
};
