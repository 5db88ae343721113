Only what was verified is handed over, only forward, and only as far as somebody said.

  $ . "$TESTDIR/setup"
  $ cd "$(git okstra start feat DEV-9436 --title 'Vouchers in the checkout' 2>/dev/null)"
  $ git okstra handoff
  okstra: error [not-verified]: DEV-9436 has no accepted verdict that holds now: there is none yet
  okstra: hint: git okstra verify
  [1]
  $ accepted
  $ git okstra handoff
  okstra: error [usage]: what to do cannot be asked for here
  okstra: hint: git okstra handoff --action commit --yes
  okstra: hint: or: git okstra handoff --action pr --pr-base main --yes
  [2]
  $ git okstra handoff --action pr
  okstra: error [no-remote]: the remote to push to cannot be guessed; there are: none
  okstra: hint: add one: git remote add origin ADDRESS
  okstra: hint: or push nothing: git okstra handoff --action commit
  [2]
  $ remote
  $ git okstra handoff --action pr --yes --remote upstream
  okstra: error [no-remote]: there is no remote 'upstream'; there are: origin
  okstra: hint: name one: git okstra handoff --remote origin
  [2]
  $ git okstra handoff --action pr --yes
  okstra: error [nothing-to-hand-off]: the task branch 'feat-dev-9436' has no commit that the base lacks
  okstra: hint: see where it is: git log --oneline -3 feat-dev-9436
  [1]
  $ git okstra handoff --action pr --yes --pr-base trunk
  okstra: error [bad-revision]: the remote 'origin' has no branch 'trunk'
  okstra: hint: name one that it has, with --pr-base; see them: git ls-remote --heads origin
  [2]
  $ git okstra phase implementation --yes 2>/dev/null
  implementation
  $ commit shop/voucher.py
  $ git okstra handoff --action pr
  okstra: error ?not-verified?: DEV-9436 has no accepted verdict that holds now: that of 20*Z is void: the task went back to implementation (glob)
  okstra: hint: git okstra verify
  [1]
  $ accepted
  $ git okstra handoff --action pr --json
  {
    "error": {
      "code": "needs-yes",
      "message": "the drafted text is for a person to judge",
      "hint": "see it: git okstra handoff --dry-run …\nuse it as it is: git okstra handoff --yes …\nor write one: git okstra handoff --message-file FILE …"
    }
  }
  [2]
  $ git okstra handoff --action commit --message-file nowhere
  okstra: error [usage]: the message 'nowhere' cannot be read: no such file or directory
  okstra: hint: name another: git okstra handoff --message-file FILE
  [2]
  $ git okstra config set pr.template nowhere.md --scope project 2>/dev/null
  $ git okstra handoff --action commit --yes
  okstra: error [bad-config]: $TMPDIR/okstra/worktrees/shop/dev/dev-9436/.okstra.toml:2: pr.template 'nowhere.md' cannot be used: no such file or directory
  okstra: hint: see every scope: git okstra config get pr.template --scope all
  okstra: hint: or name one for once: git okstra handoff --template FILE
  [2]
  $ rm .okstra.toml

Somebody else has pushed to the branch.

  $ git push -q --no-verify origin "$(git commit-tree -p main -m theirs 'main^{tree}')":refs/heads/feat-dev-9436
  $ git okstra handoff --action pr --yes
  okstra: error [push-refused]: the branch 'feat-dev-9436' of 'origin' is at 89c5287fc38d, which the verified commit d95fe1bdcff6 lacks; a hand-off never forces a push
  okstra: hint: take in what is there: git okstra phase implementation, then git pull --no-rebase origin feat-dev-9436
  okstra: hint: then verify again: git okstra verify
  [1]
  $ git okstra handoff --action commit --squash --yes
  okstra: error [squash-refused]: the branch 'feat-dev-9436' of 'origin' is at 89c5287fc38d, which the squash would lack; others may have it already
  okstra: hint: hand it over as it is: git okstra handoff without --squash
  [1]

The remote says no; when the cause is mended, it goes on where it stopped.

  $ git --git-dir "$HOME/remote.git" update-ref -d refs/heads/feat-dev-9436
  $ printf '#!/bin/sh\necho "the office is closed" >&2\nexit 1\n' >~/remote.git/hooks/pre-receive && chmod +x ~/remote.git/hooks/pre-receive
  $ git okstra handoff --action pr --yes
  okstra: error [push-refused]: 'feat-dev-9436' could not be pushed to 'origin':
  okstra:   To $TMPDIR/home/remote.git
  okstra:   ! d95fe1bdcff6595db11c8e6f48fb228464645064:refs/heads/feat-dev-9436 [remote rejected] (pre-receive hook declined)
  okstra:   Done
  okstra:   remote: the office is closed
  okstra:   error: failed to push some refs to '$TMPDIR/home/remote.git'
  okstra: hint: when the cause is mended, go on: git okstra handoff
  okstra: hint: or leave it: git okstra handoff --action skip
  [1]
  $ rm ~/remote.git/hooks/pre-receive
  $ git okstra handoff
  okstra: going on with the hand-off of 20*Z (glob)
  okstra: 'feat-dev-9436' at d95fe1bdcff6 is pushed to origin
  okstra: no pull request was opened: the remote's address is not that of a forge
  okstra: its title is 'feat: Vouchers in the checkout (DEV-9436)', the text in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/handoff/pull-request.md'
  d95fe1bdcff6595db11c8e6f48fb228464645064
