--- What the server tells unasked, method by method. Loaded with the configuration, so it requires little.

local protocol = require('bodkin.protocol')

--- The document of an edit that has been changed since the edit was made.
---@param edit lsp.WorkspaceEdit
---@return string? uri
local function outdated(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    local version = document and document.version
    if version and version ~= vim.NIL then
      local buf = vim.uri_to_bufnr(document.uri)
      if vim.api.nvim_buf_is_loaded(buf) and (vim.lsp.util.buf_versions[buf] or 0) > version then
        return document.uri
      end
    end
  end
end

--- Opens the documents of an edit for the server before they are edited: what is on no window is still loaded by the
--- edit, and the server is to see the change of its text.
---@param edit lsp.WorkspaceEdit
---@param client vim.lsp.Client
local function open(edit, client)
  local uris = vim.tbl_keys(edit.changes or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    table.insert(uris, change.textDocument and change.textDocument.uri)
  end
  for _, uri in ipairs(uris) do
    local buf = vim.uri_to_bufnr(uri)
    vim.fn.bufload(buf)
    vim.lsp.buf_attach_client(buf, client.id)
  end
end

---@type table<string, lsp.Handler>
return {
  -- Neovim's own says that an edit was applied even where it was left out because the text has changed.
  ['workspace/applyEdit'] = function(_, params, ctx)
    local stale = outdated(params.edit)
    if stale then
      return { applied = false, failureReason = stale .. ' has changed since' }
    end
    local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
    open(params.edit, client)
    local ok, failure = pcall(vim.lsp.util.apply_workspace_edit, params.edit, client.offset_encoding)
    return { applied = ok, failureReason = not ok and tostring(failure) or nil }
  end,
  [protocol.notifications.plan] = function(_, plan, ctx)
    require('bodkin.runs').take_plan(ctx.client_id, plan)
  end,
  [protocol.notifications.event] = function(_, event, ctx)
    require('bodkin.runs').take_event(ctx.client_id, event)
  end,
  [protocol.notifications.status] = function(_, status, ctx)
    require('bodkin.status').take(ctx.client_id, status)
  end,
}
