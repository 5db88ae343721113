What the plan and the phase do not allow is refused by git itself, however it is tried.

  $ . "$TESTDIR/setup"
  $ unset OKSTRA_HOOKS_INSTALL
  $ ticket
  $ cd "$(git okstra stage 1 2>/dev/null)"
  $ commit shop/price.py
  okstra: BLOCKED [commit-plan] stage 1 of DEV-9436 may not change 'shop/price.py'; the plan lists shop/voucher.py
  okstra: hint: leave it out: git restore --staged -- shop/price.py
  okstra: hint: or have the plan list it: git okstra plan edit
  [1]
  $ git commit -q --no-verify -m "behind the back of pre-commit"
  okstra: BLOCKED [commit-plan] stage 1 of DEV-9436 may not change 'shop/price.py' (in e4e263880b70); the plan lists shop/voucher.py
  okstra: hint: leave it out: git restore --staged -- shop/price.py
  okstra: hint: or have the plan list it: git okstra plan edit
  fatal: ref updates aborted by hook
  [128]
  $ git reset -q --hard
  $ commit shop/voucher.py
  $ git update-ref -d refs/heads/feat-dev-9436-s1
  okstra: BLOCKED [ref-deletion] 'feat-dev-9436-s1' is the branch of stage 1 of DEV-9436
  okstra: hint: remove it with: git okstra remove 1
  fatal: ref updates aborted by hook
  [128]
  $ git switch -q --detach
  okstra: this is the worktree of stage 1 of DEV-9436; its branch is 'feat-dev-9436-s1', which is no longer checked out here
  okstra: hint: switch back: git switch feat-dev-9436-s1
  $ git switch -q -
  $ git init -q --bare "$TMPDIR/there.git" && git remote add origin "$TMPDIR/there.git"
  $ git push -q origin HEAD:main
  okstra: BLOCKED [push-protected] 'main' is a protected branch: nobody pushes to it directly
  okstra: hint: push a branch of its own and open a pull request: git push -u origin HEAD:refs/heads/<branch>
  okstra: hint: if it is not meant to be protected: git okstra config set policy.protected …
  error: failed to push some refs to '$TMPDIR/there.git'
  [1]
  $ git push -q origin HEAD
  $ git commit -q --amend -m "another message"
  $ git push -q --force origin HEAD
  okstra: BLOCKED [push-forced] the push to 'feat-dev-9436-s1' is not a fast-forward: commits that are in d95fe1bdcff6 there would be lost
  okstra: hint: take in what is there, then push without force: git fetch <remote> feat-dev-9436-s1, then git merge FETCH_HEAD
  error: failed to push some refs to '$TMPDIR/there.git'
  [1]
  $ cd "$(git okstra path task)"
  $ git merge -q --no-ff --no-edit feat-dev-9436-s1
  okstra: BLOCKED [commit-task] 'feat-dev-9436' takes only merges of done stages, and 32fa88508486 is a merge of something else, or changes more
  okstra: hint: commit it to a stage: git okstra stage auto
  okstra: hint: then: git okstra done; git okstra merge
  okstra: hint: the files were merged already; put them back: git merge --abort
  fatal: ref updates aborted by hook
  [128]
  $ commit README.md
  okstra: BLOCKED [commit-task] 'feat-dev-9436' takes only merges of done stages, and fd1ee31d0435 is a merge of something else, or changes more
  okstra: hint: commit it to a stage: git okstra stage auto
  okstra: hint: then: git okstra done; git okstra merge
  fatal: ref updates aborted by hook
  [128]
