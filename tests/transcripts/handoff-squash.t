With --squash the branch becomes one commit; the tip it had is kept, and the stages still count as merged.

  $ . "$TESTDIR/setup"
  $ remote
  $ ticket
  $ work 1 shop/voucher.py && work 2 shop/price.py && git okstra merge >/dev/null 2>&1
  $ work 3 shop/checkout.py && work 4 docs/voucher.md && git okstra merge >/dev/null 2>&1
  $ accepted
  $ git okstra handoff --action commit --squash --dry-run
  okstra: the commit message:
  okstra:   feat: Vouchers in the checkout (DEV-9436)
  okstra: 
  okstra:   - Voucher model
  okstra:   - Price
  okstra:   - Checkout page
  okstra:   - Manual
  okstra: 
  okstra:   Task: DEV-9436
  okstra: would make one commit on 11aaa519a1ae
  okstra: nothing was changed (--dry-run)
  88a13f396dd400304cc46080acd938df6511ac77
  $ git okstra handoff --action commit --squash --yes
  okstra: 'feat-dev-9436' is one commit now, 0609e5b74c3a; the tip it had is kept as refs/okstra/backup/dev/dev-9436/20*Z-88a13f396dd4 (glob)
  okstra: the text is in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/handoff/commit-message.txt'
  0609e5b74c3a1a01402bdd290c800dfde13214ef
  $ git log --format='%h %s' --graph
  * 0609e5b feat: Vouchers in the checkout (DEV-9436)
  * 11aaa51 first commit
  $ git for-each-ref --format='%(objectname:short) %(refname)' refs/okstra/backup
  88a13f3 refs/okstra/backup/dev/dev-9436/20*Z-88a13f396dd4 (glob)
  $ git okstra status | sed -n '/^plan/,/^$/p'
  plan, 4 stages, approved
  ●   1 Voucher model  merged
  │ ● 2 Price          merged
  │ │
  ├─● 3 Checkout page  merged  ← 1, 2
  ╰─● 4 Manual         merged  ← 1
  
  $ git okstra merge
  okstra: nothing to merge: stages 1, 2, 3, 4 are in 'feat-dev-9436' already
  $ git okstra handoff --action pr --pr-base main --squash --yes 2>&1 | grep -v text
  okstra: 'feat-dev-9436' at 0609e5b74c3a is pushed to origin
  okstra: no pull request was opened: the remote's address is not that of a forge
  0609e5b74c3a1a01402bdd290c800dfde13214ef
  $ git --git-dir "$HOME/remote.git" log --oneline feat-dev-9436
  0609e5b feat: Vouchers in the checkout (DEV-9436)
  11aaa51 first commit

What is staged is committed where nothing is squashed; it is not what was verified.

  $ echo "- vouchers" >>CHANGELOG.md && git add CHANGELOG.md
  $ git okstra handoff --action pr --pr-base main --yes
  okstra: error [dirty-worktree]: the worktree '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' has uncommitted changes: CHANGELOG.md
  okstra: hint: look at them: git -C '$TMPDIR/okstra/worktrees/shop/dev/dev-9436' status
  okstra: hint: then commit them, or move them away
  [1]
  $ echo "Note the vouchers" >~/message
  $ git okstra handoff --action commit --message-file ~/message
  okstra: what was staged is committed as a43eebcd9434; before it is pushed: git okstra verify
  okstra: the text is in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/handoff/commit-message.txt'
  a43eebcd94340d4b2cb3e607c54656a90404496a
  $ git status --short; git log -1 --format=%s
  Note the vouchers
  $ git okstra handoff --action pr --pr-base main --yes
  okstra: error ?not-verified?: DEV-9436 has no accepted verdict that holds now: that of 20*Z is for 88a13f396dd4, and the task branch is at a43eebcd9434 now (glob)
  okstra: hint: git okstra verify
  [1]
