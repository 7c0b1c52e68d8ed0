// What the manifest promises to the editor.

const assert = require("node:assert");
const vscode = require("vscode");

const manifest = () => vscode.extensions.getExtension("bodkin.bodkin").packageJSON;

module.exports = [
  [
    "virtual workspaces are refused and untrusted ones limited, each with a reason",
    () => {
      const { capabilities, extensionKind } = manifest();
      assert.strictEqual(capabilities.virtualWorkspaces.supported, false);
      assert.match(capabilities.virtualWorkspaces.description, /disk/);
      assert.strictEqual(capabilities.untrustedWorkspaces.supported, "limited");
      assert.match(capabilities.untrustedWorkspaces.description, /trusted/);
      assert.ok(capabilities.untrustedWorkspaces.restrictedConfigurations.includes("bodkin.path"));
      assert.deepStrictEqual(extensionKind, ["workspace"]);
    },
  ],
  [
    "what an icon of a tree does, its menu does too, which a key opens",
    () => {
      const items = manifest().contributes.menus["view/item/context"];
      const inline = items.filter((it) => it.group.startsWith("inline"));
      assert.ok(inline.length > 5);
      for (const icon of inline) {
        const same = (it) => it.command === icon.command && it.when === icon.when && !it.group.startsWith("inline");
        assert.ok(items.some(same), `${icon.command} is only an icon`);
      }
    },
  ],
  [
    "every command is registered and has a title, every key has a command",
    async () => {
      const { commands, keybindings } = manifest().contributes;
      const registered = new Set(await vscode.commands.getCommands(true));
      for (const { command, title } of commands) {
        assert.ok(registered.has(command), `${command} is registered`);
        assert.ok(title && !title.includes("%"), `${command} has a title`);
      }
      assert.deepStrictEqual(keybindings.filter((it) => !registered.has(it.command)), []);
    },
  ],
];
