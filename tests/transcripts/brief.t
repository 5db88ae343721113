Everything that someone needs to begin a stage.

  $ . "$TESTDIR/setup"
  $ ticket
  $ work 1 shop/voucher.py && git okstra stage 2 >/dev/null 2>&1
  $ git okstra brief 4
  # Stage 4 of DEV-9436: Manual
  
  Part of **Vouchers in the checkout** (feat), which is in the phase `implementation`. The stage is ready.
  
  ## Files
  
  Only these may be changed:
  
  - `docs/**`
  
  Others work at the same time, on:
  
  - stage 2 (Price): `shop/price.py`
  
  ## Where to work
  
  - branch: `feat-dev-9436-s4`
  - base: `d95fe1bdcff6` (what the stage it depends on recorded)
  - worktree: none yet; to get one: `cd "$(git okstra stage 4)"`
  
  ## What it stands on
  
  ### Stage 1: Voucher model
  
  `11aaa519a1ae..d95fe1bdcff6`
  
  - `d95fe1bdcff6` change shop/voucher.py
  
  ```
   shop/voucher.py | 1 +
   1 file changed, 1 insertion(+)
  ```
  
  ## Verify
  
  The plan names no command for this stage.
  
  ## What the phase allows, and what is forbidden
  
  - allowed on stage branches: files the approved plan lists
  - allowed on the task branch: merges of done stages; without a plan any commit
  - pushing: no (light: plain pushes of governed branches)
  - forbidden: `git push --force`, `git commit --no-verify`, deleting or renaming the branches of the task, switching a worktree to another branch
  - forbidden: merging into `feat-dev-9436` by hand; `git okstra merge` does it
  
  ## How to close
  
  Commit everything in the stage's worktree, then: `git okstra done 4`. Its files, its commits and the commands above, if any, are checked first.
  To give it up instead: `git okstra abandon 4`.
  $ git okstra brief 3 | grep 'cannot be opened'
  - it cannot be opened yet: stage 3 depends on stage 2, which is not done
  $ cd "$(git okstra path 2)" && git okstra brief | head -3
  # Stage 2 of DEV-9436: Price
  
  Part of **Vouchers in the checkout** (feat), which is in the phase `implementation`. The stage is open, held by ada@example.

And for whoever judges the task:

  $ git okstra merge >/dev/null 2>&1; git okstra brief --gate
  # DEV-9436: Vouchers in the checkout, to be judged
  
  - branch: `feat-dev-9436` at `3483e3ae02c3241ff03c1b2fa618342c9c655b55`
  - base: `main` (`11aaa519a1ae`)
  - phase: `implementation` (light)
  - verdict: none yet
  
  ## What the gate finds
  
  - **stage-not-done**: stage 2 is open, not done
    - `git okstra done 2`
  - **stage-not-done**: stage 3 is waiting, not done
    - `see what it waits for: git okstra status`
  - **stage-not-done**: stage 4 is ready, not done
    - `git okstra stage 4`
  
  ## Commands that it runs
  
  None: the setting `verify.commands` is empty.
  
  ## Stages
  
  ### Stage 1: Voucher model
  
  `11aaa519a1ae..d95fe1bdcff6`
  
  - `d95fe1bdcff6` change shop/voucher.py
  
  ```
   shop/voucher.py | 1 +
   1 file changed, 1 insertion(+)
  ```
  
  State: merged; in the task branch: yes.
  
  ### Stage 2: Price
  
  Not done yet.
  
  State: open; in the task branch: no.
  
  ### Stage 3: Checkout page
  
  Not done yet.
  
  State: waiting; in the task branch: no.
  
  ### Stage 4: Manual
  
  Not done yet.
  
  State: ready; in the task branch: no.
  
  ## All changes since the base
  
  ```
   shop/voucher.py | 1 +
   1 file changed, 1 insertion(+)
  ```
  
  ## How to judge
  
  Read the changes: `git diff 11aaa519a1ae 3483e3ae02c3`. Nothing may be committed while judging.
  When they are right: `git okstra verify`. When they are not, and the task is not in the implementation, a person moves it back: `git okstra phase implementation`. The stage that is wrong is taken back: `git okstra reopen N`.
  $ git okstra brief 4 --json | head -20
  {
    "schema": "okstra.brief/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436",
      "title": "Vouchers in the checkout",
      "branch": "feat-dev-9436"
    },
    "phase": "implementation",
    "permits": {
      "task_commits": "merges of done stages; without a plan any commit",
      "stage_commits": "files the approved plan lists",
      "push": "no (light: plain pushes of governed branches)"
    },
    "stage": {
      "number": 4,
      "title": "Manual",
      "state": "ready",
      "owner": null,
      "branch": "feat-dev-9436-s4",
  $ git okstra brief 4 --gate
  okstra: error [usage]: --gate is about the whole task and takes no N
  okstra: hint: git okstra brief --gate
  [2]
