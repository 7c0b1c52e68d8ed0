--- What can be read afterwards: the runs, the changes, the state of the server, the ledger; and a change is taken back
--- from the list.

local kit = require('kit')

kit.run(function()
  local buf = kit.open(vim.fn.getcwd() .. '/till.py')
  local wrong = kit.text(buf)
  kit.type(':2Bodkin fix<CR>')
  kit.review_opens()
  kit.type('gA')
  kit.hear('applied c1 to till.py')

  kit.type(':Bodkin status<CR>')
  kit.wait('the state of the server', function()
    return vim.api.nvim_buf_get_name(0) == 'bodkin://status'
  end)
  for _, part in ipairs({ 'Bodkin 0.', 'columns     utf-8', 'full isolation', 'python3 -m unittest discover' }) do
    kit.contains(kit.text(), part, 'the state of the server')
  end
  kit.type('q')

  kit.type(':Bodkin ledger<CR>')
  kit.wait('the ledger', function()
    return vim.api.nvim_buf_get_name(0) == 'bodkin://ledger'
  end)
  kit.contains(kit.text(), 'entries stand as they were written', 'the ledger')
  kit.contains(kit.text(), 'accepted: use `+` instead of `-`', 'the ledger')
  kit.type('q')
  kit.equal(vim.api.nvim_get_current_buf(), buf, 'the buffer after the pages were closed')

  kit.answers = { 'fix till.py:2' }
  kit.type(':Bodkin runs<CR>')
  kit.wait('the plan of the run', function()
    return kit.plan_text():find('Proved: use `+` instead of `-`', 1, true)
  end)
  kit.type('q')

  kit.answers = { 'c1', 'Take it back' }
  kit.type(':Bodkin patches<CR>')
  kit.wait('the change to be taken back', function()
    return kit.text(buf) == wrong
  end)
  kit.hear('took c1 back')
end)
