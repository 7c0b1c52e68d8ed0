--- Drives a real Neovim from inside: keys are typed into its main loop, and every wait ends with what was waited
--- for or with a deadline that only a broken plug-in or server reaches.
---
--- A scenario is a function in a coroutine. It ends the editor: exit code 0 and `passed` on standard output, or 1
--- and what went wrong.

local kit = {}

local PATIENCE_MS = tonumber(vim.env.BODKIN_TEST_PATIENCE_MS) or 60000
local START_MS = tonumber(vim.env.BODKIN_TEST_START_MS) or 60000
local POLL_MS = 10

--- What was said to the user.
kit.said = {}
--- Titles of every choice that was offered by `vim.ui.select`, list by list.
kit.offered = {}
--- How choices are answered: a pattern of the wanted title; the newest first.
kit.answers = {}

local function finish(code, text)
  io.stdout:write(text, '\n')
  io.stdout:flush()
  vim.cmd(code == 0 and 'qall!' or 'cquit ' .. code)
end

--- Ends the scenario as failed.
---@param text string
function kit.fail(text)
  error({ words = text }, 0)
end

--- Waits until something holds; what it returned.
---@generic T
---@param what string
---@param holds fun(): T?
---@param patience_ms? integer
---@return T
function kit.wait(what, holds, patience_ms)
  local deadline = vim.uv.now() + (patience_ms or PATIENCE_MS)
  while true do
    local found = holds()
    if found then
      return found
    elseif vim.uv.now() > deadline then
      kit.fail('waited in vain for ' .. what)
    end
    local co = coroutine.running()
    vim.defer_fn(function()
      kit.resume(co)
    end, POLL_MS)
    coroutine.yield()
  end
end

local TAKEN = '<Plug>(kit-taken)'
local taken = false

--- Called by the editor behind the last of the typed keys.
function kit.taken()
  taken = true
end

--- Types keys, as a user would, and waits until the editor has taken all of them in.
---@param keys string
function kit.type(keys)
  taken = false
  vim.api.nvim_feedkeys(vim.keycode(keys .. TAKEN), 't', false)
  kit.wait('the keys ' .. keys .. ' to be taken in', function()
    return taken
  end, START_MS)
end

---@param actual any
---@param wanted any
---@param what string
function kit.equal(actual, wanted, what)
  if not vim.deep_equal(actual, wanted) then
    kit.fail(('%s:\n  wanted %s\n  is     %s'):format(what, vim.inspect(wanted), vim.inspect(actual)))
  end
end

---@param text string
---@param part string
---@param what string
function kit.contains(text, part, what)
  if not text:find(part, 1, true) then
    kit.fail(('%s: %s is not in\n%s'):format(what, vim.inspect(part), text))
  end
end

--- Opens a file and waits for its server.
---@param path string
---@return integer buf
function kit.open(path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  local buf = vim.api.nvim_get_current_buf()
  -- With all the patience there is: a control is to fail for what is not offered, not for a slow machine.
  kit.wait('the server to attach to ' .. path, function()
    local client = vim.lsp.get_clients({ bufnr = buf, name = 'bodkin' })[1]
    return client and client.initialized
  end, START_MS)
  return buf
end

--- The text of a buffer, line ends included.
---@param buf? integer
---@return string
function kit.text(buf)
  return table.concat(vim.api.nvim_buf_get_lines(buf or 0, 0, -1, false), '\n') .. '\n'
end

--- The text of a file on the disk.
---@param path string
---@return string
function kit.file(path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

--- The text of every window of this tab, with its bar.
---@return string
function kit.screen()
  local parts = {}
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local bar = vim.api.nvim_eval_statusline(vim.wo[win].winbar, { winid = win, use_winbar = true }).str
    table.insert(parts, bar .. '\n' .. kit.text(vim.api.nvim_win_get_buf(win)))
  end
  return table.concat(parts, '\n')
end

--- Waits until something was said that holds this text; the whole of it.
---@param part string
---@return string
function kit.hear(part)
  return kit.wait('the words ' .. vim.inspect(part), function()
    for _, text in ipairs(kit.said) do
      if text:find(part, 1, true) then
        return text
      end
    end
  end)
end

--- The plan on the screen; empty when none is.
---@return string
function kit.plan_text()
  local _, buf = require('bodkin.plan').shown()
  return buf and kit.text(buf) or ''
end

--- Waits until a plan is on the screen and one of its later steps has begun.
function kit.plan_advances()
  kit.wait('a plan on the screen', function()
    return kit.plan_text():find('Understand', 1, true)
  end)
  kit.wait('the plan to advance', function()
    local _, done = kit.plan_text():gsub('✓', '')
    return done >= 2
  end)
end

--- Waits until a review is on the screen with its texts.
function kit.review_opens()
  kit.wait('a review', function()
    return vim.t.bodkin_run and kit.screen():find('hunks decided', 1, true)
  end)
end

---@param co thread
function kit.resume(co)
  local ok, failure = coroutine.resume(co)
  if not ok then
    local words = type(failure) == 'table' and failure.words or debug.traceback(co, tostring(failure))
    finish(1, words .. '\nsaid: ' .. vim.inspect(kit.said) .. '\noffered: ' .. vim.inspect(kit.offered))
  end
end

local function listen()
  vim.keymap.set({ 'n', 'x', 's', 'o', 'i', 'c', 't' }, TAKEN, '<Cmd>lua require("kit").taken()<CR>')
  local notify = function(text)
    table.insert(kit.said, text)
  end
  vim.notify = notify
  vim.notify_once = notify
  vim.ui.select = function(items, options, on_choice)
    local titles = vim.tbl_map(options.format_item or tostring, items)
    table.insert(kit.offered, titles)
    for at = #kit.answers, 1, -1 do
      for place, title in ipairs(titles) do
        if title:find(kit.answers[at], 1, true) then
          return on_choice(items[place], place)
        end
      end
    end
    on_choice(nil, nil)
  end
end

--- Runs a scenario once the editor has started.
---@param scenario fun()
function kit.run(scenario)
  listen()
  vim.api.nvim_create_autocmd('VimEnter', {
    once = true,
    callback = vim.schedule_wrap(function()
      kit.resume(coroutine.create(function()
        scenario()
        finish(0, 'passed')
      end))
    end),
  })
end

return kit
