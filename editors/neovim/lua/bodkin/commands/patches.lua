--- `:Bodkin patches`: lists changes that wait for review and those that were made; the chosen one is reviewed or
--- taken back.

local protocol = require('bodkin.protocol')
local runs = require('bodkin.runs')
local server = require('bodkin.server')

---@class bodkin.Patch
---@field run? bodkin.Run
---@field change? bodkin.Change

---@param patch bodkin.Patch
---@return string
local function line(patch)
  if patch.run then
    return ('%s  %s: %s  (waits for review)'):format(patch.run.id, patch.run.title, patch.run.offer.summary)
  end
  local paths = vim.tbl_map(function(file)
    return file.path
  end, patch.change.files)
  local state = patch.change.state:gsub('_', ' ')
  return ('%s  %s in %s  (%s)'):format(patch.change.checkpoint, patch.change.title, table.concat(paths, ', '), state)
end

---@param client vim.lsp.Client
---@param change bodkin.Change
local function take_back(client, change)
  if change.state ~= 'applied' then
    return server.say(('%s is %s.'):format(change.checkpoint, (change.state:gsub('_', ' '))))
  end
  local question = { prompt = ('Take %s back?'):format(change.checkpoint), kind = 'bodkin_undo' }
  vim.ui.select({ 'Leave it', 'Take it back' }, question, function(answer)
    if answer == 'Take it back' then
      server.command(client, protocol.commands.undo, { checkpoint = change.checkpoint, folder = vim.NIL })
    end
  end)
end

---@type bodkin.Command
return {
  about = 'list changes that wait for review or were made',
  run = function(call)
    local client = server.need(call.bufnr)
    if not client then
      return
    end
    server.request(client, protocol.requests.changes, { folder = vim.NIL }, function(result)
      local patches = {}
      for _, run in ipairs(vim.tbl_filter(runs.is_open, runs.list())) do
        table.insert(patches, { run = run })
      end
      for _, change in ipairs(result.changes) do
        table.insert(patches, { change = change })
      end
      if #patches == 0 then
        return server.say('no change waits for review, and none was made.')
      end
      vim.ui.select(patches, { prompt = 'Bodkin patches:', kind = 'bodkin_patch', format_item = line }, function(patch)
        if patch and patch.run then
          require('bodkin.review').open(patch.run.id)
        elseif patch then
          take_back(client, patch.change)
        end
      end)
    end)
  end,
}
