--- Files change on the disk behind the editor: a clean buffer is read again, unsaved work stays and is told of.

local kit = require('kit')

---@param path string
---@param text string
local function write(path, text)
  local file = assert(io.open(path, 'wb'))
  file:write(text)
  file:close()
end

kit.run(function()
  local folder = vim.fn.getcwd()
  local clean = kit.open(folder .. '/till.py')
  local unsaved = kit.open(folder .. '/other.py')
  kit.type('ggOunsaved = 2<Esc>')
  kit.equal(kit.text(unsaved), 'unsaved = 2\nMINE = 1\n', 'the unsaved buffer')

  -- What `bodkin fix --apply` does in a terminal.
  local fix = { vim.env.BODKIN_TEST_BINARY, 'fix', 'till.py:2', '--apply' }
  local done = vim.system(fix, { cwd = folder, text = true }):wait()
  kit.equal(done.code, 0, 'the exit code of bodkin fix: ' .. done.stderr)
  local right = 'def total(a, b):\n    return a + b\n'
  kit.equal(kit.file(folder .. '/till.py'), right, 'the disk')
  vim.api.nvim_exec_autocmds('FocusGained', {})
  kit.wait('the clean buffer to be read again', function()
    return kit.text(clean) == right
  end)
  kit.equal(kit.text(unsaved), 'unsaved = 2\nMINE = 1\n', 'the unsaved buffer')

  write(folder .. '/other.py', 'THEIRS = 1\n')
  vim.api.nvim_exec_autocmds('FocusGained', {})
  kit.hear('other.py was changed on the disk and has unsaved work here')
  kit.equal(kit.text(unsaved), 'unsaved = 2\nMINE = 1\n', 'the unsaved buffer after its file changed')
  kit.equal(vim.bo[unsaved].modified, true, 'whether it is modified')
end)
