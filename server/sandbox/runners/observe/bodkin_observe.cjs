'use strict';
// Loaded by every Node that starts under an observed command: has Jest and Vitest write down how each test goes.
//
// Both are asked by flags of their own, so that their versions matter little. What they print stays as it is. Whatever
// goes wrong here is swallowed: the observed program comes first.
try {
  const fs = require('fs');
  const path = require('path');
  const out = process.env.BODKIN_OUT;
  const main = out && process.argv[1] ? fs.realpathSync(process.argv[1]) : '';
  const is = (program) => program.test(main.split(path.sep).join('/'));
  const flags = [];
  const has = (flag) => process.argv.some((word) => word === flag || word.startsWith(flag + '='));
  if (is(/\/jest(-cli)?\/bin\/jest\.js$/)) {
    if (!has('--reporters')) flags.push('--reporters=default');
    flags.push('--reporters=' + path.join(__dirname, 'bodkin_observe_jest.cjs'));
    // Which lines of a changed file ran; a limit on coverage is none of a fix's business.
    const decided = process.argv.some((word) => /^--(no-)?(coverage|collectCoverage)/.test(word));
    if (process.env.BODKIN_JS_LINES && !decided) {
      flags.push('--coverage', '--coverageReporters=json', '--coverageThreshold={}');
      flags.push('--coverageDirectory=' + path.join(out, 'js-coverage'));
    }
  } else if (is(/\/vitest\/vitest\.mjs$/)) {
    if (!has('--reporter')) flags.push('--reporter=default');
    flags.push('--reporter=json', '--outputFile.json=' + path.join(out, 'js-' + process.pid + '.json'));
    const scope = path.resolve(path.dirname(main), '../@vitest');
    const canTell = ['coverage-v8', 'coverage-istanbul'].some((it) => fs.existsSync(path.join(scope, it)));
    const decided = process.argv.some((word) => word.startsWith('--coverage'));
    if (process.env.BODKIN_JS_LINES && canTell && !decided) {
      flags.push('--coverage.enabled=true', '--coverage.reporter=json', '--coverage.reportOnFailure=true');
      flags.push('--coverage.reportsDirectory=' + path.join(out, 'js-coverage'));
      for (const what of ['lines', 'functions', 'branches', 'statements']) {
        flags.push('--coverage.thresholds.' + what + '=0');
      }
    }
  }
  // What a test starts itself is not the suite.
  if (flags.length > 0 && !process.env.BODKIN_JS_OBSERVED) {
    process.env.BODKIN_JS_OBSERVED = String(process.pid);
    const end = process.argv.indexOf('--');
    process.argv.splice(end < 0 ? process.argv.length : end, 0, ...flags);
  }
} catch {
  // a broken observer observes nothing
}
