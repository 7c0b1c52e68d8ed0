// Opens the review of a patch, at a file and a hunk where they are named.

import { openDiff } from "../review/diff";
import { type Command, runToReview, targetOf } from "./command";

export const review: Command = {
  id: "bodkin.ui.review",
  async run(parts, argument) {
    const { path, hunk } = targetOf(argument);
    await openDiff(runToReview(parts, argument), path, hunk);
  },
};
