Done stages are merged into the task branch, dependencies first, each with a merge commit of its own.

  $ . "$TESTDIR/setup"
  $ ticket
  $ work 1 shop/voucher.py && work 4 docs/voucher.md && work 2 shop/price.py
  $ git okstra merge --dry-run
  okstra: would merge stages 1, 2, 4 into 'feat-dev-9436'
  okstra: nothing was changed (--dry-run)
  $ git okstra merge 4
  okstra: merged stages 1, 4 into 'feat-dev-9436'
  1 3483e3ae02c3241ff03c1b2fa618342c9c655b55
  4 16de0fa43f60ec1b875a7733278ed6e09e13a4e2
  $ git okstra merge
  okstra: merged stage 2 into 'feat-dev-9436'
  2 61bfd5a8ea718e0e4f0d22ffed33206e0a7decc9
  $ git log --oneline --graph
  *   61bfd5a Merge stage 2: Price
  |\  
  | * 8b1908f change shop/price.py
  * |   16de0fa Merge stage 4: Manual
  |\ \  
  | * | 47950a9 change docs/voucher.md
  * | | 3483e3a Merge stage 1: Voucher model
  |\| | 
  | |/  
  |/|   
  | * d95fe1b change shop/voucher.py
  |/  
  * 11aaa51 first commit
  $ git log -1 --format=%B
  Merge stage 2: Price
  
  Task: DEV-9436
  Branch: feat-dev-9436-s2
  

Again there is nothing to do.

  $ git okstra merge
  okstra: nothing to merge: stages 1, 2, 4 are in 'feat-dev-9436' already
  $ git okstra merge --json
  {
    "schema": "okstra.merge/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436",
      "branch": "feat-dev-9436"
    },
    "stages": [],
    "skipped": [
      1,
      2,
      4
    ],
    "notes": []
  }
