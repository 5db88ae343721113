A conflict stops the merge there. The files are named, and what was merged before stays merged.

  $ . "$TESTDIR/setup" && export OKSTRA_HOOKS_INSTALL=false
  $ ticket
  $ work 1 shop/voucher.py && work 2 shop/price.py && work 4 docs/voucher.md
  $ mkdir shop && echo "another price" >shop/price.py && git add shop && git commit -q -m "set a price in a hurry"
  $ git okstra merge
  okstra: error [merge-conflict]: stage 2 conflicts with the task branch in shop/price.py, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' (stage 1 merged before that)
  okstra: hint: resolve them, git add them, then: git okstra merge --continue
  okstra: hint: or give this merge up: git okstra merge --abort
  [1]
  $ git status --short
  AA shop/price.py
  $ git okstra merge
  okstra: error [merge-in-progress]: the merge of stage 2 is not finished in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436', with conflicts in shop/price.py
  okstra: hint: resolve them, git add them, then: git okstra merge --continue
  okstra: hint: or give this merge up: git okstra merge --abort
  [1]

It can be given up,

  $ git okstra merge --abort --dry-run
  okstra: the merge of stage 2 would be given up; 'feat-dev-9436' stays at 516abfc0ae74
  okstra: nothing was changed (--dry-run)
  $ git okstra merge --abort
  okstra: the merge of stage 2 is given up; 'feat-dev-9436' stays at 516abfc0ae74
  $ git status --short
  $ git log --oneline -2
  516abfc Merge stage 1: Voucher model
  6e29308 set a price in a hurry

or the conflict is resolved, and it goes on with the stages that are left.

  $ git okstra merge >/dev/null 2>&1
  [1]
  $ git okstra merge --continue
  okstra: error [merge-conflict]: stage 2 conflicts with the task branch in shop/price.py, in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436'
  okstra: hint: resolve them, git add them, then: git okstra merge --continue
  okstra: hint: or give this merge up: git okstra merge --abort
  [1]
  $ echo "the price" >shop/price.py && git add shop/price.py
  $ git okstra merge --continue --dry-run
  okstra: would merge stages 2, 4 into 'feat-dev-9436'
  okstra: nothing was changed (--dry-run)
  $ git okstra merge --continue
  okstra: merged stages 2, 4 into 'feat-dev-9436'
  2 1fad5b3c21cf194fad83804b996d198ec6f16262
  4 f4dded31c021f53492bf2da0167c4d39769930ee
  $ git okstra merge --continue
  okstra: error [no-merge]: no merge of a stage is under way
  okstra: hint: begin one: git okstra merge
  [1]
  $ git okstra merge --abort
  okstra: error [no-merge]: no merge of a stage is under way
  okstra: hint: begin one: git okstra merge
  [1]
