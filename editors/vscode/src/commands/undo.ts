// Takes a change back: the one of a tree's line, else the last one. What was typed since is kept.

import * as protocol from "../protocol";
import { type Command, targetOf } from "./command";

export const undo: Command = {
  id: "bodkin.ui.undo",
  async run({ connection }, argument) {
    const { checkpoint } = targetOf(argument);
    await connection.command(protocol.Commands.undo, { checkpoint: checkpoint ?? null, folder: null });
  },
};
