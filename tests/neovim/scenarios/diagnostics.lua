--- A syntax error is shown where it is, and mended by the action that carries its edit.

local kit = require('kit')

kit.run(function()
  local buf = kit.open(vim.fn.getcwd() .. '/till.py')
  local sound = kit.text(buf)
  kit.type('gg$x')
  local broken = kit.text(buf)
  kit.equal(broken, (sound:gsub(':', '', 1)), 'the broken text')
  kit.wait('the syntax error', function()
    return vim.iter(vim.diagnostic.get(buf)):any(function(it)
      return it.lnum == 0
    end)
  end)
  kit.answers = { 'Insert missing `:`' }
  kit.type('gra')
  kit.wait('the edit', function()
    return kit.text(buf) == sound
  end)
  kit.wait('the diagnostic to go', function()
    return #vim.diagnostic.get(buf) == 0
  end)
end)
