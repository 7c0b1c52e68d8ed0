--- Starting the editor loads next to nothing and maps nothing; the `<Plug>` maps are there.

local kit = require('kit')

kit.run(function()
  kit.equal(vim.fn.exists(':Bodkin'), 2, 'whether :Bodkin is there')
  for name in pairs(package.loaded) do
    local is_ours = name:match('^bodkin')
    if is_ours and not vim.tbl_contains({ 'bodkin.config', 'bodkin.handlers', 'bodkin.protocol' }, name) then
      kit.fail(name .. ' is loaded before it is used')
    end
  end
  for _, mode in ipairs({ 'n', 'x', 'i', 'o' }) do
    for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
      local is_ours = (map.rhs or ''):find('Bodkin', 1, true) or (map.desc or ''):find('Bodkin', 1, true)
      if is_ours and not vim.startswith(map.lhs, '<Plug>') then
        kit.fail(('%s is mapped to %s'):format(map.lhs, map.rhs))
      end
    end
  end
  kit.contains(vim.fn.maparg('<Plug>(bodkin-fix)', 'x'), 'Bodkin fix', 'the map for a selection')
  kit.contains(vim.fn.maparg('<Plug>(bodkin-review)', 'n'), 'Bodkin review', 'the map for reviews')
end)
