No stage without a plan, and no plan without a person who approves it.

  $ . "$TESTDIR/setup"
  $ cd "$(git okstra start feat DEV-9436 2>/dev/null)"
  $ git okstra stage 1
  okstra: error [plan-missing]: task DEV-9436 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
  $ git okstra plan show
  okstra: error [plan-missing]: task DEV-9436 has no plan
  okstra: hint: write one: git okstra plan edit
  okstra: hint: or read one in: git okstra plan import FILE
  [1]
  $ git okstra plan import ~/plan.md >/dev/null 2>&1
  $ git okstra stage 1
  okstra: error [plan-not-approved]: the plan of DEV-9436 is not approved
  okstra: hint: look at it: git okstra plan show
  okstra: hint: then have a person approve it: git okstra plan approve
  [1]
  $ git okstra plan approve
  okstra: error [needs-yes]: approving a plan is a person's decision
  okstra: hint: if you are that person: git okstra plan approve --yes
  [2]
  $ git okstra plan approve --yes >/dev/null 2>&1
  $ git okstra stage 9
  okstra: error [no-such-stage]: the plan has no stage 9; it has 1, 2, 3, 4
  okstra: hint: see the plan: git okstra plan show
  [2]

Every fault of a plan is reported at once, with its line.

  $ cat >~/faulty.md <<END
  > | stage | title         | depends on | files               |
  > | ----- | ------------- | ---------- | ------------------- |
  > | 1     | Voucher model | 3          | shop/voucher.py     |
  > | 2     | Price         | 2, 7       | ../price.py         |
  > | 2     | Price again   | (none)     | shop/price.py       |
  > | 3     | Checkout page | 1          | shop/price.py       |
  > END
  $ git okstra plan check ~/faulty.md
  okstra: error [plan-invalid]: the plan has 5 faults:
  okstra:   $TMPDIR/home/faulty.md:3: error: stages wait for each other in a cycle: 1 → 3 → 1
  okstra:   $TMPDIR/home/faulty.md:4: error: stage 2: the pattern '../price.py' leaves the repository through '..'
  okstra:   $TMPDIR/home/faulty.md:4: error: stage 2 depends on itself
  okstra:   $TMPDIR/home/faulty.md:4: error: stage 2 depends on stage 7, which the plan does not have
  okstra:   $TMPDIR/home/faulty.md:5: error: stage number 2 is given twice, first in line 4
  okstra: hint: mend it: in the file, then: git okstra plan import $TMPDIR/home/faulty.md
  [1]
  $ git okstra plan import ~/faulty.md
  okstra: error [plan-invalid]: the plan has 5 faults:
  okstra:   $TMPDIR/home/faulty.md:3: error: stages wait for each other in a cycle: 1 → 3 → 1
  okstra:   $TMPDIR/home/faulty.md:4: error: stage 2: the pattern '../price.py' leaves the repository through '..'
  okstra:   $TMPDIR/home/faulty.md:4: error: stage 2 depends on itself
  okstra:   $TMPDIR/home/faulty.md:4: error: stage 2 depends on stage 7, which the plan does not have
  okstra:   $TMPDIR/home/faulty.md:5: error: stage number 2 is given twice, first in line 4
  okstra: hint: mend it: in the file, then: git okstra plan import $TMPDIR/home/faulty.md
  [1]
  $ git okstra plan check ~/faulty.md --json | grep -c '"level": "error"'
  5
  $ git okstra plan import ~/plan.txt
  okstra: error [usage]: cannot read '$TMPDIR/home/plan.txt': No such file or directory
  okstra: hint: see what a plan looks like: git okstra plan template
  [2]

A change must not take the ground from a stage that was started, and is to be approved again.

  $ git okstra stage 1 >/dev/null 2>&1
  $ grep -v Voucher ~/plan.md | sed 's/, 2 / /; s/| 1  /| 2 /' >~/less.md
  $ git okstra plan import ~/less.md
  okstra: error [plan-strands-stage]: the new plan would take the ground from what was started:
  okstra:   stage 1 is open and missing from the new plan
  okstra: hint: give the stage up first: git okstra abandon 1
  okstra: hint: or keep it in the plan as it is
  [1]
  $ sed 's/Manual/Handbook/' ~/plan.md >~/more.md
  $ git okstra plan import ~/more.md
  okstra: 4 stages imported for DEV-9436; approve it with: git okstra plan approve
  sha256:c216bf46c643b04d5e1e093ffd6212a375297a4e335aa0ae8c7ae99a9bcf9208
  $ git okstra stage 2
  okstra: error [plan-not-approved]: the plan of DEV-9436 is not approved
  okstra: hint: look at it: git okstra plan show
  okstra: hint: then have a person approve it: git okstra plan approve
  [1]
