The journal: what happened when, and by whom.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra stage 1 >/dev/null 2>&1
  $ cd "$(git okstra path 1)" && commit shop/voucher.py && git okstra done >/dev/null 2>&1
  $ git okstra merge >/dev/null 2>&1
  $ git okstra log
  ????-??-??T??:??:??Z  ada@example  task-started  category=feat branch=feat-dev-9436 base=11aaa519a1ae (glob)
  ????-??-??T??:??:??Z  ada@example  plan-imported  digest=sha256:9a9a7ba20685 (glob)
  ????-??-??T??:??:??Z  ada@example  plan-approved  digest=sha256:9a9a7ba20685 head=11aaa519a1ae (glob)
  ????-??-??T??:??:??Z  ada@example  stage 1 started  branch=feat-dev-9436-s1 base=11aaa519a1ae (glob)
  ????-??-??T??:??:??Z  ada@example  stage 1 done  head=d95fe1bdcff6 base=11aaa519a1ae (glob)
  ????-??-??T??:??:??Z  ada@example  stage 1 merged  commit=3483e3ae02c3 head=d95fe1bdcff6 (glob)
  $ git okstra log --stage 1 -n 1
  ????-??-??T??:??:??Z  ada@example  stage 1 merged  commit=3483e3ae02c3 head=d95fe1bdcff6 (glob)
  $ git okstra log -n 1 --json
  {
    "schema": "okstra.log/1",
    "task": {
      "key": "shop/dev/dev-9436",
      "id": "DEV-9436"
    },
    "events": [
      {
        "time": "????-??-??T??:??:??Z", (glob)
        "event": "merged",
        "owner": "ada@example",
        "stage": 1,
        "commit": "3483e3ae02c3241ff03c1b2fa618342c9c655b55",
        "head": "d95fe1bdcff6595db11c8e6f48fb228464645064"
      }
    ],
    "notes": []
  }
