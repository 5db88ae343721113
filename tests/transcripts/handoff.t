What the gate has accepted is handed over: first the text is looked at, then the branch is pushed.

  $ . "$TESTDIR/setup"
  $ remote
  $ ticket
  $ work 1 shop/voucher.py && work 2 shop/price.py
  $ git okstra merge >/dev/null 2>&1
  $ (cd "$(git okstra stage 3 2>/dev/null)" && echo "a page" >shop/checkout.py && git add . && git commit -q -m "show vouchers" -m "Fixes #12" && git okstra done >/dev/null 2>&1)
  $ work 4 docs/voucher.md && git okstra merge >/dev/null 2>&1
  $ accepted
  $ git okstra handoff --action pr --dry-run
  okstra: the pull request into 'main' of origin:
  okstra:   feat: Vouchers in the checkout (DEV-9436)
  okstra: 
  okstra:   ## Summary
  okstra: 
  okstra:   Vouchers in the checkout
  okstra: 
  okstra:   ## Changes
  okstra: 
  okstra:   - stage 1: Voucher model
  okstra:   - stage 2: Price
  okstra:   - stage 3: Checkout page
  okstra:   - stage 4: Manual
  okstra: 
  okstra:   - d95fe1bdcff6 change shop/voucher.py
  okstra:   - 8b1908fe7b34 change shop/price.py
  okstra:   - fe764aa8a84e show vouchers
  okstra:   - 47950a93fd1f change docs/voucher.md
  okstra: 
  okstra:   4 files, 4 lines added, 0 removed:
  okstra: 
  okstra:   - `docs/voucher.md` +1 -0
  okstra:   - `shop/checkout.py` +1 -0
  okstra:   - `shop/price.py` +1 -0
  okstra:   - `shop/voucher.py` +1 -0
  okstra: 
  okstra:   ## Test plan
  okstra: 
  okstra:   git okstra verify: accepted d7c485297005 on 20*Z (glob)
  okstra: 
  okstra:   ## Linked issues
  okstra: 
  okstra:   - DEV-9436
  okstra:   - Fixes #12
  okstra: the pull request is for 'main' of origin, the base that the task started from
  okstra: would push 'feat-dev-9436' at d7c485297005 to origin, and open a pull request
  okstra: nothing was changed (--dry-run)
  d7c485297005e8a4d5c0de8270e0d280087af6b5
  $ git okstra handoff --action pr --pr-base main --yes
  okstra: 'feat-dev-9436' at d7c485297005 is pushed to origin
  okstra: no pull request was opened: the remote's address is not that of a forge
  okstra: its title is 'feat: Vouchers in the checkout (DEV-9436)', the text in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/handoff/pull-request.md'
  d7c485297005e8a4d5c0de8270e0d280087af6b5
  $ git --git-dir "$HOME/remote.git" log --oneline --first-parent feat-dev-9436
  d7c4852 Merge stage 4: Manual
  d9e1a6c Merge stage 3: Checkout page
  0603027 Merge stage 2: Price
  3483e3a Merge stage 1: Voucher model
  11aaa51 first commit
  $ git okstra phase 2>/dev/null
  release-handoff
  $ git okstra log | tail -2
  20*Z  ada@example  phase  from=final-verification to=release-handoff head=d7c485297005 (glob)
  *  ada@example  handed-off  action=pr head=d7c485297005 id=* remote=origin branch=feat-dev-9436 base=main (glob)

The remote has an address of a forge: the page that opens a pull request is shown.

  $ git config remote.origin.url git@codeberg.org:ada/shop.git
  $ git config url."$HOME/remote.git".insteadOf git@codeberg.org:ada/shop.git
  $ git okstra handoff --action pr --pr-base main --yes
  okstra: origin has 'feat-dev-9436' at d7c485297005 already
  okstra: no pull request was opened: git okstra knows no client for this forge
  okstra: open it by hand with the title 'feat: Vouchers in the checkout (DEV-9436)' and the text in '$TMPDIR/shop/.git/okstra/tasks/dev/dev-9436/handoff/pull-request.md'
  https://codeberg.org/ada/shop/compare/main...feat-dev-9436
  $ git okstra handoff --action pr --pr-base main --title 'Vouchers $(now)' --yes --json | python3 -c '
  > import json, sys
  > told = json.load(sys.stdin)
  > print({name: told[name] for name in ("action", "pushed", "pull_request", "compare", "title", "squashed")})
  > '
  {'action': 'pr', 'pushed': False, 'pull_request': None, 'compare': 'https://codeberg.org/ada/shop/compare/main...feat-dev-9436', 'title': 'Vouchers $(now)', 'squashed': None}

The base has moved on meanwhile.

  $ (git clone -q ~/remote.git ~/other && cd ~/other && commit shop/checkout.py README.md && git push -q)
  $ git okstra handoff --action pr --pr-base main --yes 2>&1 | grep lacks
  okstra: 'main' of origin has 1 commit that the task branch lacks; merging would conflict in: shop/checkout.py
  $ git okstra handoff --action skip
  okstra: nothing was done
