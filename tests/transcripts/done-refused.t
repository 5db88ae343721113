Closing a stage that was never opened, or of which there are several:

  $ . "$TESTDIR/setup" && export OKSTRA_HOOKS_INSTALL=false
  $ ticket
  $ git okstra done 1
  okstra: error [stage-not-open]: stage 1 of DEV-9436 was never opened
  okstra: hint: open it: git okstra stage 1
  [1]
  $ git okstra stage 1 >/dev/null 2>&1; git okstra stage 2 >/dev/null 2>&1
  $ git okstra done
  okstra: error [ambiguous-stage]: several open stages of DEV-9436 are yours: 1, 2
  okstra: hint: name one: git okstra done 1
  [2]
  $ OKSTRA_OWNER=ben@example git okstra done
  okstra: error [ambiguous-stage]: no open stage of DEV-9436 is yours; there are: 1 (ada@example), 2 (ada@example)
  okstra: hint: name one: git okstra done 1
  [2]
  $ git okstra reopen
  okstra: error [ambiguous-stage]: no stage of DEV-9436 is done
  okstra: hint: see the stages: git okstra status --task dev-9436
  [2]
  $ git okstra merge 1
  okstra: error [stage-not-done]: stage 1 is open, not done
  okstra: hint: git okstra done 1
  [1]

Everything that speaks against it is said at once.

  $ cd "$(git okstra path 1)"
  $ git okstra done
  okstra: error [no-commits]: stage 1 cannot be closed, for 2 reasons:
  okstra:   [no-commits] the branch 'feat-dev-9436-s1' has no commit of its own since 11aaa519a1ae
  okstra:   [verify-failed] the verify command 'test -s shop/voucher.py' failed with exit status 1
  okstra: hint: if that is right: git okstra done 1 --allow-empty
  okstra: hint: mend it in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', commit, then: git okstra done 1
  [1]
  $ commit shop/voucher.py shop/basket.py
  $ git okstra done
  okstra: error [outside-plan]: a file is changed that the plan does not list for stage 1: shop/basket.py (cde3fbabf)
  okstra: hint: take them out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' rebase -i 11aaa519a1ae
  okstra: hint: or have the plan list them: git okstra plan edit
  [1]
  $ echo idea >idea.txt
  $ git okstra done
  okstra: error [dirty-worktree]: stage 1 cannot be closed, for 2 reasons:
  okstra:   [dirty-worktree] the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' has uncommitted changes: idea.txt
  okstra:   [outside-plan] a file is changed that the plan does not list for stage 1: shop/basket.py (cde3fbabf)
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' status
  okstra: hint: then commit them, or move them away
  okstra: hint: take them out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' rebase -i 11aaa519a1ae
  okstra: hint: or have the plan list them: git okstra plan edit
  [1]

What was begun and not finished, another branch, another history:

  $ git add idea.txt && git commit -q -m idea
  $ git revert --no-commit HEAD && git okstra done
  okstra: error [merge-in-progress]: stage 1 cannot be closed, for 3 reasons:
  okstra:   [merge-in-progress] a revert is not finished in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1'
  okstra:   [dirty-worktree] the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' has uncommitted changes: idea.txt
  okstra:   [outside-plan] 2 files are changed that the plan does not list for stage 1: idea.txt (d342afded), shop/basket.py (cde3fbabf)
  okstra: hint: finish it: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' revert --continue
  okstra: hint: or give it up: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' revert --abort
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' status
  okstra: hint: then commit them, or move them away
  okstra: hint: take them out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' rebase -i 11aaa519a1ae
  okstra: hint: or have the plan list them: git okstra plan edit
  [1]
  $ git revert --abort
  $ git switch -q --detach && git okstra done 1
  okstra: error [wrong-branch]: stage 1 cannot be closed, for 2 reasons:
  okstra:   [wrong-branch] the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' has a detached HEAD checked out instead of 'feat-dev-9436-s1'
  okstra:   [outside-plan] 2 files are changed that the plan does not list for stage 1: idea.txt (d342afded), shop/basket.py (cde3fbabf)
  okstra: hint: switch back: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' switch feat-dev-9436-s1
  okstra: hint: take them out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' rebase -i 11aaa519a1ae
  okstra: hint: or have the plan list them: git okstra plan edit
  [1]
  $ git switch -q feat-dev-9436-s1
  $ git reset -q --hard $(git commit-tree -m "another beginning" HEAD^{tree})
  $ git okstra done
  okstra: error [not-descended]: stage 1 cannot be closed, for 2 reasons:
  okstra:   [not-descended] the branch 'feat-dev-9436-s1' (at c0752276315c) does not descend from the stage's base 11aaa519a1ae
  okstra:   [outside-plan] 3 files are changed that the plan does not list for stage 1: README.md (c07522763), idea.txt (c07522763), shop/basket.py (c07522763)
  okstra: hint: put it back on its base: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' rebase 11aaa519a1ae
  okstra: hint: take them out: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1' rebase -i 11aaa519a1ae
  okstra: hint: or have the plan list them: git okstra plan edit
  [1]

The verify command of the stage, and what it printed last:

  $ git reset -q --hard feat-dev-9436 && mkdir shop && touch shop/voucher.py && git add shop && git commit -q -m "begin"
  $ git okstra done
  okstra: error [verify-failed]: the verify command 'test -s shop/voucher.py' failed with exit status 1
  okstra: hint: mend it in '$TMPDIR/okstra/worktrees/shop/dev/dev-9436-s1', commit, then: git okstra done 1
  [1]
  $ echo x >shop/voucher.py && git commit -q -a -m "write it" && git okstra done
  okstra: stage 1 is done: 2 commits, 1 file, at 64b637da615f
  64b637da615f5183aadc649aa6e7723404235236
