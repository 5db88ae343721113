Somebody who has never written a plan begins with an example that explains itself.

  $ . "$TESTDIR/setup"
  $ cd "$(git okstra start feat DEV-9436 2>/dev/null)"
  $ git okstra plan template | head -n 4
  # The plan of a task: its stages, what each depends on, and the files each may change.
  # Read it in with      git okstra plan import FILE
  # look at its faults   git okstra plan check
  # and have a person    git okstra plan approve
  $ cat ~/plan.md
  # Vouchers in the checkout
  
  | stage | title         | depends on | files              | verify                    |
  | ----- | ------------- | ---------- | ------------------ | ------------------------- |
  | 1     | Voucher model | (none)     | `shop/voucher.py`  | `test -s shop/voucher.py` |
  | 2     | Price         | (none)     | `shop/price.py`    |                           |
  | 3     | Checkout page | 1, 2       | `shop/checkout.py` |                           |
  | 4     | Manual        | 1          | `docs/**`          |                           |

It is checked and imported; its digest is printed.

  $ git okstra plan check ~/plan.md
  okstra: the plan is sound: 4 stages
  $ git okstra plan check ~/plan.md --json
  {
    "schema": "okstra.plan-check/1",
    "valid": true,
    "findings": [],
    "notes": []
  }
  $ git okstra plan import ~/plan.md --dry-run
  okstra: 4 stages would be imported for DEV-9436; approve it with: git okstra plan approve
  okstra: nothing was changed (--dry-run)
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  $ git okstra plan import ~/plan.md
  okstra: 4 stages imported for DEV-9436; approve it with: git okstra plan approve
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  $ git okstra plan check
  okstra: the plan is sound: 4 stages

A person looks at it, in any of four forms,

  $ git okstra plan show
  okstra: not approved
  ○   1 Voucher model
  │ ○ 2 Price
  │ │
  ├─○ 3 Checkout page  ← 1, 2
  ╰─○ 4 Manual         ← 1
  $ git okstra plan show --format mermaid
  okstra: not approved
  flowchart TD
      s1["1 Voucher model"]
      s2["2 Price"]
      s3["3 Checkout page"]
      s4["4 Manual"]
      s1 --> s3
      s2 --> s3
      s1 --> s4
  $ git okstra plan show --format dot
  okstra: not approved
  digraph plan {
      node [shape=box, style="rounded,filled", fillcolor=white];
      s1 [label="1 Voucher model"];
      s2 [label="2 Price"];
      s3 [label="3 Checkout page"];
      s4 [label="4 Manual"];
      s1 -> s3;
      s2 -> s3;
      s1 -> s4;
  }
  $ git okstra plan show --json | grep approved
    "approved": false,
    "approved_by": null,
  $ git okstra plan show --format json | python3 -c '
  > import json, sys
  > for stage in json.load(sys.stdin)["stages"]:
  >     print(stage)
  > '
  {'number': 1, 'title': 'Voucher model', 'depends_on': [], 'files': ['shop/voucher.py'], 'verify': ['test -s shop/voucher.py']}
  {'number': 2, 'title': 'Price', 'depends_on': [], 'files': ['shop/price.py'], 'verify': []}
  {'number': 3, 'title': 'Checkout page', 'depends_on': [1, 2], 'files': ['shop/checkout.py'], 'verify': []}
  {'number': 4, 'title': 'Manual', 'depends_on': [1], 'files': ['docs/**'], 'verify': []}

and approves it.

  $ git okstra plan approve --dry-run --yes
  okstra: the plan of DEV-9436 would be approved by ada@example
  okstra: nothing was changed (--dry-run)
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  $ git okstra plan approve --yes
  okstra: the plan of DEV-9436 is approved by ada@example
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  $ git okstra plan approve --yes --json | grep -v approved_at
  {
    "schema": "okstra.plan-approve/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "digest": "sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7",
    "approved_by": "ada@example",
    "notes": []
  }

What `plan show` gives as JSON can be imported again, and says the same.

  $ git okstra plan show --json | git okstra plan import -
  okstra: 4 stages imported for DEV-9436; it is approved already
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  $ git okstra plan show 2>&1 | head -n 1
  okstra: approved by ada@example at ????-??-??T??:??:??Z (glob)

Imported again, from a pipe even, it is the same plan. In an editor it becomes another one, which must be approved again.

  $ git okstra plan import - <~/plan.md
  okstra: 4 stages imported for DEV-9436; it is approved already
  sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7
  $ git okstra plan import ~/plan.md --json
  {
    "schema": "okstra.plan-import/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "digest": "sha256:9a9a7ba20685eca5c793ad2665e73c3bed9e22d114a0dcc04f51c952923c10e7",
    "approved": true,
    "stages": 4,
    "notes": []
  }
  $ echo 'sed -i.old s/Manual/Handbook/ "$1"' >~/editor.sh
  $ GIT_EDITOR="sh $HOME/editor.sh" git okstra plan edit --dry-run --json
  {
    "schema": "okstra.plan-edit/1",
    "changed": true,
    "digest": "sha256:c216bf46c643b04d5e1e093ffd6212a375297a4e335aa0ae8c7ae99a9bcf9208",
    "approved": false,
    "dry_run": true,
    "notes": []
  }
  $ GIT_EDITOR="sh $HOME/editor.sh" git okstra plan edit
  okstra: imported; approve it with: git okstra plan approve
  sha256:c216bf46c643b04d5e1e093ffd6212a375297a4e335aa0ae8c7ae99a9bcf9208
  $ git okstra plan show
  okstra: not approved
  ○   1 Voucher model
  │ ○ 2 Price
  │ │
  ├─○ 3 Checkout page  ← 1, 2
  ╰─○ 4 Handbook       ← 1
  $ GIT_EDITOR=true git okstra plan edit
  okstra: left as it is
  $ GIT_EDITOR=false git okstra plan edit
  okstra: error [usage]: there was a problem with the editor 'false'
  okstra: hint: use another: GIT_EDITOR=… git okstra plan edit
  okstra: hint: or read a file in: git okstra plan import FILE
  [2]
