A stage that moved after it was done is not merged as it was.

  $ . "$TESTDIR/setup" && export OKSTRA_HOOKS_INSTALL=false
  $ ticket
  $ work 1 shop/voucher.py && work 2 shop/price.py
  $ (cd "$(git okstra path 1)" && commit shop/voucher.py)
  $ git okstra merge
  okstra: error [stage-stale]: the branch of stage 1 moved after the stage was done
  okstra: hint: check and record it again: git okstra done 1
  okstra: hint: or leave it out for now: git okstra merge 2
  [1]
  $ git okstra merge 2
  okstra: merged stage 2 into 'feat-dev-9436'
  2 0d58225b2391e7f4d5e3b0c75012a755031a02b9
  $ git okstra merge 3
  okstra: error [stage-not-done]: stage 3 is ready, not done
  okstra: hint: git okstra stage 3
  [1]
  $ git okstra merge 9
  okstra: error [no-such-stage]: the plan has no stage 9; it has 1, 2, 3, 4
  okstra: hint: see the plan: git okstra plan show
  [2]
  $ git okstra merge --abort 1
  okstra: error [usage]: --continue and --abort stand alone
  okstra: hint: git okstra help merge
  [2]

The task's worktree has to be clean and on its branch.

  $ git okstra done 1 2>/dev/null
  3f1d953bb5b3a385987eb20493d701e63d84ea45
  $ echo idea >>README.md
  $ git okstra merge
  okstra: error [dirty-worktree]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' has uncommitted changes: README.md
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' status
  okstra: hint: then commit them, or move them away
  [1]
  $ git checkout -q README.md
  $ git switch -q -c aside && git okstra merge
  okstra: error [wrong-branch]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' has 'aside' checked out instead of 'feat-dev-9436'
  okstra: hint: switch back: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' switch feat-dev-9436
  [1]
  $ git switch -q feat-dev-9436

A task branch that lost what was merged into it is not merged into again unasked.

  $ git reset -q --hard HEAD~1
  $ git okstra merge
  okstra: error [branch-moved]: the task branch 'feat-dev-9436' was moved to 11aaa519a1ae and has lost the merge of stage 2
  okstra: hint: put it back: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' merge --ff-only 0d58225b2391
  okstra: hint: or, if that was meant, merge anew: git okstra merge 2
  [1]
  $ git -C "$PWD" merge -q --ff-only ORIG_HEAD && git okstra merge
  okstra: merged stage 1 into 'feat-dev-9436'
  1 0e9964fd78917a4d511bc7fcfb5755bcb2d819ca
  $ git switch -q --detach && git branch -q -m feat-dev-9436 renamed
  $ git okstra merge
  okstra: error [branch-missing]: the branch 'feat-dev-9436' is gone
  okstra: hint: see what happened: git okstra doctor
  [1]
