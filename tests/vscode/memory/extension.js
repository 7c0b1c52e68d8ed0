// A file system that is on no disk: one folder with one file, for a workspace that is virtual.

const vscode = require("vscode");

const FILES = { "/shop/till.py": "def total(a, b):\n    return a - b\n" };

const never = () => {
  throw vscode.FileSystemError.NoPermissions();
};

exports.activate = (context) => {
  const changes = new vscode.EventEmitter();
  const provider = {
    onDidChangeFile: changes.event,
    watch: () => new vscode.Disposable(() => {}),
    stat: ({ path }) => {
      const text = FILES[path];
      if (path !== "/shop" && text === undefined) {
        throw vscode.FileSystemError.FileNotFound();
      }
      const type = text === undefined ? vscode.FileType.Directory : vscode.FileType.File;
      return { type, ctime: 0, mtime: 0, size: (text ?? "").length };
    },
    readDirectory: () => Object.keys(FILES).map((path) => [path.slice("/shop/".length), vscode.FileType.File]),
    readFile: ({ path }) => new TextEncoder().encode(FILES[path]),
    createDirectory: never,
    writeFile: never,
    delete: never,
    rename: never,
  };
  context.subscriptions.push(vscode.workspace.registerFileSystemProvider("memory", provider));
};
