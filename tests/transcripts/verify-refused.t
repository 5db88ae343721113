A task without a plan: a command that changes files, one that fails, one that nobody has approved.

  $ . "$TESTDIR/setup"
  $ git okstra config set verify.commands 'echo built >made' --scope project 2>/dev/null
  $ git add .okstra.toml && git commit -q -m "What the gate runs"
  $ cd "$(git okstra start fix DEV-7 2>/dev/null)" && commit shop/price.py
  $ git okstra verify 2>&1 | grep -v report
  okstra: error [untrusted-command]: DEV-7 at bd13c1cdf8ed is rejected: the project's file wants to run what nobody has approved here: echo built >made
  okstra: hint: look at it, then allow exactly this: git okstra config trust
  $ git okstra config trust --yes 2>/dev/null
  $ git okstra verify 2>&1 | sed 's/, [0-9.]* s$/, .../' | grep -v report
  okstra: [1/1] echo built >made
  okstra:   exit status 0, ...
  okstra: error [files-changed]: DEV-7 at bd13c1cdf8ed is rejected: the command 'echo built >made' left changes behind: made
  okstra: hint: look at it: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-7' status
  okstra: hint: then have git ignore it, or take it back
  $ rm made && git okstra config set verify.commands 'echo no luck; exit 3' 'sleep 9' 2>/dev/null
  $ OKSTRA_VERIFY_TIMEOUT=1s git okstra verify 2>&1 | sed 's/, [0-9.]* s$/, .../' | grep -v report
  okstra: [1/2] echo no luck; exit 3
  okstra:   | no luck
  okstra:   exit status 3, ...
  okstra: [2/2] sleep 9
  okstra:   ran out of time, ...
  okstra: error [verify-failed]: DEV-7 at bd13c1cdf8ed is rejected, for 2 reasons:
  okstra:   [verify-failed] the command 'echo no luck; exit 3' failed with exit status 3
  okstra:   [verify-failed] the command 'sleep 9' ran out of time after 1 s
  okstra: hint: then mend it in a stage, merge that, and: git okstra verify
  okstra: hint: or give it longer: git okstra config set verify.timeout 1h
  $ git okstra verify --run
  okstra: error [usage]: --check and --preview stand alone, and --run goes with --preview
  okstra: hint: git okstra help verify
  [2]
  $ git okstra verify --check nothing.json
  okstra: error [usage]: cannot read 'nothing.json': No such file or directory
  okstra: hint: name a report.json
  [2]
  $ git okstra verify --preview
  okstra: error [plan-missing]: task DEV-7 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
