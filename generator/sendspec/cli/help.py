"""What `--help` says. The line with a backspace keeps the line breaks of the paragraph below it (click)."""

HELP = """One YAML description of how you send mail, turned into DNS records, ESP configuration and app settings.

\b
Start here:
  sendspec validate               what is wrong with specs/, and how to cure it
  sendspec render                 specs/ -> output/
  sendspec render --check         in CI: is output/ what the spec says?
  sendspec advise                 SMTP or API for each stream, and why
  sendspec explain NAME           why a rule, record, variable or file exists
  sendspec schema > FILE          completion and checks in your editor
  sendspec rehearse               see the live checks work, without an account
  sendspec check                  is the world what the spec says?
  sendspec smoke STREAM           one real message, and the event that comes back
  sendspec pull                   what ESPs issued and SPF trees of others -> lock file
  sendspec plan                   what differs in accounts and zones, and what that means
  sendspec apply                  carry it out, after review
  sendspec drift                  all of it in one report, for every night
  sendspec rotate ESP             a new key, kept, proved, and the old one revoked

\b
Those down to rehearse work offline. Options stand before or after the command;
SENDSPEC_SPEC, SENDSPEC_OUTPUT, SENDSPEC_FORMAT, SENDSPEC_FAIL_ON and
SENDSPEC_TODAY set them too.
"""
EXIT_CODES = """\b
Exit codes:
  0   clean
  1   findings at or above --fail-on (render has written nothing), or a change was refused
  2   something differs (render --check, drift, plan --exit-code)
  3   refused as unsafe
  4   could not determine (a live command could not look at everything) or could not write
  64  the command line is wrong
  70  a fault of sendspec itself
  130 interrupted (Ctrl-C); a live command has reported what was done
"""
VALIDATE_HELP = """Check the spec and its lock file with every rule, offline, and show each finding with its place and its cure.

\b
  sendspec validate
  sendspec validate --fail-on warning        stricter, for CI
  sendspec validate --format json            for programs
  sendspec validate --format github          annotations in the pull request
  sendspec validate --format sarif > FILE    code scanning; junit: test results
  sendspec validate --format markdown        a comment or a job summary

\b
An old setup starts with findings that nobody can cure today. Accepted, they
are quiet, what is new still shows, and each waits for somebody to look:
  sendspec validate --write-accept --because "before sendspec" --until 2027-06-30

It adds to accepted.yaml in the spec folder and touches no other file. Errors and warnings are accepted; with
--fail-on info, infos too. What is wrong with the files themselves (spec-...) cannot be accepted.
"""
CHECK_HELP = """Look at the world, and say of every record, endpoint and credential that the spec implies: as declared, otherwise, or could not be told.

\b
  dns      every authoritative server, then the resolvers: records, delegation, CNAME chains, keys, SPF, DMARC, MTA-STS
  smtp     the submission endpoint of each route, up to the recipient; never a message
  api      each account by its harmless read call: key, scopes, sandbox, quota, webhooks that are registered
  webhook  each URL of `events:`: reachable, refuses what is not signed

\b
  sendspec check
  sendspec check --only dns,smtp --stream receipts
  sendspec check --only dns --shard 3/16 --format json
  sendspec check --resolver 192.0.2.53
  sendspec check --dask tcp://scheduler.example:8786

Credentials are read from where the spec says they are kept (`from:`), when they are needed, and shown nowhere. Without
one, what needs it is *unknown*, and the rest is looked at. Unknown is never good and never bad: exit code 4. Ctrl-C ends
the run and reports what was done.

With --dask the workers look and resolve the credentials: they need the same version of sendspec and access to the stores.
Whoever can reach a Dask cluster can run code there: use one that is yours.

`accept:` in the spec works for these findings too, with the id in their brackets; `sendspec explain ID` tells what an id
means.
"""
PULL_HELP = """Refresh sendspec.lock.yaml beside the spec: what the ESPs have issued, and the SPF records of others that yours include.

\b
  sendspec pull
  sendspec pull --format markdown      for the pull request that updates the lock file

It says what changed, which records change by it and for which streams, and which vendor's SPF tree grew and what that leaves
of the ten DNS lookups. The file is public data, sorted and dated: commit it. Rendering reads it and asks nobody.

What cannot be read (a missing credential, a name server that does not answer) stays as it was and is named; the rest is kept.
Exit code 4 then; 1 when an SPF record that yours include is gone or broken. `sendspec render` writes what follows from it.
"""
PLAN_HELP = """Compare DNS zones and ESP accounts with the spec, and show what would be changed, in which order, and what that means for which
stream. Nothing is changed, here or there.

\b
  sendspec plan
  sendspec plan --exit-code                    in CI: 2 when something differs
  sendspec plan --out plan.json                saved, for review and for `sendspec apply plan.json`
  sendspec plan --format markdown              for the pull request
  sendspec plan --adopt esp/ses-eu             an account that existed before sendspec
  sendspec plan --input subuser_email=env://SUBUSER_EMAIL

\b
Who is asked:
  ESPs   accounts of SES, Postmark and SendGrid, with the credentials below `manage:`; SES and Route 53 with those that
         every AWS tool finds, unless the spec names others
  DNS    zones of `dns: {host: route53}` and `cloudflare` by their API; others by their name servers, and their changes are
         for somebody else to make: the records are printed as they are to be entered

Only what sendspec made or was told to adopt is ever changed or removed. What exists and is otherwise is shown and left alone
until --adopt names it; values of others in a TXT set stay. An account with `managed: files` (the default) is reported, never
changed. What could not be looked at is unknown: nothing is planned there, and the exit code is 4. A plan with changes is no
fault: exit code 0, without --exit-code.

Each change names the line of the spec that it comes from. Of many changes alike the text lists twenty and counts the others; what
goes or stops mail is always listed, and --format json has everything.

Values that an ESP issues are not known before it has made a domain: the plan says what is awaited, and `apply` goes on with it.
"""
APPLY_HELP = """Carry out what `sendspec plan` shows, one change after the other: at the ESPs, then in DNS with what they issued, then what they
take once they see DNS, then events and keys, then removals.

\b
  sendspec apply                               shows the plan and asks
  sendspec apply plan.json --yes               a plan that was saved and reviewed
  sendspec apply --allow-outage newsletter     a change that stops mail of a stream

Before anything is changed the world is read again. A saved plan is refused (exit code 3) when something else would have to be done
now; so is a change that stops mail of a stream, unless --allow-outage names it. One apply at a time for each spec.

Interrupted or killed anywhere, the next run goes on where this one ended: what is about to be made is noted in the lock file
before it is. Commit that file, and what `sendspec render` makes of it. Waiting for an ESP to verify never blocks; run it again
later, or leave that to a nightly job.

What an ESP or a DNS host refuses is reported with its words, and exit code 1; the rest is carried out. Where an answer was lost
or nobody answered the exit code is 4: the next run looks first.
"""
DRIFT_HELP = """Look at everything that can drift from the spec, in one report made for a nightly job.

\b
  files     output/ against what render would write          (render --check)
  outside   DNS, SMTP, API and webhooks as others see them   (check)
  inside    ESP accounts and DNS hosts, setting by setting   (plan)

\b
  sendspec drift
  sendspec drift --only dns,api            of what is seen from outside
  sendspec drift --format markdown         for an issue or a job summary; github, sarif, junit, json too

Nothing is changed. When nothing has drifted it says nothing where its output is piped, and exits with 0; 1 for findings of the
checks, 2 when files, zones or accounts differ, 4 when something could not be looked at: a nightly job that lacks a credential
is never green.
"""
ROTATE_HELP = """Replace the credentials of an ESP account: a new key is made, tried as apps use it, written to the store that the spec
names, tried from there, and the old one revoked after an overlap in which apps are deployed anew.

\b
  sendspec rotate ses-eu                          every key of the account
  sendspec rotate ses-eu --credential smtp_password --overlap 2h
  sendspec rotate --due --yes                     for cron: what is older than rotate_every, and what is under way
  sendspec rotate --due --yes --metrics /var/lib/node_exporter/credentials.prom
  sendspec rotate ses-eu --dkim                   DKIM keys of all its domains
  sendspec rotate ses-eu --dkim news.northwind.example

\b
How, by ESP:
  SES        another access key of the same IAM user, of which AWS allows two; the SMTP password follows from it and the
             region. The old key is made inactive after the overlap, and deleted after another one: until then it can be
             switched on again
  SendGrid   another API key with the scopes of its streams; the old one is deleted after the overlap
  Postmark   has no call for tokens: the command says what to do, and each run goes on from where you are

Each run does what is due and ends; nothing waits. How far it has come is in the lock file, without any secret: commit it. Killed
anywhere, the next run goes on or takes back what was begun, and the key that apps have stays valid. A key that a store of the
spec holds is never revoked, nor one that was used lately.

DKIM keys change in dated steps: the new record is published beside the old one (`sendspec apply`), the ESP signs with it once every
name server has it, and the old record stays while mail is on its way. SendGrid and Easy DKIM do that by themselves.

Accounts with `managed: files` are refused (exit code 3). With --due, exit code 2 means that only people can do what is due.
"""
SMOKE_HELP = """Send one real message through the path that production mail takes, and wait for the event that must come back.

Everything is shown before it happens: the command or the routes, where the message goes, which credentials are read, what it
costs, which event is waited for. Without --yes it asks; where nobody can be asked it is refused (exit code 3).

\b
  sendspec smoke receipts
  sendspec smoke receipts --route fallback        before the day it is needed
  sendspec smoke receipts --yes --metrics /var/lib/node_exporter/receipts.prom
  sendspec smoke support --yes --queue https://sqs.eu-west-1.amazonaws.com/123456789012/smoke
  sendspec smoke newsletter --listen 127.0.0.1:8025      behind a tunnel that the ESP's webhook points to

The path is the app's own: `apps.X.smoke_test: [argv]`, run without a shell in the folder that holds the spec folder. It gets
the variables that sendspec renders for the app, its credentials resolved, and

\b
  SENDSPEC_SMOKE_TO        where to send           {to} in the command
  SENDSPEC_SMOKE_SUBJECT   the subject to use      {subject}
  SENDSPEC_SMOKE_MARKER    in the subject already; as metadata too if you like   {marker}

and little else of this shell (PATH, HOME, LANG and their like; --pass-env NAME for more). Its exit code decides, and the event
is recognised by the address, the subject or the marker.

Without a `smoke_test:` the message goes through the route itself, by SMTP or the API, each route once. When the primary fails and
its account or endpoint is at fault, the fallback is tried; never when the recipient or the content was refused, and never when
the message had left and nobody knows whether it was taken.

\b
The event comes back by, in this order:
  --listen    a receiver here; signatures are checked where the ESP signs
  --queue     for SES: an SQS queue that its SNS topic feeds (AWS credentials of this shell). The message about this test
              is deleted from it, all others stay, hidden for 30 s: a queue of its own is better
  its API     Postmark tells what became of a message
Where none is there, that the message was taken is reported, and the event as unknown: exit code 4, never 0. A canary sets
SENDSPEC_SMOKE_QUEUE, SENDSPEC_SMOKE_LISTEN and SENDSPEC_SMOKE_EVENT_KEY in its environment, once for all streams.
"""
REHEARSE_HELP = """See the live checks at work without an account, a domain or a network.

A name server with the rendered zones, submission endpoints with TLS and logins, stand-ins of the ESPs' APIs and webhooks
run on this machine for as long as the command does, and `sendspec check` looks at them. What is pending gets made-up
values, and so do credentials: no store is read, and nothing leaves the machine. A sound spec has no findings.

\b
  sendspec rehearse
  sendspec rehearse --list                    which faults there are
  sendspec rehearse --fault dns-wrong-key
  sendspec rehearse --fault all               exit code 0 only if each is named by its own finding

With a fault of an endpoint a message is sent as well: it shows which faults must make an application fail over, which must
not (422, a refused recipient), and after which nobody knows whether the message was taken.
"""
ADVISE_HELP = """Say SMTP or API for each stream: the reasons, the numbers at its peak, what is lost, what would change the answer.

It stands beside what the spec declares and changes nothing. Eight dimensions are compared: integration effort, latency, throughput,
feature access, deliverability feedback, dependency on the ESP, template management, typical use case.

\b
  sendspec advise
  sendspec advise newsletter
  sendspec advise --format json

\b
What decides, in the spec; all optional:
  streams.X.volume          per_day, peak_per_hour
  streams.X.needs           templates, batching, webhooks, metadata, scheduling, ...
  streams.X.working         smtp or api: an integration that runs today
  streams.X.portable        true: to change the ESP must stay easy
  apps.X.speaks, process, rtt_ms, blocked_ports
  advice                    other thresholds and latencies than the published ones
"""
SCHEMA_HELP = """Print the JSON Schema of the spec.

Written beside the spec, it gives completion and checks in every editor that reads this first line of a YAML file:

\b
  # yaml-language-server: $schema=./sendspec.schema.json
"""
RENDER_HELP = """Write what the spec says: the old output folder is replaced as a whole or not at all.

Files that the spec no longer produces are removed, files that are not sendspec's stay. With findings at or above
--fail-on nothing is written.

\b
  sendspec render
  sendspec render --output /tmp/try     look at it somewhere else
  sendspec render --check               exit code 2 and a diff when output/ differs
"""
EXPLAIN_HELP = """Say why something exists: from which line, by which standard, and what breaks without it.

NAME is a rule id, a stream, a DNS record, an environment variable or an output file. For a record that waits for its ESP, the
entry to paste into the lock file is printed.

\b
  sendspec explain spf-two-records
  sendspec explain receipts                         what carries a stream through DMARC
  sendspec explain pm-bounces.mail.example.com
  sendspec explain _dmarc TXT                       relative to the zone
  sendspec explain '*._domainkey.mail.example.com'
  sendspec explain MAIL_RECEIPTS_PRIMARY_HOST
  sendspec explain output/dns/example.com/zone.db
"""
