Who worked on which stage when.

  $ . "$TESTDIR/setup"
  $ ticket
  $ git okstra timeline
  okstra: no stage was begun yet; begin with: git okstra stage auto

Two people work, one of them twice, and somebody gives up. The journal gets the times of a day, so that there is something
to see.

  $ work 1 shop/voucher.py
  $ OKSTRA_OWNER=ben@example work 2 shop/price.py
  $ git okstra merge >/dev/null 2>&1
  $ OKSTRA_OWNER=cho@example git okstra stage 4 >/dev/null 2>&1
  $ OKSTRA_OWNER=cho@example git okstra abandon 4 >/dev/null 2>&1
  $ work 3 shop/checkout.py
  $ python3 - "$(git rev-parse --git-common-dir)/okstra/tasks/dev/dev-9436/journal.jsonl" <<'END_OF_PYTHON'
  > import json, sys
  > times = {
  >     "1 started": "09:00", "2 started": "09:02", "2 done": "09:40", "1 done": "10:10", "1 merged": "10:15",
  >     "2 merged": "10:16", "4 started": "10:20", "4 abandoned": "10:50", "3 started": "10:17", "3 done": "11:30",
  > }
  > events = [json.loads(line) for line in open(sys.argv[1])]
  > with open(sys.argv[1], "w") as journal:
  >     for event in events:
  >         clock = times.get(f"{event.get('stage')} {event['event']}", "08:50")
  >         print(json.dumps({**event, "time": f"2026-11-24T{clock}:00Z"}), file=journal)
  > END_OF_PYTHON
  $ git okstra timeline
  2026-11-24 09:00:00 to 11:30:00 UTC, 2h 30m
                                  09:00                 10:00                  11:00
  * 1 Voucher model  ada@example  ███████████████████████████ ◆                                 1h 10m
    2 Price          ben@example  ████████████████            ◆                                    38m
  * 3 Checkout page  ada@example                               ████████████████████████████     1h 13m
    4 Manual         cho@example                                ░░░░░░░░░░░░                  given up
  
  █ worked on   ◆ merged   ░ given up   * critical path
  3h 01m of work in 2h 23m: 1.3 times as fast as one stage after another
  critical path: stages 1, then 3 (2h 23m); more hands do not make it shorter
  $ git okstra timeline --output ~/timeline.svg
  okstra: the timeline of DEV-9436 is drawn in '$TMPDIR/home/timeline.svg'
  $TMPDIR/home/timeline.svg
  $ git okstra timeline --json | python3 -c '
  > import json, sys
  > seen = json.load(sys.stdin)
  > for name in ("begin", "end", "elapsed_seconds", "working_seconds", "busy_seconds", "speed_up", "critical_path"):
  >     print(name, seen[name])
  > '
  begin 2026-11-24T09:00:00Z
  end 2026-11-24T11:30:00Z
  elapsed_seconds 9000
  working_seconds 10860
  busy_seconds 8580
  speed_up 1.266
  critical_path [1, 3]

Taken up again, a stage is worked on until now.

  $ git okstra reopen 3 >/dev/null 2>&1
  $ git okstra timeline | grep -c 'still open'
  1
